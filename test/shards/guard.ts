import { setTimeout as sleep } from 'node:timers/promises';
import { check, splits, type World } from './judge';
import { Router } from './router';
import { send } from './send';
import type { Server } from './servers';
import { freePort } from '../../src/cli/rehearse/runtime/port';
import { shardOf } from '../../src/invariants/shards/partition';

/** How a Flue server of one major is asked. */
export interface Asking {
  readonly major: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body: object;
  /** The status of a prompt that it takes. */
  readonly taken: number;
}

const PROMPT_MS = 60_000;
/** A router notices within seconds that a shard is away. */
const ATTEMPTS = 200;

/** Paths that the load balancer and the server may read differently. None may reach a session of another shard. */
export async function spellings(asking: Asking, world: World, port: number, shards: readonly Server[]): Promise<void> {
  const id = (shard: number) => `spelled-${'0123'[shard]}`;
  const paths = shards.flatMap(({ index }) => [
    `/agents/assistant/${id(index)}`, `/agents/assistant/spelled-%3${index}`,
    `/%61gents/assistant/${id(index)}`, `/agents/assistant/./${id(index)}`,
    `/agents/zz/../assistant/${id(index)}`, `/agents/assistant/%2e/${id(index)}`, `/agents/assistant/${id(index)}/`, `//agents/assistant/${id(index)}`,
    `/agents/assistant/${id(index)}?x=/agents/assistant/0`, `http://127.0.0.1/agents/assistant/${id(index)}`,
  ]);
  const statuses = new Map<number, number>();
  for (const path of paths) {
    // through the router, and straight to every server
    for (const target of [port, ...world.ports]) {
      const status = await ask(asking, target, path);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  }
  const { forks, strays } = await splits(shards);
  const counts = [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ');
  check(`${asking.major}, spellings: ${paths.length} paths, through the router and to each server, split no conversation (${counts})`,
    (forks.length > 0 || strays.length > 0 || !statuses.has(421) || !statuses.has(asking.taken)) && `forks: ${forks}\nstrays: ${strays}`);
}

/** A load balancer that lets another shard answer, in front of servers that run: what the guard is for. One of them is killed. */
export async function failingOver(asking: Asking, world: World, shards: readonly Server[], guarded = true): Promise<void> {
  const ends = [asking.taken, 421];
  const port = await freePort();
  const router = await Router.start({ ...world, port, failsOver: true });
  const ids = Array.from({ length: 12 }, (_, index) => `${guarded ? 'guarded' : 'unguarded'}-${index}-1`);
  const askAll = async (): Promise<number[]> => {
    const statuses = [];
    for (const id of ids) {
      let status = 0;
      // until the router has noticed that a shard came or went
      for (let attempt = 0; attempt < ATTEMPTS && !ends.includes(status); attempt++) {
        status = await ask(asking, port, `/agents/assistant/${id}`);
        await sleep(ends.includes(status) ? 0 : 100);
      }
      statuses.push(status);
    }
    return statuses;
  };
  try {
    const before = await askAll();
    await shards[shardOf(ids[0], world.ports.length)].stop('SIGKILL');
    const meanwhile = await askAll();
    const { forks } = await splits(shards);
    const answers = `before ${before}, then ${meanwhile}`;
    if (guarded) {
      check(`${asking.major}, a router that fails over: the other servers refuse all ${ids.length} conversations of a shard that is away (421), and none splits`,
        (forks.length > 0 || before.some(status => status !== asking.taken) || meanwhile.some(status => status !== 421)) && `forks: ${forks}; ${answers}`);
    } else {
      check(`${asking.major}, negative control, the same without the guard: ${forks.length} of ${ids.length} conversations split`,
        forks.length === 0 && `this proof proves nothing: ${answers}`);
    }
  } finally {
    await router.stop();
  }
}

/** What happens without the guard. The first of the servers that are left is the only one that the router asks. */
export async function failingOverUnguarded(asking: Asking, world: World, shards: readonly Server[]): Promise<void> {
  const asked = shards.slice(0, 2);
  try {
    await Promise.all(asked.map(shard => shard.start()));
    await failingOver(asking, world, asked, false);
  } finally {
    await Promise.all(asked.map(shard => shard.stop('SIGKILL')));
  }
}

/** The status of a prompt. */
async function ask({ headers, body }: Asking, port: number, path: string): Promise<number> {
  return (await send({ port, path, headers, body, timeoutMs: PROMPT_MS })).status;
}
