import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

interface Message {
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool';
  readonly content: string | { readonly text?: string }[] | null;
}

export interface ModelServer {
  readonly env: Record<string, string>;
  close(): Promise<void>;
}

/**
 * Speaks just enough of the streaming chat-completions API. It answers with an echo and the number of
 * user turns it was shown, so a test can see what history was sent:
 *   "<text>"        echoes the text
 *   "run: <shell>"  calls the bash tool, then echoes what the tool returned
 *   "call: <tool> <arguments in JSON>"  calls that tool, then echoes what it returned
 *   "slow: <text>"  pauses between words
 */
export async function startModelServer(): Promise<ModelServer> {
  const server = createServer(async (request, response) => {
    if (request.url !== '/v1/chat/completions') {
      response.writeHead(404).end();
      return;
    }
    const { messages } = JSON.parse(await text(request)) as { messages: Message[] };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    await reply(messages, response);
    response.end('data: [DONE]\n\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    env: {
      OPENAI_COMPATIBLE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
      MODEL_SPECIFIER: 'openai-compatible/echo',
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function reply(messages: Message[], response: ServerResponse): Promise<void> {
  const turns = messages.filter(({ role }) => role === 'user');
  const asked = contentOf(turns.at(-1));
  const last = messages.at(-1);

  const call = toolCallOf(asked);
  if (call && last?.role !== 'tool') {
    chunk(response, { tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: call }] });
    chunk(response, {}, 'tool_calls');
    return;
  }

  const answer = last?.role === 'tool' ? `tool said: ${contentOf(last)}` : `turn ${turns.length}: ${asked}`;
  for (const word of answer.split(/(?<= )/)) {
    if (asked.startsWith('slow: ')) await sleep(200);
    if (response.destroyed) return;
    chunk(response, { content: word });
  }
  chunk(response, {}, 'stop');
}

function toolCallOf(asked: string): { name: string; arguments: string } | undefined {
  if (asked.startsWith('run: ')) return { name: 'bash', arguments: JSON.stringify({ command: asked.slice('run: '.length) }) };
  const [, name, given] = /^call: (\w+) (.*)$/s.exec(asked) ?? [];
  return name !== undefined && given !== undefined ? { name, arguments: given } : undefined;
}

function contentOf(message: Message | undefined): string {
  const content = message?.content ?? '';
  return typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('');
}

function chunk(response: ServerResponse, delta: object, finishReason: string | null = null): void {
  const event = {
    id: 'chatcmpl-test',
    object: 'chat.completion.chunk',
    created: 0,
    model: 'echo',
    choices: [{ index: 0, delta, finish_reason: finishReason }],
    ...(finishReason && { usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } }),
  };
  response.write(`data: ${JSON.stringify(event)}\n\n`);
}
