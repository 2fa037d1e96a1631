import type { Probe } from './probe';
import { ask } from '../http';

const REQUESTS = 20;

export const health: Probe = {
  name: 'health',
  promises: 'The server answers its health check through the URL, every time.',
  hosts: ['fargate', 'express', 'box', 'sharded'],
  asks: 'server',
  async run({ url }) {
    const statuses: number[] = [];
    for (let index = 0; index < REQUESTS; index++) {
      statuses.push((await ask(url, '/health')).status);
    }
    const good = statuses.filter(status => status === 200).length;
    return { holds: good === REQUESTS, says: `${good} of ${REQUESTS} health checks answered 200`, measured: { good } };
  },
};
