import { Resource, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays, type ILogGroup, type LogGroupProps } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { refuse } from '../invariants/invariant';
import { isUnknown } from '../invariants/unknown';
import { WARNINGS } from '../invariants/warnings';

export interface ServerLogsProps {
  readonly logRetention?: RetentionDays;
  readonly logEncryptionKey?: IKey;
  /** A log group that exists. */
  readonly logGroup?: ILogGroup;
}

export type LogSettings = Pick<LogGroupProps, 'retention' | 'encryptionKey'>;

/** The log group of a server. */
export function buildLogGroup(scope: Construct, props: ServerLogsProps): LogGroup {
  return new LogGroup(scope, 'LogGroup', logSettings(scope, props));
}

/** How log groups of a construct keep what they get. Lets CloudWatch Logs use their key. */
export function logSettings(scope: Construct, { logRetention, logEncryptionKey }: ServerLogsProps): LogSettings {
  if (logEncryptionKey) {
    admitLogs(scope, logEncryptionKey);
  }
  return { retention: logRetention ?? RetentionDays.ONE_MONTH, encryptionKey: logEncryptionKey };
}

/** Refuses what belongs to a log group that the service makes, beside one that is given. */
export function requireOneLogGroup(scope: Construct, props: ServerLogsProps): void {
  for (const prop of ['logRetention', 'logEncryptionKey'] as const) {
    if (props.logGroup && props[prop] !== undefined) {
      refuse(scope, `\`${prop}\` must be left out with \`logGroup\`, got: both`, 'Set it on that log group');
    }
  }
}

/** The log group of a server: the one given, or one of its own. */
export function serverLogGroup(scope: Construct, props: ServerLogsProps): ILogGroup {
  return props.logGroup ?? buildLogGroup(scope, props);
}

/** What CloudWatch Logs does with the key of a log group (Amazon CloudWatch Logs user guide, encryption with AWS KMS). */
const LOG_ACTIONS = ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'];

/**
 * Lets CloudWatch Logs use a key that this app makes, for log groups of this account and region.
 *
 * Without it the log group cannot be created. Naming the one group would make a circle: its key has to be there before it.
 */
export function admitLogs(scope: Construct, key: IKey): void {
  const { region, account, partition } = Stack.of(scope);
  if (!Resource.isOwnedResource(key)) {
    WARNINGS.logKeyPolicy.give(scope, { region: isUnknown(region) ? '<region>' : region });
  }
  key.addToResourcePolicy(new PolicyStatement({
    principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
    actions: LOG_ACTIONS,
    resources: ['*'],
    conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*` } },
  }));
}
