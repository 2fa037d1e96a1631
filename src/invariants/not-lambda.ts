import type { Invariant } from './invariant';

export const NOT_LAMBDA: Invariant = {
  id: 'NotLambda',
  level: 'error',
  statement: 'The server never runs as a function.',
  why: 'It holds sessions in process and keeps streams open for minutes; a function has neither a durable process nor the time.',
  limit: 'no image or bundle of a Flue server in `AWS::Lambda::Function`',
  source: 'Flue deployment guide for AWS, Lambda',
  fix: 'Run it with FlueFargateService, FlueExpressService or FlueEc2Service.',
};
