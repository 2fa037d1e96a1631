import { AuroraPostgresEngineVersion, CaCertificate, ClusterInstance, DatabaseCluster, DatabaseClusterEngine, DatabaseClusterFromSnapshot } from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';
import { requireCapacity } from './database-guards';
import { parametersOf, type CreatedDatabase, type DatabaseOptions, type DatabaseStrategy } from './database-strategy';
import { engineProps, newProps } from './engine-props';
import type { FlueAuroraServerlessOptions } from './flue-database-engine-options';
import { DATABASE_LIMITS } from '../invariants/limits/database';
import { requireWithin } from '../invariants/limits/guard';
import { settled } from '../invariants/unknown';

/** From this major version on, an Aurora cluster refuses connections without TLS by itself. */
const FORCES_TLS_FROM = 17;
/** The newest major version that the lowest supported aws-cdk-lib knows, without a minor one. */
const DEFAULT_MAJOR_VERSION = '17';

/** A cluster of Aurora PostgreSQL with serverless instances. */
export class AuroraServerless implements DatabaseStrategy {
  public constructor(private readonly props: FlueAuroraServerlessOptions) {}

  public validate(scope: Construct): void {
    const { minCapacity, maxCapacity, readers } = withDefaults(this.props);
    requireCapacity(scope, minCapacity, maxCapacity);
    requireWithin(scope, readers, DATABASE_LIMITS.readers);
  }

  public create(scope: Construct, options: DatabaseOptions): CreatedDatabase {
    const { minCapacity, maxCapacity, readers } = withDefaults(settled(scope, this.props));
    const version = this.props.version ?? AuroraPostgresEngineVersion.of(DEFAULT_MAJOR_VERSION, DEFAULT_MAJOR_VERSION);
    const ofInstance = {
      caCertificate: CaCertificate.RDS_CA_RSA2048_G1,
      publiclyAccessible: false,
      autoMinorVersionUpgrade: options.autoMinorVersionUpgrade,
    };
    const { restored, databaseName } = options;
    const props = {
      ...engineProps(scope, options),
      engine: DatabaseClusterEngine.auroraPostgres({ version }),
      serverlessV2MinCapacity: minCapacity,
      serverlessV2MaxCapacity: maxCapacity,
      writer: ClusterInstance.serverlessV2('Writer', ofInstance),
      readers: Array.from({ length: readers }, (_, index) =>
        ClusterInstance.serverlessV2(`Reader${index + 1}`, { ...ofInstance, scaleWithWriter: true })),
      backup: { retention: options.backupRetention, preferredWindow: options.preferredBackupWindow },
      cloudwatchLogsExports: ['postgresql'],
      parameters: parametersOf(Number(version.auroraPostgresMajorVersion) >= FORCES_TLS_FROM, options.parameters),
    };
    // one id for both, so that what refers to the database stays as it is
    const cluster = restored
      ? new DatabaseClusterFromSnapshot(scope, 'Cluster', {
        ...props, snapshotIdentifier: restored.identifier, snapshotCredentials: restored.credentials, storageEncryptionKey: options.encryptionKey,
      })
      : new DatabaseCluster(scope, 'Cluster', { ...props, ...newProps(options), defaultDatabaseName: databaseName });
    return { resource: cluster, secret: cluster.secret, cluster, endpoint: cluster.clusterEndpoint };
  }
}

function withDefaults({ minCapacity = 0.5, maxCapacity = 4, readers = 0 }: FlueAuroraServerlessOptions) {
  return { minCapacity, maxCapacity, readers };
}
