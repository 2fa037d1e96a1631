import type { Probe } from './probe';
import { ask } from '../http';
import { until } from '../load';

const SECONDS = 300;

export const taskKilled: Probe = {
  name: 'task-killed',
  promises: 'Within five minutes after its task was killed the server answers again, from another task.',
  hosts: ['fargate'],
  asks: 'server',
  async run(world) {
    const { url, call, resources } = world;
    const [service] = await resources('AWS::ECS::Service');
    const cluster = service.split('/')[1];
    const tasks = async () => (await call('ecs', 'list_tasks', { cluster, serviceName: service, desiredStatus: 'RUNNING' }) as { taskArns: string[] }).taskArns;
    const before = await tasks();
    for (const task of before) {
      await call('ecs', 'stop_task', { cluster, task, reason: 'verify:live' });
    }
    const back = await until(world, SECONDS, async () => {
      const now = await tasks();
      return now.some(task => !before.includes(task)) && (await ask(url, '/health')).status === 200;
    });
    return {
      holds: before.length > 0 && back !== undefined,
      says: before.length === 0 ? 'there was no task to kill' : back === undefined ? `no other task answered within ${SECONDS} s` : `another task answered after ${back} s`,
      measured: { seconds: back ?? -1 },
    };
  },
};
