import type { Probe } from './probe';
import { ask } from '../http';
import { until } from '../load';

const SECONDS = 600;

export const rollback: Probe = {
  name: 'rollback',
  promises: 'A server that ends at its start fails its deployment, and the one of before answers again.',
  hosts: ['fargate', 'express', 'sharded'],
  asks: 'server',
  async run(world) {
    const { url, deploy } = world;
    const deployed = await deploy('broken');
    const back = await until(world, SECONDS, async () => (await ask(url, '/health')).status === 200);
    return {
      holds: !deployed && back !== undefined,
      says: `the deployment of a broken server ${deployed ? 'succeeded' : 'failed'}, and afterwards the server ${back === undefined ? 'does not answer' : 'answers'}`,
      measured: { secondsUntilItAnswers: back ?? -1 },
    };
  },
};
