import { randomUUID } from 'node:crypto';
import type { Probe } from './probe';
import { ask, replyIn } from '../http';

export const prompt: Probe = {
  name: 'prompt',
  promises: 'A prompt is answered, and the next one of the same conversation knows of it.',
  hosts: ['fargate', 'express', 'box', 'sharded'],
  asks: 'server',
  async run({ url, token }) {
    const path = `/agents/assistant/live-${randomUUID()}`;
    for (const turn of [1, 2]) {
      const asked = `turn-${randomUUID()}`;
      const answer = await ask(url, path, { token, body: { message: asked } });
      const reply = replyIn(answer);
      if (reply !== `turn ${turn}: ${asked}`) {
        return { holds: false, says: `prompt ${turn} of a conversation was answered with ${answer.status} and ${reply === undefined ? 'no reply' : 'a wrong reply'}` };
      }
    }
    return { holds: true, says: 'two prompts of one conversation were answered in their order' };
  },
};
