import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';
import { refuse, type Invariant } from './invariant';

/** RDS and Aurora subnet groups, and load balancers, need subnets in this many availability zones. */
export const MIN_AVAILABILITY_ZONES = 2;

export const PRIVATE_DATABASE: Invariant = {
  id: 'PrivateDatabase',
  level: 'error',
  statement: 'The database is private, encrypted, backed up, kept on delete, and spoken to over verified TLS.',
  why: 'It holds every conversation; a public, unencrypted or disposable one is a leak or a loss waiting for its day.',
  limit: 'not publicly accessible; storage encrypted; backups ≥ 1 day; removal policy other than delete; no ingress from the world; connection string with `sslmode=verify-full`',
  source: 'Flue deployment guide for AWS, persistence; Amazon RDS user guide, security best practices',
  fix: 'Use FlueDatabase, or set PubliclyAccessible false, StorageEncrypted true, BackupRetentionPeriod ≥ 1 and a deletion policy of Snapshot or Retain.',
};

/** Refuses a network in which the database could be reached from outside, or has no second zone. */
export function requirePrivateSubnets(scope: IConstruct, vpc: ec2.IVpc, selection: ec2.SubnetSelection): void {
  if (selection.subnetType === ec2.SubnetType.PUBLIC) {
    refuse(scope, '`vpcSubnets` must not be public subnets, got: Public',
      'Leave it out for the isolated or private subnets of the VPC', PRIVATE_DATABASE);
  }
  const selected = vpc.selectSubnets(selection);
  if (selected.isPendingLookup || selected.hasPublic === undefined) {
    return;
  }
  const publicIds = new Set(vpc.publicSubnets.map(subnet => subnet.subnetId));
  if (selected.subnetIds.some(id => publicIds.has(id))) {
    refuse(scope, '`vpcSubnets` must not be public subnets, got a selection that holds one',
      'Leave it out for the isolated or private subnets of the VPC', PRIVATE_DATABASE);
  }
}

/** Refuses a subnet selection that does not span two availability zones. */
export function requireTwoAvailabilityZones(scope: IConstruct, what: string, selected: ec2.SelectedSubnets): void {
  if (selected.isPendingLookup) {
    return;
  }
  const zones = new Set(selected.availabilityZones).size;
  if (zones < MIN_AVAILABILITY_ZONES) {
    refuse(scope, `\`vpcSubnets\` must span at least ${MIN_AVAILABILITY_ZONES} availability zones for ${what}, got: ${zones}`,
      'Give the VPC `maxAzs: 2` or more, or select subnets in several zones');
  }
}
