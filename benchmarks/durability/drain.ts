import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../../src/cli/rehearse/http/request';
import { findPostgres, startPostgres } from '../../src/cli/rehearse/postgres/embedded';
import { NodeRuntime } from '../../src/cli/rehearse/runtime/node-runtime';
import { freePort } from '../../src/cli/rehearse/runtime/port';

/**
 * How the example agents end when prompts are attached: what a load balancer's drain before SIGTERM changes.
 *
 * A load balancer that deregisters a target sends no new request. When the delay is over it closes what is still open, and
 * ECS sends SIGTERM; when nothing is open any more, ECS sends it at once. Prints a table.
 */

const AGENTS = join(__dirname, '..', '..', 'examples', 'agents');
/** What ECS gives the server after SIGTERM, by the default of the constructs. */
const STOP_SECONDS = 90;
const INSTANCES = 4;

interface Case {
  /** Seconds that the model takes for one reply. */
  readonly model: number;
  /** Prompts that wait behind each other in one conversation. */
  readonly depth: number;
  /** Seconds of drain before SIGTERM. */
  readonly drain: number;
  /** Whether what is open is closed when the drain is over. */
  readonly cut: boolean;
}

const CASES: Case[] = [
  { model: 10, depth: 1, drain: 0, cut: false },
  { model: 10, depth: 1, drain: 15, cut: true },
  { model: 10, depth: 2, drain: 15, cut: true },
  { model: 10, depth: 2, drain: 15, cut: false },
  { model: 40, depth: 1, drain: 15, cut: true },
  { model: 40, depth: 1, drain: 15, cut: false },
  { model: 40, depth: 2, drain: 15, cut: true },
  { model: 40, depth: 2, drain: 15, cut: false },
  { model: 40, depth: 1, drain: 45, cut: true },
  { model: 40, depth: 2, drain: 90, cut: true },
];

/** Answers each completion after a time, by streaming. */
async function startSlowModel(seconds: () => number) {
  const server = createServer((incoming, response) => {
    incoming.resume().on('end', async () => {
      const chunk = (delta: object, finish: string | null) => `data: ${JSON.stringify({
        id: 'drain',
        object: 'chat.completion.chunk',
        created: 0,
        model: 'echo',
        choices: [{ index: 0, delta, finish_reason: finish }],
        ...finish ? { usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } } : {},
      })}\n\n`;
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      await sleep(seconds() * 1000);
      response.end(`${chunk({ role: 'assistant', content: 'done' }, null)}${chunk({}, 'stop')}data: [DONE]\n\n`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, server };
}

/** An attached prompt whose connection can be closed as a load balancer closes it. */
function prompt(port: number, path: string) {
  const sent = request({ port, path, method: 'POST', headers: { 'content-type': 'application/json' } });
  const outcome = new Promise<string>(resolve => {
    sent.on('response', (response: IncomingMessage) => {
      response.resume().on('end', () => resolve(String(response.statusCode))).on('error', () => resolve('cut'));
    });
    sent.on('error', () => resolve('cut'));
  });
  sent.end(JSON.stringify({ message: 'tell me' }));
  return { outcome, cut: () => sent.destroy() };
}

async function main(): Promise<void> {
  let modelSeconds = 0;
  const [database, model] = await Promise.all([startPostgres(findPostgres([AGENTS]), 'localhost'), startSlowModel(() => modelSeconds)]);
  const runtime = new NodeRuntime({ directory: AGENTS, command: ['node', 'dist/server.mjs'], user: 'node' });
  const rows: string[] = [];
  const chosen = process.argv[2] ? process.argv[2].split(',').map(Number) : CASES.keys();
  try {
    for (const index of chosen) {
      const { model: seconds, depth, drain, cut } = CASES[index];
      modelSeconds = seconds;
      const port = await freePort();
      const server = await runtime.start({
        environment: {
          PORT: String(port),
          DATABASE_URL: database.url,
          NODE_EXTRA_CA_CERTS: 'set by the runtime',
          NODE_OPTIONS: '--unhandled-rejections=warn',
          MODEL_SPECIFIER: 'openai-compatible/echo',
          OPENAI_COMPATIBLE_URL: model.url,
        },
        caFile: database.caFile,
      });
      while (await ask({ port, path: '/health', timeoutMs: 1000 }).then(({ status }) => status !== 200, () => true)) {
        await sleep(50);
      }
      const prompts = Array.from({ length: INSTANCES * depth }, (_, at) => prompt(port, `/agents/assistant/drain-${index}-${at % INSTANCES}`));
      const all = Promise.all(prompts.map(({ outcome }) => outcome));
      await sleep(2000);
      const drainStart = performance.now();
      await Promise.race([all, sleep(drain * 1000)]);
      const drained = (performance.now() - drainStart) / 1000;
      if (cut) {
        prompts.forEach(it => it.cut());
      }
      const since = performance.now();
      await server.signal('SIGTERM');
      const ended = await Promise.race([server.exited.then(() => true), sleep(STOP_SECONDS * 1000).then(() => false)]);
      const took = (performance.now() - since) / 1000;
      await server.signal('SIGKILL');
      await server.exited;
      const heard = await all;
      const count = (what: string) => heard.filter(it => it === what).length;
      const others = [...new Set(heard)].filter(it => it !== '200' && it !== 'cut');
      rows.push(`| ${seconds} s × ${depth} | ${drain} s (took ${drained.toFixed(0)} s) | ${cut ? 'closed' : 'kept'} | ${count('200')} × 200${others.map(it => `, ${count(it)} × ${it}`).join('')}, ${count('cut')} cut | ${ended ? `${took.toFixed(1)} s` : `**not within ${STOP_SECONDS} s**`} |`);
      console.error(rows[rows.length - 1]);
    }
  } finally {
    runtime.killAll();
    await database.close();
    model.server.closeAllConnections();
    model.server.close();
  }
  console.log(`| reply × prompts in a row | drain | what is open then | clients | SIGTERM to the end |\n|---|---|---|---|---|\n${rows.join('\n')}`);
}

main().then(() => process.exit(0), error => {
  console.error(error);
  process.exit(1);
});
