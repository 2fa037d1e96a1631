import { Connections, Port } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { FlueDatabaseFromAdministratorSecretOptions } from './flue-database-props';
import { FlueSchema, type IFlueSchemaHost } from './flue-schema';
import type { FlueSchemaOptions } from './flue-schema-options';
import type { SchemaServer } from './schema-server';
import { requireUsableKeys } from '../invariants/encryption-keys';
import { DATABASE_LIMITS, POSTGRES_PORT } from '../invariants/limits/database';
import { requireListed, requireWithin, requireWritten } from '../invariants/limits/guard';
import { requireSecretReference } from '../invariants/secret-reference';
import { requireNoSecretTexts } from '../invariants/secrets-only';
import { requireArguments } from '../invariants/types/require-types';

/** An existing Postgres, given by its address and its administrator. */
export class ExistingServer extends Construct implements IFlueSchemaHost {
  public readonly connections: Connections;
  /** @internal */
  public readonly _schemaServer: SchemaServer;

  public constructor(scope: Construct, id: string, props: FlueDatabaseFromAdministratorSecretOptions) {
    super(scope, id);
    requireNoSecretTexts(this, props);
    requireUsableKeys(this, props);
    const port = props.port ?? POSTGRES_PORT;
    requireWithin(this, port, DATABASE_LIMITS.existingPort);
    requireListed(this, props.securityGroups, DATABASE_LIMITS.existingSecurityGroups);
    requireSecretReference(this, 'administrator', props.administrator);
    requireWritten(this, props.host, DATABASE_LIMITS.host);
    requireWritten(this, props.databaseName, DATABASE_LIMITS.existingDatabaseName);

    this.connections = new Connections({ securityGroups: props.securityGroups, defaultPort: Port.tcp(port) });
    this._schemaServer = {
      hostname: props.host,
      port,
      databaseName: props.databaseName,
      administrator: props.administrator,
      administratorKey: props.administrator.encryptionKey,
      connections: this.connections,
      vpc: props.vpc,
      usesRdsCertificates: props.usesRdsCertificates ?? true,
      encryptionKey: props.encryptionKey,
    };
  }

  public addSchema(id: string, options?: FlueSchemaOptions): FlueSchema {
    requireArguments('FlueDatabase.addSchema', { id, options }, this);
    return FlueSchema._in(this, this._schemaServer, id, options);
  }
}
