import { Connections, Port, type IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Secret } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import type { IFlueDatabase } from './database';
import type { FlueDatabaseFromUrlSecretOptions } from './flue-database-props';
import { DATABASE_LIMITS, POSTGRES_PORT } from '../invariants/limits/database';
import { requireListed, requireWithin } from '../invariants/limits/guard';
import { requireSecretReferences } from '../invariants/secret-reference';
import { requireNoSecretTexts } from '../invariants/secrets-only';
import { DATABASE_URL } from '../invariants/shared-state';

/** An existing Postgres, given by its connection string. */
export class ImportedDatabase extends Construct implements IFlueDatabase {
  public readonly url: Secret;
  public readonly connections: Connections;
  public readonly usesRdsCertificates: boolean;
  public readonly vpc?: IVpc;

  public constructor(scope: Construct, id: string, props: FlueDatabaseFromUrlSecretOptions) {
    super(scope, id);
    requireNoSecretTexts(this, props);
    const port = props.port ?? POSTGRES_PORT;
    requireWithin(this, port, DATABASE_LIMITS.existingPort);
    requireListed(this, props.securityGroups, DATABASE_LIMITS.existingSecurityGroups);

    requireSecretReferences(this, 'url', { [DATABASE_URL]: props.url });
    this.url = props.url;
    this.vpc = props.vpc;
    this.usesRdsCertificates = props.usesRdsCertificates ?? true;
    this.connections = new Connections({ securityGroups: props.securityGroups, defaultPort: Port.tcp(port) });
  }
}
