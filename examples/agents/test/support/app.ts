import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_BUDGET_MS = 15_000;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

const children = new Set<ChildProcess>();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

/** The built server as a child process, with nothing of the caller's environment but PATH. */
export class App {
  readonly url: string;
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  #output = '';

  private constructor(port: number, env: Record<string, string>) {
    this.url = `http://127.0.0.1:${port}`;
    this.#child = spawn(process.execPath, ['dist/server.mjs'], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, PORT: String(port), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(this.#child);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    }
    this.exited = once(this.#child, 'close').then(([code, signal]) => {
      children.delete(this.#child);
      return { code, signal, output: this.#output };
    });
  }

  get output(): string {
    return this.#output;
  }

  /** Starts a server and waits until /health answers. */
  static async start(env: Record<string, string> = {}): Promise<App> {
    for (let attempt = 1; ; attempt++) {
      const app = await App.spawn(env);
      try {
        await app.#healthy();
        return app;
      } catch (error) {
        await app.stop('SIGKILL');
        const portWasTaken = app.output.includes('EADDRINUSE');
        if (!portWasTaken || attempt === 3) throw error;
      }
    }
  }

  /** Starts a server that is expected not to come up. */
  static async spawn(env: Record<string, string> = {}): Promise<App> {
    return new App(await freePort(), env);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    this.#child.kill(signal);
    return this.exited;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.url + path, { headers, redirect: 'manual', signal: AbortSignal.timeout(15_000) });
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
  }

  /** Prompts the assistant and returns the text of its reply. */
  async ask(id: string, message: string): Promise<string> {
    const response = await this.post(`/agents/assistant/${id}`, { message });
    if (!response.ok) throw new Error(`The agent answered ${response.status}: ${await response.text()}`);
    const { result } = (await response.json()) as { result: { text: string } };
    return result.text;
  }

  async #healthy(): Promise<void> {
    const deadline = Date.now() + START_BUDGET_MS;
    while (Date.now() < deadline) {
      if (this.#child.exitCode !== null) break;
      const response = await this.get('/health').catch(() => undefined);
      if (response?.ok) return;
      await sleep(50);
    }
    throw new Error(`The server did not become healthy:\n${this.#output}`);
  }
}
