import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { RoutedFleet, Rule } from './fleet';
import { SELDOM_MS, until } from './until';
import { requireFreePort } from '../../src/cli/rehearse/runtime/port';

export interface RouterOptions {
  readonly fleet: RoutedFleet;
  /** The ports of the shards. */
  readonly ports: readonly number[];
  readonly port: number;
  readonly directory: string;
  /** Whether another shard answers for one that is down, as no load balancer of the library does. */
  readonly failsOver?: boolean;
}

/** The position of the status among the statistics of HAProxy. */
const STATUS = 17;

/** HAProxy in the place of the load balancer. Its rules are those of the template. */
export class Router {
  public static async start(options: RouterOptions): Promise<Router> {
    const file = join(options.directory, `router-${options.port}.cfg`);
    const socket = join(options.directory, `${options.port}.sock`);
    writeFileSync(file, configurationOf(options, socket));
    await requireFreePort(options.port);
    const router = new Router(spawn('haproxy', ['-db', '-f', file], { stdio: ['ignore', 'pipe', 'pipe'] }), socket);
    try {
      await until(async () => {
        if (router.ended) {
          throw new Error('it ended');
        }
        return (await router.command('show info').catch(() => '')).includes('Uptime');
      }, 'it does not answer');
      return router;
    } catch (error) {
      await router.stop();
      throw new Error(`HAProxy does not start: ${(error as Error).message}\n${router.output}`);
    }
  }

  private output = '';
  private ended = false;

  private constructor(private readonly process: ChildProcess, private readonly socket: string) {
    [process.stdout!, process.stderr!].forEach(stream => stream.setEncoding('utf8').on('data', chunk => this.output += chunk));
    process.once('exit', code => {
      code === 0 || this.ended || console.log(`HAProxy ended with ${code}: ${this.output}`);
      this.ended = true;
    });
  }

  public get pid(): number {
    return this.process.pid!;
  }

  /** Sends a shard no further requests, and waits for those under way. */
  public async drain(shard: number): Promise<void> {
    await this.command(`set server shard${shard}/own state drain`);
    await this.waitFor(shard, ([, , , , sessions]) => sessions === '0');
  }

  /** Sends a shard requests again, once it is found healthy. */
  public async undrain(shard: number): Promise<void> {
    await this.command(`set server shard${shard}/own state ready`);
    await this.found(shard);
  }

  /** Waits until a shard is found healthy. */
  public async found(shard: number): Promise<void> {
    await this.waitFor(shard, fields => fields[STATUS] === 'UP');
  }

  /** Waits until a shard is found to be away. */
  public async missed(shard: number): Promise<void> {
    await this.waitFor(shard, fields => fields[STATUS] === 'DOWN');
  }

  public async stop(): Promise<void> {
    if (!this.ended) {
      this.ended = true;
      const closed = once(this.process, 'close');
      this.process.kill('SIGKILL');
      await closed;
    }
  }

  /** Waits until the statistics of a shard's server are so. */
  private async waitFor(shard: number, isSo: (fields: readonly string[]) => boolean): Promise<void> {
    await until(async () => {
      const lines = (await this.command('show stat')).split('\n').map(line => line.split(','));
      return isSo(lines.find(([proxy, server]) => proxy === `shard${shard}` && server === 'own') ?? []);
    }, `shard ${shard} is not as it should be`, SELDOM_MS);
  }

  private async command(line: string): Promise<string> {
    const socket = connect(this.socket);
    socket.end(`${line}\n`);
    return text(socket);
  }
}

function configurationOf({ fleet, ports, port, failsOver = false }: RouterOptions, socket: string): string {
  const statuses = [...new Set(fleet.rules.flatMap(({ status }) => status ?? []))];
  const server = (shard: number, name: string) => `  server ${name} 127.0.0.1:${ports[shard]} check`;
  return [
    'global',
    '  maxconn 2000',
    '  nbthread 1',
    `  stats socket ${socket} mode 600 level admin`,
    'defaults',
    '  mode http',
    '  http-reuse always',
    '  timeout connect 2s',
    '  timeout client 1h',
    '  timeout server 1h',
    '  timeout http-request 10s',
    // as a load balancer of AWS: it sends a request to one target, once
    '  retries 0',
    // a busy machine answers late, and is there all the same
    '  timeout check 10s',
    '  default-server inter 300ms fall 2 rise 1',
    'frontend listener',
    `  bind 127.0.0.1:${port}`,
    ...fleet.rules.map(rule => `  use_backend ${backendOf(rule)} if { path_reg ${quoted(regexesOf(rule))} }`),
    `  default_backend shard${fleet.home}`,
    ...statuses.flatMap(status => [`backend status${status}`, `  http-request return status ${status}`]),
    ...ports.flatMap((_, shard) => [
      `backend shard${shard}`,
      '  option httpchk',
      '  http-check send meth GET uri /health ver HTTP/1.1 hdr Host localhost',
      server(shard, 'own'),
      ...failsOver ? ports.flatMap((__, other) => other === shard ? [] : [`${server(other, `other${other}`)} backup`]) : [],
    ]),
    '',
  ].join('\n');
}

function backendOf({ shard, status }: Rule): string {
  return status === undefined ? `shard${shard}` : `status${status}`;
}

function regexesOf({ paths, regexes }: Rule): string[] {
  return [...regexes, ...paths.map(path => `^${path.replace(/[.+^$(){}|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`)];
}

function quoted(texts: readonly string[]): string {
  return texts.map(regex => `'${regex}'`).join(' ');
}
