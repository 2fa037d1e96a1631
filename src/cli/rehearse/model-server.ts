import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A prompt that begins with this is never answered: it holds a stream open. */
export const HOLD = 'hold';

export interface ModelServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Speaks as much of the streaming chat-completions API as a rehearsal needs, so that no prompt is paid for: it echoes. */
export async function startModelServer(): Promise<ModelServer> {
  const server = createServer((request, response) => {
    text(request).then(body => reply(body, response)).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function reply(body: string, response: ServerResponse): void {
  const { messages = [] } = JSON.parse(body || '{}') as { messages?: { role?: string; content?: unknown }[] };
  const content = messages.filter(({ role }) => role === 'user').pop()?.content;
  const asked = typeof content === 'string' ? content : Array.isArray(content) ? content.map(part => part?.text ?? '').join('') : '';
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (asked.startsWith(HOLD)) {
    response.flushHeaders();
    return;
  }
  chunk(response, { role: 'assistant', content: `echo: ${asked}` }, null);
  chunk(response, {}, 'stop');
  response.end('data: [DONE]\n\n');
}

function chunk(response: ServerResponse, delta: object, finishReason: string | null): void {
  response.write(`data: ${JSON.stringify({
    id: 'rehearsal',
    object: 'chat.completion.chunk',
    created: 0,
    model: 'echo',
    choices: [{ index: 0, delta, finish_reason: finishReason }],
    ...finishReason ? { usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } } : {},
  })}\n\n`);
}
