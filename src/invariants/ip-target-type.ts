import type { Invariant } from './invariant';

export const IP_TARGET_TYPE: Invariant = {
  id: 'IpTargetType',
  level: 'error',
  statement: 'A service with `awsvpc` networking registers in target groups of type `ip`.',
  why: 'Each task has its own network interface; in a target group of type `instance` it never becomes healthy and the deployment never ends.',
  limit: 'TargetType `ip`',
  source: 'Flue deployment guide for AWS, ECS on Fargate; Amazon ECS developer guide, load balancing',
  fix: 'Set `TargetType: ip` on the target group.',
};
