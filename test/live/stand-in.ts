import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { HOLD } from './model';
import type { Finding, Probe, World } from './probes/probe';

/** How a stand-in answers: a status with a body, or a connection that is cut. */
export type Reply = { readonly status: number; readonly body?: object; readonly location?: string } | 'cut';
export type Handler = (request: IncomingMessage, body: { readonly message?: string }) => Reply | Promise<Reply> | undefined;

export const TOKEN = 'the-token-of-the-test';

/** A server that answers as one of the example does, but for what its `handle` answers first. */
export class StandIn {
  public static async start(handle: Handler = () => undefined): Promise<StandIn> {
    const it = new StandIn(handle);
    it.server.listen(0, '127.0.0.1');
    await once(it.server, 'listening');
    return it;
  }

  public token: string | undefined = TOKEN;
  private readonly turns = new Map<string, number>();
  private readonly server: Server;

  private constructor(handle: Handler) {
    this.server = createServer(async (request, response) => {
      const body = JSON.parse(await text(request) || '{}') as { message?: string };
      const reply = await handle(request, body) ?? await this.answer(request, body);
      if (reply === 'cut') {
        request.socket.destroy();
        return;
      }
      response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.location === undefined ? {} : { location: reply.location } });
      response.end(JSON.stringify(reply.body ?? {}));
    });
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(request: IncomingMessage, { message = '' }: { readonly message?: string }): Promise<Reply> {
    const path = request.url!;
    if (path === '/health') return { status: 200 };
    if (this.token !== undefined && request.headers.authorization !== `Bearer ${this.token}`) return { status: 401 };
    if (path.startsWith('/workflows/')) return { status: 200, body: { persistence: 'postgres', databaseOk: true } };
    if (!path.startsWith('/agents/')) return { status: 404 };
    const held = new RegExp(`^${HOLD} (\\d+)$`).exec(message);
    if (held) await new Promise(resolve => setTimeout(resolve, Number(held[1])));
    const turn = (this.turns.get(path) ?? 0) + 1;
    this.turns.set(path, turn);
    return { status: 200, body: { result: { text: `turn ${turn}: ${message}` } } };
  }
}

/** So that a probe which waits in vain asks less often. */
const FASTER = 10;

/** Runs a probe against a stand-in; its clock goes on only by what the probe waits. */
export async function probed(
  probe: Probe, handle?: Handler, more: Partial<World> = {}, onStandIn?: (standIn: StandIn) => void,
): Promise<Finding> {
  const standIn = await StandIn.start(handle);
  onStandIn?.(standIn);
  let now = 0;
  try {
    return await probe.run({
      host: 'fargate',
      region: 'us-east-1',
      url: standIn.url,
      token: TOKEN,
      call: async (service, operation) => { throw new Error(`The probe may not call ${service} ${operation}.`); },
      resources: async () => ['arn:aws:ecs:r:a:service/cluster/service'],
      dataResources: async () => ['data'],
      output: async () => '',
      deploy: async () => true,
      owners: async () => [],
      now: () => now,
      pause: async seconds => {
        now += FASTER * seconds;
        await new Promise(resolve => setImmediate(resolve));
      },
      second: 2,
      ...more,
    });
  } finally {
    standIn.close();
  }
}
