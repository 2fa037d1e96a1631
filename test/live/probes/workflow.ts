import type { Probe } from './probe';
import { ask } from '../http';

export const workflow: Probe = {
  name: 'workflow',
  promises: 'A workflow runs to its end, and the server finds its database.',
  hosts: ['fargate', 'express', 'box', 'sharded'],
  asks: 'server',
  async run({ url, token, host }) {
    const answer = await ask(url, '/workflows/deployment-check?wait=result', { token, body: {} });
    const found = (/"persistence":"(\w+)"/.exec(answer.body) ?? [])[1];
    const healthy = answer.body.includes('"databaseOk":true');
    const wanted = host === 'box' ? 'sqlite' : 'postgres';
    return {
      holds: answer.status === 200 && healthy && found === wanted,
      says: `the workflow answered ${answer.status}, with its state in ${found ?? 'nothing'}, which ${healthy ? 'answers' : 'does not answer'}`,
    };
  },
};
