import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { inspectProcesses } from './inspect-processes';
import type { Exit, Inspection, RunningServer, Runtime, StartRequest } from './runtime';
import { CliFailure } from '../../failure';

/** Flue 0.10 and 2 both refuse an older Node. */
export const LEAST_NODE = [22, 18] as const;
/** The user `node` of the official images. */
const IMAGE_USER_ID = 1000;
/** The exit code of a shell for a command that is not there. */
const NOT_FOUND = 127;

export interface NodeRuntimeProps {
  readonly directory: string;
  readonly command: readonly string[];
  /** The user that the service runs as; undefined where neither task nor image says. */
  readonly user?: string;
}

/** Refuses a Node that cannot run the server. */
export function requireNode(version: string = process.versions.node): void {
  const [major, minor] = version.split('.').map(Number);
  if (major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1])) {
    throw new CliFailure(`The rehearsal needs Node.js ${LEAST_NODE.join('.')} or later to run the app on this machine, got: ${version}.`,
      'Run the rehearsal with it (npx -y node@22 node_modules/.bin/cdk-flue rehearse …), or rehearse the image: --image REF.');
  }
}

/** Runs the app directly on this machine. */
export class NodeRuntime implements Runtime {
  public readonly description: string;
  public readonly host = 'localhost';
  public readonly providesReadOnlyRoot = false;
  public readonly runsAsRoot: boolean;
  public readonly userObstacle?: string;
  private readonly identity: { readonly uid?: number; readonly gid?: number };
  private readonly children = new Set<ChildProcess>();

  public constructor(private readonly props: NodeRuntimeProps) {
    const { identity, obstacle } = identityFor(props);
    this.identity = identity;
    this.runsAsRoot = props.user !== undefined && isRoot(props.user);
    this.userObstacle = obstacle;
    this.description = `${props.command.join(' ')} in ${props.directory}, Node.js ${process.versions.node}`;
  }

  public async start({ environment, caFile }: StartRequest): Promise<RunningServer> {
    const [file, ...args] = this.props.command;
    const child = spawn(file, args, {
      cwd: this.props.directory,
      env: {
        PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
        HOME: this.identity.uid === undefined ? process.env.HOME : '/tmp',
        ...environment,
        ...caFile !== undefined && environment.NODE_EXTRA_CA_CERTS !== undefined ? { NODE_EXTRA_CA_CERTS: caFile } : {},
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // a group of its own, so that what a shell leaves behind can be ended too
      detached: true,
      ...this.identity,
    });
    this.children.add(child);
    return new NodeServer(child);
  }

  public killAll(): void {
    for (const { pid } of this.children) {
      try {
        process.kill(-pid!, 'SIGKILL');
      } catch {
        // it has ended
      }
    }
  }
}

class NodeServer implements RunningServer {
  public readonly startedAt = performance.now();
  public readonly exited: Promise<Exit>;
  public hasExited = false;
  private text = '';

  public constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => this.text += chunk);
    }
    this.exited = new Promise(resolve => {
      const end = (code: number | null, signal: string | null): void => {
        this.hasExited = true;
        resolve({ code, signal });
      };
      child.once('exit', end);
      // an executable that does not exist is an exit too
      child.once('error', error => {
        this.text += `${error.message}\n`;
        end(NOT_FOUND, null);
      });
    });
  }

  public get output(): string {
    return this.text;
  }

  public async signal(name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (name === 'SIGKILL' && this.child.pid !== undefined) {
      try {
        process.kill(-this.child.pid, name);
        return;
      } catch {
        // the group is gone
      }
    }
    this.child.kill(name);
  }

  public async inspect(): Promise<Inspection | undefined> {
    return process.platform === 'linux' && this.child.pid !== undefined ? inspectProcesses(fs, this.child.pid) : inspectWithPs(this.child.pid);
  }
}

/** What other systems tell: memory and user of the process itself. */
function inspectWithPs(pid: number | undefined): Inspection | undefined {
  const { status, stdout } = spawnSync('ps', ['-o', 'rss=,uid=', '-p', String(pid)], { encoding: 'utf8' });
  const [resident, user] = (stdout ?? '').trim().split(/\s+/).map(Number);
  return status === 0 && user !== undefined ? { residentMiB: resident / 1024, userIds: [user], listeners: [] } : undefined;
}

function isRoot(user: string): boolean {
  return /^(root|0)(:|$)/.test(user);
}

/** The user to run as: another than root needs nothing, and root becomes the user of the service where that one may read the app. */
function identityFor({ directory, user }: NodeRuntimeProps): { identity: { uid?: number; gid?: number }; obstacle?: string } {
  if (user === undefined) {
    return { identity: {}, obstacle: 'neither the task nor a Dockerfile of the assembly names a user: pass --image' };
  }
  if (process.getuid?.() !== 0 || isRoot(user)) {
    return { identity: {} };
  }
  const id = Number(user.split(':')[0]) || IMAGE_USER_ID;
  const identity = { uid: id, gid: id };
  const { status } = spawnSync(process.execPath, ['-e', 'fs.readdirSync(process.argv[1])', directory], { ...identity, stdio: 'ignore' });
  return status === 0 ? { identity } : { identity: {}, obstacle: `root runs the rehearsal, and user ${id} may not read ${directory}` };
}
