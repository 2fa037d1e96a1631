import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** The status of an answer that did not come, or not in full. */
export const CUT = 0;
const PATIENCE_MS = 120_000;

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly milliseconds: number;
  /** Where a redirect leads. */
  readonly location?: string;
}

export interface Asked {
  readonly method?: string;
  readonly token?: string;
  readonly body?: object;
  readonly agent?: HttpAgent;
  readonly cookie?: string;
  /** Takes a certificate that nobody vouches for. */
  readonly selfSigned?: boolean;
  readonly patienceMs?: number;
}

/** Connections that are kept, as many as one wants. */
export function keepingAgent(url: string, maxSockets: number): HttpAgent {
  return new (url.startsWith('https:') ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets });
}

/** One request; an answer that is cut or late has the status `CUT`. */
export function ask(base: string, path: string, asked: Asked = {}): Promise<Answer> {
  const { method, token, body, agent, cookie, selfSigned = false, patienceMs = PATIENCE_MS } = asked;
  const started = performance.now();
  const content = body === undefined ? undefined : JSON.stringify(body);
  return new Promise(resolve => {
    const end = (status: number, text: string, location?: string) => {
      clearTimeout(timer);
      resolve({ status, body: text, milliseconds: performance.now() - started, location });
    };
    const send = base.startsWith('https:') ? httpsRequest : httpRequest;
    const sent = send(`${base.replace(/\/$/, '')}${path}`, {
      method: method ?? (content === undefined ? 'GET' : 'POST'),
      agent: agent ?? false,
      rejectUnauthorized: !selfSigned,
      headers: {
        ...content === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) },
        ...token === undefined ? {} : { authorization: `Bearer ${token}` },
        ...cookie === undefined ? {} : { cookie },
      },
    }, response => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => text += chunk);
      response.on('error', () => undefined);
      response.on('close', () => end(response.complete ? response.statusCode! : CUT, text, response.headers.location));
    });
    const timer = setTimeout(() => sent.destroy(new Error('late')), patienceMs);
    sent.on('error', error => end(CUT, error.message));
    sent.end(content);
  });
}

/** The reply of a prompt, or nothing. */
export function replyIn({ body }: Answer): string | undefined {
  try {
    return (JSON.parse(body) as { result?: { text?: string } }).result?.text;
  } catch {
    return undefined;
  }
}
