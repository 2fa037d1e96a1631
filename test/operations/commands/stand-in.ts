import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deployed } from './deployed';

/** A call that reached the API: `ecs:DescribeServices`, and its parameters. */
export type Call = [operation: string, parameters: Record<string, unknown>];

/** What the API answers to a call: a document, XML or JSON as its protocol has it; an error where it has a `__type`. */
export type Answer = string | object;

export interface Pasted {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly calls: Call[];
}

/** Pastes a command into a shell, with the real AWS CLI in front of a stand-in for the APIs. */
export async function paste(
  command: unknown, answer: (...call: Call) => Answer | undefined, variables: Record<string, string> = {},
): Promise<Pasted> {
  const calls: Call[] = [];
  const server = createServer(async (request, response) => {
    const call = callOf(request, await bodyOf(request));
    calls.push(call);
    const document = answer(...call) ?? { __type: 'ClientException', message: `no answer to ${call[0]}` };
    const isError = typeof document === 'object' && '__type' in document;
    response.writeHead(isError ? 400 : 200, { 'content-type': typeof document === 'string' ? 'text/xml' : 'application/x-amz-json-1.1' });
    response.end(typeof document === 'string' ? document : JSON.stringify(document));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const child = spawn('/bin/sh', ['-c', deployed(command)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: 'operator',
      AWS_SECRET_ACCESS_KEY: 'operator',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_MAX_ATTEMPTS: '1',
      NO_PROXY: '127.0.0.1',
      ...variables,
    },
  });
  const texts = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) child[stream].setEncoding('utf8').on('data', text => { texts[stream] += text; });
  const [status] = await once(child, 'close');
  server.close();
  return { status, ...texts, calls };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  return body;
}

/** The name of a service stands in what its calls are signed for. */
function callOf({ headers }: IncomingMessage, body: string): Call {
  const service = /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(headers.authorization ?? '');
  const name = `${service?.[1]} ${service?.[2]}`;
  const target = headers['x-amz-target'];
  if (typeof target === 'string') {
    return [`${name}:${target.split('.')[1]}`, JSON.parse(body)];
  }
  const { Action, Version: _version, ...parameters } = Object.fromEntries(new URLSearchParams(body));
  return [`${name}:${Action}`, parameters];
}
