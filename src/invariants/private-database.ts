import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';
import { refuse, type Finding, type Invariant } from './invariant';
import { MIN_AVAILABILITY_ZONES } from './limits/network';
import { hasNoZone, selectedIn } from './subnets';
import { EXPRESS_SERVICE, TASK_DEFINITION, type Container } from './template/containers';
import { clusterOf, DATABASE_TYPES, DB_CLUSTER, DB_INSTANCE, SECRET } from './template/databases';
import { allOf } from './template/findings';
import type { FlueServers } from './template/flue-servers';
import { SECURITY_GROUP, SECURITY_GROUP_INGRESS, worldIngress } from './template/security-groups';
import { namesStoreIn } from './template/stores';
import { UNKNOWN, type TemplateResource, type TemplateValue } from './template/value';
import { DATABASE_URL } from './template/variables';
import { isUnknown } from './unknown';

export const PRIVATE_DATABASE: Invariant = {
  id: 'PrivateDatabase',
  level: 'error',
  statement: 'The database is private, encrypted, backed up and kept when it leaves the stack, and the server verifies its certificate.',
  why: 'The database holds every conversation. Others can read a public or unencrypted one, and you can lose one without backups.',
  limit: 'not publicly accessible; storage encrypted; backups ≥ 1 day; removal policy other than delete; no ingress from the world; connection string with `sslmode=verify-full`, and no `NODE_TLS_REJECT_UNAUTHORIZED=0`',
  source: 'Flue deployment guide for AWS, persistence; Amazon RDS user guide, security best practices',
  fix: 'Use FlueDatabase, or set PubliclyAccessible false, StorageEncrypted true, BackupRetentionPeriod ≥ 1 and a deletion policy of Snapshot or Retain.',
  rule: {
    resourceTypes: [...DATABASE_TYPES, SECURITY_GROUP, SECURITY_GROUP_INGRESS, SECRET, TASK_DEFINITION, EXPRESS_SERVICE],
    check: (resource, servers) => {
      switch (resource.type) {
        case DB_INSTANCE:
        case DB_CLUSTER:
          return judgeDatabase(resource);
        case SECRET:
          return judgeSecret(resource, servers);
        case TASK_DEFINITION:
        case EXPRESS_SERVICE:
          return allOf(...servers.serverContainers(resource).map(judgeContainer));
        default:
          return servers.protectedBy(resource, ...DATABASE_TYPES).length === 0 ? undefined : judgeIngress(resource);
      }
    },
  },
};

/** Refuses a network in which the database could be reached from outside, or has no second zone. */
export function requirePrivateSubnets(scope: IConstruct, vpc: ec2.IVpc, selection: ec2.SubnetSelection): void {
  if (selection.subnetType === ec2.SubnetType.PUBLIC) {
    refuse(scope, '`vpcSubnets` must not be public subnets, got: Public',
      'Leave it out for the isolated or private subnets of the VPC', PRIVATE_DATABASE);
  }
  const selected = selectedIn(scope, vpc, selection);
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
  const named = selected.isPendingLookup ? undefined : zonesOf(selected);
  if (named === undefined) {
    return;
  }
  const zones = new Set(named).size;
  if (zones < MIN_AVAILABILITY_ZONES) {
    refuse(scope, `\`vpcSubnets\` must span at least ${MIN_AVAILABILITY_ZONES} availability zones for ${what}, got: ${zones}`,
      'Give the VPC `maxAzs: 2` or more, or select subnets in several zones');
  }
}

/** The zones of subnets; undefined where a subnet was imported by its id alone, or only the deployment knows. */
function zonesOf({ subnets }: ec2.SelectedSubnets): string[] | undefined {
  const zones = subnets.some(hasNoZone) ? undefined : subnets.map(subnet => subnet.availabilityZone);
  return zones && !isUnknown(zones) ? zones : undefined;
}

/** Properties from which a copy of another database takes what it does not state. */
const SOURCES = ['DBSnapshotIdentifier', 'SnapshotIdentifier', 'DBClusterSnapshotIdentifier', 'SourceDBInstanceIdentifier',
  'SourceDBClusterIdentifier', 'SourceDbiResourceId', 'ReplicationSourceIdentifier'];

function judgeDatabase(database: TemplateResource): Finding[] | undefined {
  const isPublic = judgeProperty(database, 'PubliclyAccessible', value => value === true, 'answers on the internet');
  if (database.type === DB_INSTANCE && (clusterOf(database) || !database.at('DBClusterIdentifier').absent)) {
    // storage, backups and deletion are the cluster's
    return isPublic;
  }
  const copied = SOURCES.some(source => !database.at(source).absent);
  return allOf(
    isPublic,
    copied && database.at('StorageEncrypted').absent ? undefined
      : judgeProperty(database, 'StorageEncrypted', value => value !== true, 'keeps its storage in plain text'),
    judgeBackups(database),
    judgeDeletion(database),
    judgeTlsParameter(database),
  );
}

function judgeProperty(
  database: TemplateResource, key: string, broken: (value: boolean | undefined) => boolean, consequence: string,
): Finding[] | undefined {
  const value = database.at(key).boolean();
  if (value === UNKNOWN) {
    return undefined;
  }
  return broken(value) ? [{ detail: key, found: `the database ${consequence} (${key} is ${value ?? 'left out'})`, location: `Properties/${key}` }] : [];
}

function judgeBackups(database: TemplateResource): Finding[] | undefined {
  const days = database.at('BackupRetentionPeriod').number();
  if (days === UNKNOWN) {
    return undefined;
  }
  return days !== 0 ? [] : [{
    detail: 'BackupRetentionPeriod',
    found: 'the database has no backups (BackupRetentionPeriod is 0)',
    location: 'Properties/BackupRetentionPeriod',
  }];
}

function judgeDeletion(database: TemplateResource): Finding[] {
  // CloudFormation takes a snapshot of a database that says nothing
  return database.section('DeletionPolicy').string() !== 'Delete' ? [] : [{
    detail: 'DeletionPolicy',
    found: 'CloudFormation deletes the database and its data with the stack (DeletionPolicy is Delete)',
    location: 'DeletionPolicy',
  }];
}

function judgeTlsParameter(database: TemplateResource): Finding[] | undefined {
  const groups = ['DBParameterGroupName', 'DBClusterParameterGroupName'].flatMap(key => database.at(key).targets());
  const loose = groups.find(({ resource }) => resource.at('Parameters', 'rds.force_ssl').number() === 0);
  return loose && [{
    detail: 'rds.force_ssl',
    found: `the database takes connections without TLS (rds.force_ssl is 0 in ${loose.resource.path})`,
    location: 'Properties/DBParameterGroupName',
    fix: 'Set rds.force_ssl to 1 in the parameter group.',
  }];
}

function judgeIngress(group: TemplateResource): Finding[] {
  const [open] = worldIngress(group);
  return open ? [{
    detail: 'Ingress',
    found: `${open.cidr} may reach the database`,
    location: group.type === SECURITY_GROUP ? 'Properties/SecurityGroupIngress' : 'Properties',
    fix: 'Allow the security group of the service only.',
  }] : [];
}

/** Settings with which both Postgres drivers verify the server's certificate. */
const VERIFIED = /[?&](sslmode=(verify-full|verify-ca)|ssl=true)(?=[&"'\s\\]|$)/;

/** What could hold the settings: a placeholder at the end, or anywhere among them. An attribute, such as an endpoint's port, holds none. */
const OPEN_SETTINGS = /\$\{[^}.]*\}$|\?[^\s]*\$\{/;

function judgeConnection(value: TemplateValue, location: string): Finding[] | undefined {
  const urls = value.texts().map(text => /postgres(?:ql)?:\/\/[^\s"']+/.exec(text)?.[0]);
  const verdicts = urls.map(url => url === undefined || (OPEN_SETTINGS.test(url) && !VERIFIED.test(url)) ? undefined : VERIFIED.test(url));
  const [verdict] = verdicts;
  // where the cases of a condition differ, only the deployment knows
  if (verdict === undefined || verdicts.some(other => other !== verdict)) {
    return undefined;
  }
  const mode = urls.map(url => /sslmode=[\w-]+/.exec(url ?? '')?.[0]).find(Boolean);
  return verdict ? [] : [{
    detail: 'sslmode',
    found: `the connection string does not verify the server's certificate${mode ? ` (${mode})` : ''}`,
    location,
    fix: 'End the connection string in `?sslmode=verify-full`, and give the server the certificates of Amazon RDS.',
  }];
}

function judgeSecret(secret: TemplateResource, servers: FlueServers): Finding[] | undefined {
  const findings = judgeConnection(secret.at('SecretString'), 'Properties/SecretString');
  const setElsewhere = () => servers.ofType(TASK_DEFINITION, EXPRESS_SERVICE).flatMap(owner => servers.serverContainers(owner)).some(setsTls);
  return findings?.length && setElsewhere() ? undefined : findings;
}

/** The variable with which Node.js verifies no certificate, whatever the connection string asks for. */
export const TLS_SWITCH = 'NODE_TLS_REJECT_UNAUTHORIZED';

export function turnsTlsOff(value: unknown): boolean {
  return value === '0';
}

function judgeContainer(container: Container): Finding[] | undefined {
  const given = container.variable(TLS_SWITCH);
  if (given !== undefined && given !== UNKNOWN && turnsTlsOff(given.value.string()) && namesStoreIn(container)) {
    return [{
      detail: 'sslmode',
      found: `${TLS_SWITCH} is 0, with which the server verifies no certificate, that of the database included`,
      location: `${container.location}/Environment`,
      fix: 'Remove the variable, and name the certificates of Amazon RDS in NODE_EXTRA_CA_CERTS.',
    }];
  }
  const url = container.variable(DATABASE_URL);
  return url === undefined || url === UNKNOWN || url.secret || setsTls(container) ? undefined
    : judgeConnection(url.value, `${container.location}/Environment`);
}

/** Whether a container sets TLS beside the connection string. */
function setsTls(container: Container): boolean {
  return ['PGSSLMODE', 'PGSSL'].some(name => container.variable(name) !== undefined && container.variable(name) !== UNKNOWN);
}
