import type { Probe } from './probe';
import { Load } from '../load';
import { overlapOf } from '../model';

/** The logs of the last process arrive late. */
const LOGS_SECONDS = 60;
const SETTLED_MS = 1_000;

export const redeployment: Probe = {
  name: 'redeployment',
  promises: 'A redeployment under load succeeds, and except on Express no two processes are alive at once.',
  hosts: ['fargate', 'express', 'box', 'sharded'],
  asks: 'server',
  async run(world) {
    const { url, host, deploy, owners, pause } = world;
    const since = Date.now();
    const load = new Load(url, world);
    const deployed = await deploy('changed').catch(error => error as Error);
    const { gap: longest, requests } = await load.stop();
    if (deployed instanceof Error) throw deployed;
    await pause(LOGS_SECONDS);
    const alive = await owners(since);
    const overlap = overlapOf(alive);
    const gap = Math.round(longest);
    // the shards take turns: each has a process of its own, and they are alive side by side
    const alone = host === 'express' || host === 'sharded' || overlap <= SETTLED_MS;
    return {
      holds: deployed && alone && alive.length >= 2,
      says: `the redeployment ${deployed ? 'succeeded' : 'failed'}; the longest time without an answer was ${gap} s; ${alive.length} processes wrote logs,`
        + ` two at once for ${Math.round(overlap / 1000)} s`,
      measured: { gapSeconds: gap, requests, processes: alive.length, overlapSeconds: Math.round(overlap / 1000) },
    };
  },
};
