import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';

export interface Asked {
  readonly port: number;
  readonly path: string;
  readonly host?: string;
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
  readonly timeoutMs: number;
  readonly agent?: Agent;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly milliseconds: number;
}

/** One request, as a load balancer sends it: no redirect is followed, and the answer has to be whole in time. */
export async function ask(asked: Asked): Promise<Answer> {
  const started = performance.now();
  const { response, end } = await open(asked);
  try {
    let body = '';
    response.setEncoding('utf8');
    for await (const chunk of response) {
      body += chunk;
    }
    return { status: response.statusCode!, headers: response.headers, body, milliseconds: performance.now() - started };
  } finally {
    end();
  }
}

/** Sends a request and resolves with the beginning of its answer. */
export function open(asked: Asked): Promise<{ response: IncomingMessage; end: () => void }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: asked.host ?? '127.0.0.1', port: asked.port, path: asked.path, method: asked.method ?? 'GET', headers: asked.headers, agent: asked.agent ?? false,
    });
    const timer = setTimeout(() => request.destroy(new Error(`no answer within ${asked.timeoutMs / 1000} s`)), asked.timeoutMs);
    request.on('response', response => resolve({ response, end: () => clearTimeout(timer) }));
    request.on('error', error => {
      clearTimeout(timer);
      reject(error);
    });
    request.end(asked.body);
  });
}
