import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, CfnBucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { refuse } from '../invariants/invariant';
import { isUnknown } from '../invariants/unknown';

/** How long a bucket of our own keeps an access log: a quarter, as long as CloudTrail shows its events without a trail. */
export const ACCESS_LOG_RETENTION = Duration.days(90);

export interface AccessLogProps {
  readonly accessLogs?: boolean;
  readonly accessLogsBucket?: IBucket;
}

/** Refuses access logs that the load balancer could not write. */
export function requireAccessLogs(scope: Construct, { accessLogs, accessLogsBucket }: AccessLogProps): void {
  if (accessLogs === false && accessLogsBucket) {
    refuse(scope, '`accessLogs` must not be false with `accessLogsBucket`, got: both', 'Leave one of them out');
  }
  if (!accessLogs && !accessLogsBucket) {
    return;
  }
  const { region } = Stack.of(scope);
  if (isUnknown(region)) {
    refuse(scope, '`accessLogs` and `accessLogsBucket` must be in a stack that names its region, got: one for any region',
      'Elastic Load Balancing writes the logs with another account in each region: pass `env: { region: … }` to the stack');
  }
  if (accessLogsBucket && usesKms(accessLogsBucket)) {
    refuse(scope, '`accessLogsBucket` must be encrypted with keys of Amazon S3, got: a bucket with a key of AWS KMS',
      'Elastic Load Balancing cannot write to a bucket with a KMS key: pass another bucket, or `accessLogs: true` for a new one');
  }
}

/** Whether a bucket is known to encrypt with a key of AWS KMS, that of a customer or of AWS. */
function usesKms(bucket: IBucket): boolean {
  const { defaultChild } = bucket.node;
  const encryption: CfnBucket.BucketEncryptionProperty | undefined = defaultChild instanceof CfnBucket
    ? Stack.of(bucket).resolve(defaultChild.bucketEncryption) : undefined;
  const rules = encryption?.serverSideEncryptionConfiguration as CfnBucket.ServerSideEncryptionRuleProperty[] | undefined;
  return bucket.encryptionKey !== undefined
    || (Array.isArray(rules) && rules.some(({ serverSideEncryptionByDefault: rule }) => (
      rule && 'sseAlgorithm' in rule && String(rule.sseAlgorithm).startsWith('aws:kms'))));
}

/** The bucket that is given, a new one, or none. */
export function accessLogsBucketOf(scope: Construct, { accessLogs, accessLogsBucket }: AccessLogProps): IBucket | undefined {
  if (accessLogsBucket || !accessLogs) {
    return accessLogsBucket;
  }
  return new Bucket(scope, 'AccessLogs', {
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    lifecycleRules: [{ expiration: ACCESS_LOG_RETENTION, abortIncompleteMultipartUploadAfter: Duration.days(7) }],
    // who called is asked after the service is gone, too
    removalPolicy: RemovalPolicy.RETAIN,
  });
}
