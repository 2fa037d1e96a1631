import type { Invariant } from './invariant';

export const BOX_HARDENING: Invariant = {
  id: 'BoxHardening',
  level: 'error',
  statement: 'The box has IMDSv2, encrypted disks and no SSH from the world.',
  why: 'A single instance with a public address is probed within minutes; its metadata service hands out the role that reads every secret.',
  limit: '`HttpTokens: required`; every volume encrypted; no ingress to port 22 from 0.0.0.0/0 or ::/0',
  source: 'Amazon EC2 user guide, instance metadata and EBS encryption',
  fix: 'Require IMDSv2, encrypt the volumes, and use Session Manager in place of SSH.',
};
