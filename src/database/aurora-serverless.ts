import { AuroraPostgresEngineVersion, CaCertificate, ClusterInstance, DatabaseCluster, DatabaseClusterEngine } from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';
import { requireCapacity } from './database-guards';
import { parametersOf, type CreatedDatabase, type DatabaseOptions, type DatabaseStrategy } from './database-strategy';
import { engineProps } from './engine-props';
import type { FlueAuroraServerlessOptions } from './flue-database-engine-options';
import { DATABASE_LIMITS } from '../invariants/limits/database';
import { requireWithin } from '../invariants/limits/guard';

/** From this major version on, an Aurora cluster refuses connections without TLS by itself. */
const FORCES_TLS_FROM = 17;
/** The newest major version that the lowest supported aws-cdk-lib knows, without a minor one. */
const DEFAULT_MAJOR_VERSION = '17';

/** A cluster of Aurora PostgreSQL with serverless instances. */
export class AuroraServerless implements DatabaseStrategy {
  private readonly minCapacity: number;
  private readonly maxCapacity: number;
  private readonly readers: number;

  public constructor(private readonly props: FlueAuroraServerlessOptions) {
    this.minCapacity = props.minCapacity ?? 0.5;
    this.maxCapacity = props.maxCapacity ?? 4;
    this.readers = props.readers ?? 0;
  }

  public validate(scope: Construct): void {
    requireCapacity(scope, this.minCapacity, this.maxCapacity);
    requireWithin(scope, this.readers, DATABASE_LIMITS.readers);
  }

  public create(scope: Construct, options: DatabaseOptions): CreatedDatabase {
    const version = this.props.version ?? AuroraPostgresEngineVersion.of(DEFAULT_MAJOR_VERSION, DEFAULT_MAJOR_VERSION);
    const ofInstance = {
      caCertificate: CaCertificate.RDS_CA_RSA2048_G1,
      publiclyAccessible: false,
      autoMinorVersionUpgrade: options.autoMinorVersionUpgrade,
    };
    const cluster = new DatabaseCluster(scope, 'Cluster', {
      ...engineProps(scope, options),
      engine: DatabaseClusterEngine.auroraPostgres({ version }),
      serverlessV2MinCapacity: this.minCapacity,
      serverlessV2MaxCapacity: this.maxCapacity,
      writer: ClusterInstance.serverlessV2('Writer', ofInstance),
      readers: Array.from({ length: this.readers }, (_, index) =>
        ClusterInstance.serverlessV2(`Reader${index + 1}`, { ...ofInstance, scaleWithWriter: true })),
      defaultDatabaseName: options.databaseName,
      backup: { retention: options.backupRetention, preferredWindow: options.preferredBackupWindow },
      cloudwatchLogsExports: ['postgresql'],
      parameters: parametersOf(Number(version.auroraPostgresMajorVersion) >= FORCES_TLS_FROM, options.parameters),
    });
    return { resource: cluster, secret: cluster.secret, cluster, endpoint: cluster.clusterEndpoint };
  }
}
