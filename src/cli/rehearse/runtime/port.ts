import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { CliFailure } from '../../failure';

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Refuses a port that something on this machine holds. */
export async function requireFreePort(port: number): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen({ port, host: '0.0.0.0', exclusive: true }, resolve);
    });
  } catch (error) {
    const problem = (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? `Port ${port} is taken` : `Port ${port} cannot be bound (${(error as Error).message})`;
    throw new CliFailure(`${problem}, and the service's container listens there.`, 'Stop what listens on it, or run on another port: --port N.');
  } finally {
    server.close();
  }
}

/** Whether something accepts a connection. */
export function accepts(host: string, port: number, timeoutMs: number = 1000): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true)).once('timeout', () => end(false)).once('error', () => end(false));
  });
}
