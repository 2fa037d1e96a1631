import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = join(__dirname, '../../../assets/sandbox/daemon.mjs');

export interface Reply {
  readonly status: number;
  readonly body: Buffer;
  readonly json: Record<string, unknown>;
}

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly last: { readonly exitCode: number; readonly timedOut?: true; readonly truncated?: true };
}

/** A real daemon with a workspace and a place for temporary files of its own. */
export class Daemon {
  public static async start(environment: NodeJS.ProcessEnv = {}): Promise<Daemon> {
    const daemon = new Daemon(environment);
    await daemon.listens;
    return daemon;
  }

  public readonly token = randomBytes(32).toString('hex');
  public readonly workspace = realpathSync(mkdtempSync(join(tmpdir(), 'sandbox-workspace-')));
  public readonly temporary = realpathSync(mkdtempSync(join(tmpdir(), 'sandbox-tmp-')));
  public log = '';
  public port = 0;
  public readonly exit: Promise<number | null>;
  private readonly process: ChildProcess;
  private readonly listens: Promise<void>;

  private constructor(environment: NodeJS.ProcessEnv) {
    this.process = spawn(process.execPath, [PROGRAM], {
      env: {
        PATH: process.env.PATH,
        SANDBOX_PORT: '0',
        SANDBOX_ROOTS: `${this.workspace}:${this.temporary}`,
        SANDBOX_TOKEN_SHA256: createHash('sha256').update(this.token).digest('hex'),
        ...environment,
      },
    });
    this.exit = new Promise(done => this.process.once('exit', done));
    this.listens = new Promise(done => {
      const read = (data: Buffer) => {
        this.log += data.toString();
        const [, port] = /listens on port (\d+)/.exec(this.log) ?? [];
        if (port) {
          this.port = Number(port);
          done();
        }
      };
      this.process.stdout!.on('data', read);
      this.process.stderr!.on('data', read);
      this.process.once('close', () => done());
    });
  }

  /** The reply as it begins. */
  public open(method: string, path: string, body?: string | Buffer, token = this.token): Promise<IncomingMessage> {
    return new Promise((done, failed) => {
      const headers = { ...token === '' ? {} : { authorization: `Bearer ${token}` }, ...body === undefined ? {} : { 'content-length': Buffer.byteLength(body) } };
      request({ host: '127.0.0.1', port: this.port, method, path, agent: false, headers }, done).once('error', failed).end(body);
    });
  }

  public async call(method: string, path: string, body?: string | Buffer, token = this.token): Promise<Reply> {
    const response = await this.open(method, path, body, token);
    const read = Buffer.concat(await response.toArray() as Buffer[]);
    const isJson = response.headers['content-type'] === 'application/json';
    return { status: response.statusCode!, body: read, json: isJson ? JSON.parse(read.toString()) as Record<string, unknown> : {} };
  }

  /** Calls a route with a path, which is encoded. */
  public at(method: string, route: string, path: string, body?: string | Buffer, more = ''): Promise<Reply> {
    return this.call(method, `${route}?path=${encodeURIComponent(path)}${more}`, body);
  }

  public async exec(command: string, more: object = {}): Promise<Ran> {
    const { status, body } = await this.call('POST', '/exec', JSON.stringify({ command, ...more }));
    const lines = body.toString().trim().split('\n').map(line => JSON.parse(line) as Record<string, string>);
    if (status !== 200) {
      throw new Error(`${status}: ${body.toString()}`);
    }
    const outputOf = (name: string) => Buffer.concat(lines.flatMap(line => line[name] === undefined ? [] : [Buffer.from(line[name], 'base64')])).toString();
    return { stdout: outputOf('stdout'), stderr: outputOf('stderr'), last: lines.at(-1) as unknown as Ran['last'] };
  }

  public signal(name: NodeJS.Signals): void {
    this.process.kill(name);
  }

  public async stop(): Promise<void> {
    this.process.kill('SIGTERM');
    await this.exit;
    rmSync(this.workspace, { recursive: true });
    rmSync(this.temporary, { recursive: true });
  }
}

/** Waits until something holds. */
export async function until(holds: () => boolean, within = 5000): Promise<void> {
  const end = Date.now() + within;
  while (!holds()) {
    if (Date.now() > end) {
      throw new Error(`It does not hold after ${within} ms.`);
    }
    await new Promise(done => setTimeout(done, 20));
  }
}
