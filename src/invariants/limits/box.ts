import { Duration, Size } from 'aws-cdk-lib';
import { GIBIBYTES, within, written, type Limit } from './limit';

export const DEFAULT_ROOT_SIZE = Size.gibibytes(16);
/** Packages, scripts, image and the shutdown of the former box, beside its stop timeout. */
export const INSTALL_TIME = Duration.minutes(15);
/** CloudFormation waits at most this long for the signal of a box that a deployment replaces. */
export const MAX_BOOT_TIME = Duration.hours(1);
/** EC2 takes no longer user data. */
export const MAX_USER_DATA_BYTES = 16384;
/** What is left of the longest boot for what the user states. */
export const MAX_STOP_AND_START = Duration.seconds(MAX_BOOT_TIME.toSeconds() - INSTALL_TIME.toSeconds());

/** How the name of an instance type is written, without the prefix of RDS. */
export const INSTANCE_TYPE = { pattern: /^[a-z]+\d{1,2}[a-z-]*\.[a-z0-9-]+$/, length: 64, fix: 'Write it as in `t4g.small`' };

const VOLUME = {
  of: ['FlueEc2ServiceProps'],
  unit: GIBIBYTES,
  maximum: 16384,
  step: 1,
  source: 'aws-cdk-lib, sizes of a gp3 volume',
  fix: `Pass \`Size.gibibytes(${DEFAULT_ROOT_SIZE.toGibibytes()})\``,
} as const;

function together(prop: string): Limit {
  return {
    prop,
    of: ['FlueServiceProps'],
    allowed: `at most ${MAX_STOP_AND_START.toSeconds()} s on a box, \`stopTimeout\` and \`startupBudget\` together`,
    source: 'AWS CloudFormation user guide, UpdatePolicy (PauseTime), less a quarter of an hour for the installation',
  };
}

function inUserData(prop: string): Limit {
  return {
    prop,
    of: ['FlueServiceProps'],
    allowed: `what leaves the user data of a box within ${MAX_USER_DATA_BYTES} bytes`,
    source: 'Amazon EC2 user guide, user data',
  };
}

export const BOX_LIMITS = {
  // Amazon Linux 2023 comes on a disk of 8 GiB
  rootVolumeSize: within({ ...VOLUME, prop: 'rootVolumeSize', minimum: 8 }),
  dataVolumeSize: within({ ...VOLUME, prop: 'dataVolumeSize', minimum: 1, atSynthesis: true }),
  dataVolumeSnapshot: written({
    prop: 'dataVolumeSnapshot',
    of: ['FlueEc2ServiceProps'],
    pattern: /^snap-([0-9a-f]{8}|[0-9a-f]{17})$/,
    length: 22,
    source: 'Amazon EC2 user guide, resource ids',
    fix: 'Copy it from `aws ec2 describe-snapshots --owner-ids self`, or leave it out for an empty volume',
  }, 'the id of a snapshot, `snap-` and 8 or 17 hexadecimal digits'),
  instanceType: written({
    prop: 'instanceType',
    of: ['FlueEc2ServiceProps'],
    ...INSTANCE_TYPE,
    source: 'Amazon EC2 user guide, names of instance types',
  }, 'a family and a size of Amazon EC2'),
  stopTimeout: together('stopTimeout'),
  startupBudget: together('startupBudget'),
  environment: inUserData('environment'),
  secrets: inUserData('secrets'),
};
