import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Proxy {
  readonly port: number;
  /** From now on drops every byte in both directions without closing anything, as a firewall would. */
  silence(): void;
  close(): Promise<void>;
}

export async function startProxy(targetPort: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let silent = false;

  const forward = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.on('data', (data) => !silent && to.write(data));
    from.on('close', () => to.destroy());
    from.on('error', () => to.destroy());
  };
  const server = createServer((client) => {
    const upstream = connect(targetPort, 'localhost');
    forward(client, upstream);
    forward(upstream, client);
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    silence: () => (silent = true),
    async close() {
      sockets.forEach((socket) => socket.destroy());
      server.close();
      await once(server, 'close');
    },
  };
}
