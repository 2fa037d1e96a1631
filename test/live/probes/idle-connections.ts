import type { Probe } from './probe';
import { ask, CUT, keepingAgent } from '../http';

const CONNECTIONS = 50;
const ROUNDS = 20;
/** Node.js closes an idle connection after 5 s unless it is told otherwise: pauses around that find a server that was not. */
const PAUSES = [4.5, 5, 5.5, 6];

export const idleConnections: Probe = {
  name: 'idle-connections',
  promises: 'Of 1,000 requests over connections that were idle for about 5 s, none is answered 502 or cut.',
  hosts: ['fargate', 'express', 'box', 'sharded'],
  asks: 'server',
  async run({ url, pause }) {
    const agent = keepingAgent(url, CONNECTIONS);
    const statuses: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const answers = await Promise.all(Array.from({ length: CONNECTIONS }, () => ask(url, '/health', { agent })));
      statuses.push(...answers.map(({ status }) => status));
      await pause(PAUSES[round % PAUSES.length]);
    }
    agent.destroy();
    const count = (wanted: number) => statuses.filter(status => status === wanted).length;
    return {
      holds: count(200) === statuses.length,
      says: `of ${statuses.length} requests ${count(200)} answered 200, ${count(502)} answered 502, ${count(CUT)} were cut`,
      measured: { requests: statuses.length, bad502: count(502), cut: count(CUT) },
    };
  },
};
