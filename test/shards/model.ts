import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

const DELAY_MS = 20;

type Content = string | readonly { readonly text?: string }[] | null;

/** A model that answers with the number of turns it was shown and the last text, and counts how often it saw each text. */
export class Model {
  public static async start(): Promise<Model> {
    const model = new Model();
    model.server.listen(0, '127.0.0.1');
    await once(model.server, 'listening');
    return model;
  }

  private readonly seen = new Map<string, number>();
  private readonly server = createServer(async (request, response) => {
    const { messages } = JSON.parse(await text(request)) as { messages: { role: string; content: Content }[] };
    const turns = messages.filter(({ role }) => role === 'user').map(({ content }) => textOf(content));
    const asked = turns[turns.length - 1];
    this.seen.set(asked, (this.seen.get(asked) ?? 0) + 1);
    await sleep(DELAY_MS);
    const chunk = (delta: object, finish_reason: string | null) => `data: ${JSON.stringify({
      id: 'c',
      object: 'chat.completion.chunk',
      created: 0,
      model: 'echo',
      choices: [{ index: 0, delta, finish_reason }],
      ...finish_reason && { usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } },
    })}\n\n`;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`${chunk({ role: 'assistant', content: `turn ${turns.length}: ${asked}` }, null)}${chunk({}, 'stop')}data: [DONE]\n\n`);
  });

  public get environment(): { readonly [name: string]: string } {
    const { port } = this.server.address() as AddressInfo;
    return { OPENAI_COMPATIBLE_URL: `http://127.0.0.1:${port}/v1`, MODEL_SPECIFIER: 'openai-compatible/echo' };
  }

  /** The texts that came more than once. */
  public get repeated(): string[] {
    return [...this.seen].filter(([, count]) => count > 1).map(([asked]) => asked);
  }

  public close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

function textOf(content: Content): string {
  return typeof content === 'string' ? content : (content ?? []).map(part => part.text ?? '').join('');
}
