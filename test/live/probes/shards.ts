import { randomUUID } from 'node:crypto';
import type { Probe } from './probe';
import { ask } from '../http';
import { until } from '../load';

const SECONDS = 600;

export const shards: Probe = {
  name: 'shards',
  promises: 'Each id reaches its shard and no other, a letter in either case; an id in codes is refused; ids of a dead shard get 503.',
  hosts: ['sharded'],
  asks: 'server',
  async run(world) {
    const { url, token, call, resources } = world;
    const prompt = async (id: string) => (await ask(url, `/agents/assistant/${id}`, { token, body: { message: 'hello' } })).status;
    const some = `live-${randomUUID()}-`;
    // the guard of a shard refuses an id that is not its own
    const each = await Promise.all(['0', '1', 'a', 'A', 'b', 'B', 'z', 'Z'].map(end => prompt(some + end)));
    const codes = await prompt(`${some}%61`);
    const elsewhere = await prompt(`${some}1/..%2f0`);
    const [service] = await resources('AWS::ECS::Service', 'AgentsShard1');
    const cluster = service.split('/')[1];
    await call('ecs', 'update_service', { cluster, service, desiredCount: 0 });
    try {
      const dead = await until(world, SECONDS, async () => await prompt(`${some}1`) === 503);
      const other = await prompt(`${some}0`);
      return {
        holds: each.every(status => status === 200) && codes === 400 && elsewhere >= 400 && dead !== undefined && other === 200,
        says: `ids of every ending answered ${[...new Set(each)].join(', ')}, one in codes ${codes}, one that is not whole ${elsewhere};`
          + ` an id of the dead shard ${dead === undefined ? 'was not refused with 503' : 'got 503'}, and one of the other ${other}`,
      };
    } finally {
      await call('ecs', 'update_service', { cluster, service, desiredCount: 1 });
    }
  },
};
