import type { Invariant } from './invariant';

export const PINNED_PLATFORM: Invariant = {
  id: 'PinnedPlatform',
  level: 'error',
  statement: 'The image and the task are of one CPU architecture, and both say which.',
  why: 'An image built on a laptop of the other kind dies with `exec format error` after ten minutes of deployment.',
  limit: 'image platform = `RuntimePlatform.CpuArchitecture`, both explicit',
  source: 'Amazon ECS developer guide, task definition parameters; AWS CDK issues 12472, 17834 and 25362',
  fix: 'State `cpuArchitecture` once, on the image.',
};
