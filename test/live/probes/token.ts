import type { Probe } from './probe';
import { ask } from '../http';

export const token: Probe = {
  name: 'token',
  promises: 'Without its token the server refuses a prompt, and answers its health check.',
  hosts: ['fargate', 'express', 'box'],
  asks: 'server',
  async run({ url }) {
    const body = { message: 'who goes there' };
    const none = await ask(url, '/agents/assistant/live-token', { body });
    const wrong = await ask(url, '/agents/assistant/live-token', { body, token: 'not-the-token' });
    const open = await ask(url, '/health');
    return {
      holds: none.status === 401 && wrong.status === 401 && open.status === 200,
      says: `without a token ${none.status}, with a wrong one ${wrong.status}, the health check ${open.status}`,
    };
  },
};
