import type { Invariant } from './invariant';

export const INIT_PROCESS: Invariant = {
  id: 'InitProcess',
  level: 'error',
  statement: 'An init process is PID 1 of the container.',
  why: 'Node is not made to be PID 1: it does not reap the processes that agents start, and a shell in its place swallows SIGTERM.',
  limit: '`LinuxParameters.InitProcessEnabled: true`, or `docker run --init`',
  source: 'Flue Docker guide; Amazon ECS developer guide, linuxParameters',
  fix: 'Set `initProcessEnabled` in the container\'s Linux parameters, or pass `--init` to `docker run`.',
};
