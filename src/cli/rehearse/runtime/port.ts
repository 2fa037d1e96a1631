import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { CliFailure } from '../../failure';

/** Below the ports that a system gives to outgoing connections (Linux: from 32768), so that no connection takes one between its choice and its use. */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const ATTEMPTS = 100;
const given = new Set<number>();

/** A port on which nothing listens, another one at each call. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(LOWEST, HIGHEST);
    if (!given.has(port) && await canListen(port)) {
      given.add(port);
      return port;
    }
  }
  throw new CliFailure(`No port from ${LOWEST} to ${HIGHEST} of ${ATTEMPTS} that were tried is free.`, 'Stop what listens there.');
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer().listen({ port, host: '0.0.0.0', exclusive: true });
  try {
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    await new Promise(resolve => server.close(resolve));
  }
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
