import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { shardGuardPreload } from '../../src/invariants/shards/shard-guard';

/** What the guard of a shard costs a server for each request: processor time of a bare server with it, less that without. */

const REQUESTS = Number(process.argv[2] ?? 20_000);
const ROUNDS = 5;
const GUARD = shardGuardPreload({ shard: 0, shards: 4, agentPaths: ['/agents/*/'], homePaths: ['/agents/hooks/*'] });
const SERVER = `
  const server = require('node:http').createServer((request, response) => response.end('ok'));
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
  process.on('message', () => process.send(process.cpuUsage()));
  process.on('disconnect', () => process.exit());
`;

/** Microseconds of the server's processor for each request. */
async function costOf(nodeOptions: string): Promise<number> {
  const child = spawn(process.execPath, ['-e', SERVER], { env: { NODE_OPTIONS: nodeOptions }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [port] = await once(child, 'message') as [number];
  const usage = async (): Promise<number> => {
    child.send('usage');
    const [{ user, system }] = await once(child, 'message') as [NodeJS.CpuUsage];
    return user + system;
  };
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const ask = async (count: number): Promise<void> => {
    let left = count;
    await Promise.all(Array.from({ length: 8 }, async () => {
      while (left-- > 0) {
        await new Promise<void>((resolve, reject) => {
          get({ agent, host: '127.0.0.1', port, path: '/agents/assistant/1e7c2ad6-5f0b-4f57-a6b0-9d3b0f1d2a50' }, response => {
            response.resume().on('end', resolve);
          }).on('error', reject);
        });
      }
    }));
  };
  await ask(REQUESTS / 4);
  const before = await usage();
  await ask(REQUESTS);
  const used = await usage() - before;
  agent.destroy();
  child.disconnect();
  await once(child, 'exit');
  return used / REQUESTS;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

async function main(): Promise<void> {
  const rounds: { readonly bare: number; readonly guarded: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({ bare: await costOf(''), guarded: await costOf(GUARD) });
  }
  const [bare, guarded] = [median(rounds.map(round => round.bare)), median(rounds.map(round => round.guarded))];
  const difference = median(rounds.map(round => round.guarded - round.bare));
  console.log(`${REQUESTS} requests, ${ROUNDS} pairs: ${bare.toFixed(1)} µs each without the guard, ${guarded.toFixed(1)} µs with it, ${difference.toFixed(1)} µs more`);
}

void main();
