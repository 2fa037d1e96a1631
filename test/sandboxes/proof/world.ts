import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Network } from './network';
import { COMPILED } from '../../support/built-server';

export const ROOT = join(__dirname, '..', '..', '..');
export const AGENTS = join(ROOT, 'examples', 'agents');
export const NODE = join(AGENTS, 'node_modules', 'node', 'bin', 'node');
const STARTED_MS = 60_000;
const ANSWERED_MS = 60_000;

const children = new Set<ChildProcess>();
process.once('exit', () => children.forEach(child => child.kill('SIGKILL')));

/** Starts a program, on a host of the network or here, and returns what it prints first. */
export async function serve(
  program: string, args: readonly string[], network?: { readonly of: Network; readonly host: string },
): Promise<{ readonly line: string; readonly child: ChildProcess }> {
  const command = [NODE, program, ...args];
  const [name, ...rest] = network ? ['nsenter', `--net=${network.of.pathOf(network.host)}`, ...command] : command;
  const child = spawn(name!, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', text => printed += text);
  const last = Date.now() + STARTED_MS;
  while (!printed.includes('\n')) {
    if (child.exitCode !== null || Date.now() > last) {
      throw new Error(`${program} does not start: ${printed}`);
    }
    await sleep(50);
  }
  return { line: printed, child };
}

/** Ends a program, which cleans up after itself. */
export async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  await ended;
  children.delete(child);
}

/** A real Flue server, as a task that Amazon ECS knows; its class says how its version of Flue is asked. */
export abstract class FlueServer {
  protected log = '';
  private child?: ChildProcess;
  private readonly metadata: Server;

  public constructor(
    private readonly directory: string, public readonly arn: string, protected readonly port: number,
    private readonly environment: { readonly [name: string]: string },
  ) {
    this.metadata = createServer((_, response) => response.end(JSON.stringify({ TaskARN: arn })));
  }

  public async start(): Promise<void> {
    await new Promise<void>(done => this.metadata.listen(0, '127.0.0.1', done));
    const { port } = this.metadata.address() as AddressInfo;
    this.child = spawn(NODE, ['dist/server.mjs'], {
      cwd: this.directory,
      env: { PATH: process.env.PATH, ...COMPILED, ...this.environment, PORT: String(this.port), ECS_CONTAINER_METADATA_URI_V4: `http://127.0.0.1:${port}/v4/1` },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(this.child);
    [this.child.stdout!, this.child.stderr!].forEach(stream => stream.setEncoding('utf8').on('data', text => this.log += text));
    const within = Date.now() + STARTED_MS;
    while (Date.now() < within && this.child.exitCode === null) {
      if ((await fetch(`http://127.0.0.1:${this.port}/health`).catch(() => undefined))?.ok) {
        return;
      }
      await sleep(50);
    }
    throw new Error(`the server does not start:\n${this.log}`);
  }

  /** What the agent answers in a conversation. */
  public abstract ask(id: string, message: string): Promise<string>;

  /** Says that a conversation is over. */
  public async over(id: string): Promise<void> {
    const { status } = await fetch(`http://127.0.0.1:${this.port}/sandboxes/${encodeURIComponent(id)}`, { method: 'DELETE' });
    if (status !== 204) {
      throw new Error(`the end of a conversation was answered ${status}`);
    }
  }

  protected async send(method: 'GET' | 'POST', id: string, expected: number, body?: object): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${this.port}/agents/shell/${encodeURIComponent(id)}`, {
      method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body), signal: AbortSignal.timeout(ANSWERED_MS),
    });
    const answer = await response.text();
    if (response.status !== expected) {
      throw new Error(`the agent answered ${response.status}: ${answer}\n${this.log}`);
    }
    return JSON.parse(answer);
  }

  public async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.metadata.closeAllConnections();
    this.metadata.close();
    const { child } = this;
    this.child = undefined;
    if (child && child.exitCode === null) {
      const ended = once(child, 'close');
      child.kill(signal);
      await ended;
      children.delete(child);
    }
  }
}

export class Flue0Server extends FlueServer {
  public async ask(id: string, message: string): Promise<string> {
    const { result } = await this.send('POST', id, 200, { message }) as { result: { text: string } };
    return result.text;
  }
}

interface History {
  readonly messages: ReadonlyArray<{
    readonly role: string;
    readonly submissionId: string;
    readonly parts: ReadonlyArray<{ readonly text?: string }>;
  }>;
  readonly settlements: ReadonlyArray<{ readonly submissionId: string; readonly outcome: string }>;
}

/** Takes a message at once; its answer is read from the conversation. */
export class Flue2Server extends FlueServer {
  public async ask(id: string, message: string): Promise<string> {
    const { submissionId } = await this.send('POST', id, 202, { kind: 'user', body: message }) as { submissionId: string };
    for (const last = Date.now() + ANSWERED_MS; Date.now() < last; await sleep(50)) {
      const { messages, settlements } = await this.send('GET', id, 200) as History;
      const outcome = settlements.find(each => each.submissionId === submissionId)?.outcome;
      if (outcome === 'completed') {
        const answers = messages.filter(each => each.role === 'assistant' && each.submissionId === submissionId);
        return answers.flatMap(({ parts }) => parts.map(({ text = '' }) => text)).join('');
      }
      if (outcome !== undefined) {
        throw new Error(`the agent ended with ${outcome}:\n${this.log}`);
      }
    }
    throw new Error(`the agent does not answer:\n${this.log}`);
  }
}
