import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStreamCodec } from '@smithy/core/event-streams';
import { fromUtf8, toUtf8 } from '@smithy/core/serde';

const codec = new EventStreamCodec(toUtf8, fromUtf8);

interface Session {
  readonly directory: string;
  readonly name: string;
  readonly timeoutSeconds: number;
}

/** A stand-in for the data plane of Amazon Bedrock AgentCore that runs the commands of a session in a folder of the test. */
export class CodeInterpreterService {
  public readonly sessions = new Map<string, Session>();
  public readonly calls: Array<{ readonly action: string; readonly session?: string; readonly interpreter: string }> = [];
  /** What the next calls are refused with. */
  public refusal?: { readonly type: string; readonly message: string };
  /** What this tool answers with, instead of its work. */
  public fault?: { readonly tool: string; readonly text: string };
  private readonly root = mkdtempSync(join(tmpdir(), 'code-interpreter-'));
  private readonly server: Server;

  public constructor() {
    this.server = createServer((request, response) => {
      void this.answer(request)
        .then(({ status, headers, body }) => response.writeHead(status, headers).end(body), (error: Error) => response.destroy(error));
    });
  }

  public async listen(): Promise<string> {
    await new Promise<void>(done => this.server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Ends a session as its timeout does. */
  public end(id: string): void {
    const session = this.sessions.get(id);
    this.sessions.delete(id);
    rmSync(session?.directory ?? this.root, { recursive: true, force: true });
  }

  public async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(done => this.server.close(done));
    rmSync(this.root, { recursive: true, force: true });
  }

  private async answer(request: IncomingMessage): Promise<{ status: number; headers: Record<string, string>; body: string | Uint8Array }> {
    const json = (body: object, status = 200, headers = {}) => ({ status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
    const refuse = (type: string, message: string, status = 400) => json({ message }, status, { 'x-amzn-errortype': type });
    const url = new URL(request.url!, 'http://localhost');
    const [, , interpreter = '', kind = '', action = ''] = url.pathname.split('/').map(decodeURIComponent);
    const body = JSON.parse(Buffer.concat(await request.toArray() as Buffer[]).toString() || '{}') as Record<string, any>;
    const id = url.searchParams.get('sessionId') ?? request.headers['x-amzn-code-interpreter-session-id'] as string | undefined;
    this.calls.push({ action: kind === 'tools' ? body.name as string : action, session: id, interpreter });
    if (this.refusal) {
      return refuse(this.refusal.type, this.refusal.message);
    }
    if (action === 'start') {
      const sessionId = `session-${this.calls.length}`;
      const directory = join(this.root, sessionId);
      mkdirSync(directory);
      this.sessions.set(sessionId, { directory, name: body.name as string, timeoutSeconds: body.sessionTimeoutSeconds as number });
      return json({ codeInterpreterIdentifier: interpreter, sessionId, createdAt: new Date().toISOString() });
    }
    const session = id === undefined ? undefined : this.sessions.get(id);
    if (!session) {
      return refuse('ResourceNotFoundException', 'There is no such session', 404);
    }
    if (action === 'stop') {
      this.end(id!);
      return json({ codeInterpreterIdentifier: interpreter, sessionId: id, lastUpdatedAt: new Date().toISOString() });
    }
    return { status: 200, headers: { 'content-type': 'application/vnd.amazon.eventstream' }, body: frame(await this.use(session, body.name as string, body.arguments as Record<string, any>)) };
  }

  private async use({ directory }: Session, tool: string, args: Record<string, any>): Promise<object> {
    if (tool === this.fault?.tool) {
      return { content: [{ type: 'text', text: this.fault.text }], isError: true };
    }
    switch (tool) {
      case 'executeCommand': {
        const structuredContent = await run(String(args.command).replaceAll('/tmp/workspace', join(directory, 'workspace')), directory);
        return { content: [{ type: 'text', text: structuredContent.stdout }], structuredContent, isError: structuredContent.exitCode !== 0 };
      }
      case 'writeFiles': {
        const files = args.content as Array<{ path: string; text?: string; blob?: string }>;
        if (files.some(({ path }) => path.startsWith('/') || path.includes('..'))) {
          return { content: [{ type: 'text', text: 'the path must be relative' }], isError: true };
        }
        files.forEach(({ path, text, blob }) => writeFileSync(join(directory, path), blob === undefined ? text! : Buffer.from(blob, 'base64')));
        return { content: [{ type: 'text', text: 'written' }], isError: false };
      }
      default:
        return { content: [{ type: 'text', text: `no tool ${tool}` }], isError: true };
    }
  }
}

function frame(result: object): Uint8Array {
  const text = (value: string) => ({ type: 'string' as const, value });
  return codec.encode({
    headers: { ':message-type': text('event'), ':event-type': text('result'), ':content-type': text('application/json') }, body: fromUtf8(JSON.stringify(result)),
  });
}

/** Runs a command as the terminal of a session does. */
function run(command: string, cwd: string): Promise<{ stdout: string; stderr: string; exitCode: number; executionTime: number }> {
  const begun = Date.now();
  const child = spawn('sh', ['-c', command], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => { output.stdout += text; });
  child.stderr.setEncoding('utf8').on('data', (text: string) => { output.stderr += text; });
  return new Promise(done => child.on('close', exitCode => done({ ...output, exitCode: exitCode ?? 137, executionTime: (Date.now() - begun) / 1000 })));
}
