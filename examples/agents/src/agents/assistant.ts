import { type AgentRouteHandler, createAgent } from '@flue/runtime';
import { Bash } from 'just-bash';

export const route: AgentRouteHandler = (_c, next) => next();

export default createAgent(() => ({
  model: process.env.MODEL_SPECIFIER || 'anthropic/claude-sonnet-4-6',
  instructions: [
    'You are a careful assistant. Answer briefly and say so when you do not know.',
    'You have a private scratch shell with an in-memory file system and no network.',
  ].join('\n'),
  // The default sandbox may open any URL, which on AWS includes the endpoints that hand out the task's credentials.
  sandbox: () => new Bash(),
}));
