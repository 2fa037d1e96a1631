import { type AgentRouteHandler, createAgent } from '@flue/runtime';
import { fargateSandbox } from '../sandbox.ts';

export const route: AgentRouteHandler = (_c, next) => next();

export default createAgent(() => ({
  model: process.env.MODEL_SPECIFIER!,
  instructions: 'You run commands in a machine of your own.',
  sandbox: fargateSandbox(),
}));
