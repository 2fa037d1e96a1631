import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Credentials, Endpoint, IDatabaseCluster, IDatabaseInstance, SnapshotCredentials } from 'aws-cdk-lib/aws-rds';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { FORCE_TLS } from './database-guards';

/** What every engine gets, with every default filled in. */
export interface DatabaseOptions {
  readonly vpc: IVpc;
  readonly vpcSubnets: SubnetSelection;
  readonly securityGroups: ISecurityGroup[];
  readonly port: number;
  readonly databaseName: string;
  readonly credentials: Credentials;
  /** None for a database that begins empty. */
  readonly restored?: RestoredSnapshot;
  readonly removalPolicy: RemovalPolicy;
  readonly deletionProtection: boolean;
  readonly backupRetention: Duration;
  readonly autoMinorVersionUpgrade: boolean;
  readonly iamAuthentication: boolean;
  readonly enablePerformanceInsights: boolean;
  readonly preferredBackupWindow?: string;
  readonly preferredMaintenanceWindow?: string;
  readonly encryptionKey?: IKey;
  readonly monitoringInterval?: Duration;
  readonly cloudwatchLogsRetention?: RetentionDays;
  readonly parameters?: { [name: string]: string };
}

/** The snapshot that a database begins with. */
export interface RestoredSnapshot {
  readonly identifier: string;
  /** The password that the master user gets in place of the one in the snapshot. */
  readonly credentials: SnapshotCredentials;
}

export interface CreatedDatabase {
  /** The L2 construct that is the database, on which everything that connects depends. */
  readonly resource: Construct;
  readonly endpoint: Endpoint;
  /** The credentials as they are once the database is attached to them. */
  readonly secret?: ISecret;
  readonly instance?: IDatabaseInstance;
  readonly cluster?: IDatabaseCluster;
}

export interface DatabaseStrategy {
  /**
   * Refuses options that the engine does not have, before anything exists.
   *
   * @param snapshot the identifier of the snapshot to begin with
   */
  validate(scope: Construct, snapshot?: string): void;
  create(scope: Construct, options: DatabaseOptions): CreatedDatabase;
}

/**
 * The parameters of the group to define, or undefined for none.
 *
 * A parameter group belongs to one major version and must be replaced with it, so there is none where the default group of the
 * engine has the same values.
 */
export function parametersOf(forcesTls: boolean, given?: { [name: string]: string }): { [name: string]: string } | undefined {
  return given || !forcesTls ? { ...given, [FORCE_TLS]: '1' } : undefined;
}
