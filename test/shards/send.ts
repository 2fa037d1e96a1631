import { request, type Agent, type OutgoingHttpHeaders } from 'node:http';

export interface Sent {
  readonly port: number;
  readonly method?: string;
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: object;
  readonly agent?: Agent;
  readonly timeoutMs: number;
}

export interface Answer {
  /** A status, 0 for a connection that was cut, or -1 for no answer in time. */
  readonly status: number;
  readonly body: string;
}

/** Sends a request, with its path as it is written. */
export function send({ port, method = 'POST', path, headers, body, agent, timeoutMs }: Sent): Promise<Answer> {
  const text = body && JSON.stringify(body);
  return new Promise(resolve => {
    const sent = request({
      agent: agent ?? false,
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: { ...headers, ...text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) } },
    }, response => {
      let answer = '';
      response.setEncoding('utf8').on('data', chunk => answer += chunk);
      response.on('error', () => undefined);
      response.on('close', () => end(response.complete ? response.statusCode! : 0, answer));
    });
    const timer = setTimeout(() => {
      end(-1, '');
      sent.destroy();
    }, timeoutMs);
    const end = (status: number, answer: string) => {
      clearTimeout(timer);
      resolve({ status, body: answer });
    };
    sent.on('error', error => end(0, error.message));
    sent.end(text);
  });
}
