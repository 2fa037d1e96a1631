import { Size } from 'aws-cdk-lib';
import { InstanceClass, InstanceSize, InstanceType } from 'aws-cdk-lib/aws-ec2';
import { CaCertificate, DatabaseInstance, DatabaseInstanceEngine, DatabaseInstanceFromSnapshot, PostgresEngineVersion, StorageType } from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';
import { defaultMaxStorage, gibOf, requireInstanceSnapshot, requireStorage } from './database-guards';
import { parametersOf, type CreatedDatabase, type DatabaseOptions, type DatabaseStrategy } from './database-strategy';
import { engineProps, newProps } from './engine-props';
import type { FluePostgresOptions } from './flue-database-engine-options';
import { DATABASE_LIMITS } from '../invariants/limits/database';
import { requireWritten } from '../invariants/limits/guard';
import { isUnknown, numberInText, settled } from '../invariants/unknown';

/** From this major version on, an RDS instance refuses connections without TLS by itself. */
const FORCES_TLS_FROM = 15;

/** One instance of RDS for PostgreSQL. */
export class RdsPostgres implements DatabaseStrategy {
  public constructor(private readonly props: FluePostgresOptions) {}

  public validate(scope: Construct, snapshot?: string): void {
    requireInstanceSnapshot(scope, snapshot);
    if (this.props.instanceType) {
      requireWritten(scope, this.props.instanceType.toString(), DATABASE_LIMITS.instanceType);
    }
    requireStorage(scope, allocatedBy(this.props), this.props.maxAllocatedStorage);
  }

  public create(scope: Construct, options: DatabaseOptions): CreatedDatabase {
    const { allocatedStorage: allocated, maxAllocatedStorage } = settled(scope, this.props);
    const allocatedStorage = allocatedBy({ allocatedStorage: allocated });
    const version = this.props.version ?? PostgresEngineVersion.VER_18;
    const { restored, databaseName } = options;
    const props = {
      ...engineProps(scope, options),
      engine: DatabaseInstanceEngine.postgres({ version }),
      instanceType: this.props.instanceType ?? InstanceType.of(InstanceClass.T4G, InstanceSize.MICRO),
      multiAz: this.props.multiAz ?? false,
      storageType: StorageType.GP3,
      allocatedStorage: numberInText(gibOf(allocatedStorage)),
      maxAllocatedStorage: limitOf(allocatedStorage, maxAllocatedStorage),
      allowMajorVersionUpgrade: this.props.allowMajorVersionUpgrade,
      publiclyAccessible: false,
      caCertificate: CaCertificate.RDS_CA_RSA2048_G1,
      backupRetention: options.backupRetention,
      preferredBackupWindow: options.preferredBackupWindow,
      autoMinorVersionUpgrade: options.autoMinorVersionUpgrade,
      cloudwatchLogsExports: ['postgresql', 'upgrade'],
      parameters: parametersOf(Number(version.postgresMajorVersion) >= FORCES_TLS_FROM, options.parameters),
    };
    // one id for both, so that what refers to the database stays as it is
    const instance = restored
      ? new DatabaseInstanceFromSnapshot(scope, 'Instance', { ...props, snapshotIdentifier: restored.identifier, credentials: restored.credentials })
      : new DatabaseInstance(scope, 'Instance', { ...props, ...newProps(options), databaseName });
    return { resource: instance, secret: instance.secret, instance, endpoint: instance.instanceEndpoint };
  }
}

function allocatedBy({ allocatedStorage }: FluePostgresOptions): Size {
  return allocatedStorage ?? Size.gibibytes(20);
}

function limitOf(allocated: Size, stated: Size | undefined): number | undefined {
  if (!stated) {
    return isUnknown(allocated) ? undefined : growing(gibOf(allocated), defaultMaxStorage(gibOf(allocated)));
  }
  return growing(gibOf(allocated), gibOf(stated));
}

/** RDS takes no limit that equals what is allocated; without a limit the volume keeps its size. */
function growing(gib: number, maxGib: number): number | undefined {
  return maxGib === gib ? undefined : maxGib;
}
