/** Where the model listens, beside the server that asks it. */
export const MODEL_PORT = 18_099;
/** A prompt of this word and a number is answered after so many milliseconds, without a byte before. */
export const HOLD = 'hold';
/** Begins every line in which a process says that it is alive. */
export const OWNER = 'live-owner';
/** A server with this variable ends at once, as one does whose image is broken. */
export const BROKEN = 'LIVE_BROKEN';

/*
 * Runs in the server's own process before the app, by `--import`, so that every host of any image has it: a model that answers with the
 * number of the turn and the prompt, and a line in the log each second with an id that no other process has.
 */
const SOURCE = `
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
if (process.env.${BROKEN}) process.exit(1);
const said = content => typeof content === 'string' ? content : (content ?? []).map(part => part.text ?? '').join('');
const model = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const turns = (JSON.parse(body || '{}').messages ?? []).filter(({ role }) => role === 'user').map(({ content }) => said(content));
  const asked = turns.at(-1) ?? '';
  const held = /^${HOLD} (\\d+)$/.exec(asked);
  if (held) await new Promise(resolve => setTimeout(resolve, Number(held[1])));
  const chunk = (delta, reason) => 'data: ' + JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 0, model: 'echo',
    choices: [{ index: 0, delta, finish_reason: reason }], ...(reason && { usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } }) }) + '\\n\\n';
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(chunk({ role: 'assistant', content: 'turn ' + turns.length + ': ' + asked }, null) + chunk({}, 'stop') + 'data: [DONE]\\n\\n');
});
model.on('error', () => {});
model.listen(${MODEL_PORT}, '127.0.0.1', () => {
  model.unref();
  const id = randomUUID();
  const say = () => console.log('${OWNER} ' + id + ' ' + Date.now());
  say();
  setInterval(say, 1000).unref();
});
`;

/** The variables with which a server of the example answers without a model that anyone pays for. */
export function modelEnvironment(): { readonly [name: string]: string } {
  return {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(SOURCE.replace(/\n\s*/g, '\n').trim())}`,
    OPENAI_COMPATIBLE_URL: `http://127.0.0.1:${MODEL_PORT}/v1`,
    MODEL_SPECIFIER: 'openai-compatible/echo',
  };
}

/** When a process was seen first and last, in milliseconds. */
export interface Owner {
  readonly id: string;
  readonly from: number;
  readonly to: number;
}

/** The processes that the lines of a log tell of, the first one first. */
export function ownersIn(lines: Iterable<string>): Owner[] {
  const owners = new Map<string, Owner>();
  for (const line of lines) {
    const [, id, at] = new RegExp(`${OWNER} ([\\w-]+) (\\d+)`).exec(line) ?? [];
    if (id !== undefined) {
      const { from, to } = owners.get(id) ?? { from: Infinity, to: 0 };
      owners.set(id, { id, from: Math.min(from, Number(at)), to: Math.max(to, Number(at)) });
    }
  }
  return [...owners.values()].sort((a, b) => a.from - b.from);
}

/** For how long two processes were alive at the same time, in milliseconds; 0 where never. */
export function overlapOf(owners: readonly Owner[]): number {
  const spans = owners.flatMap((one, index) => owners.slice(index + 1).map(other => Math.min(one.to, other.to) - Math.max(one.from, other.from)));
  return Math.max(0, ...spans);
}
