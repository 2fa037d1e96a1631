import { randomUUID } from 'node:crypto';
import type { Probe } from './probe';
import { ask, replyIn } from '../http';
import { HOLD } from '../model';

/** Longer than the 60 s after which a load balancer of AWS cuts by default. */
const SILENT_SECONDS = 75;

export const quietStream: Probe = {
  name: 'quiet-stream',
  promises: 'An answer before which no byte comes for longer than 60 s arrives whole.',
  hosts: ['fargate', 'express', 'box', 'sharded'],
  asks: 'server',
  async run({ url, token, second }) {
    const held = SILENT_SECONDS * second;
    const answer = await ask(url, `/agents/assistant/live-${randomUUID()}`, { token, body: { message: `${HOLD} ${held}` }, patienceMs: 3 * held });
    const seconds = Math.round(answer.milliseconds / second);
    const whole = answer.status === 200 && replyIn(answer) !== undefined;
    return {
      holds: whole && answer.milliseconds >= held,
      says: `after ${seconds} s of silence the answer ${whole ? 'came whole' : answer.status ? `was ${answer.status}` : 'was cut'}`,
      measured: { seconds },
    };
  },
};
