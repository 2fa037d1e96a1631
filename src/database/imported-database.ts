import { Connections, Port, type ISecurityGroup, type IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Secret } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import type { IFlueDatabase } from './database';

export interface ImportedDatabaseProps {
  readonly url: Secret;
  readonly port: number;
  readonly usesRdsCertificates: boolean;
  readonly vpc?: IVpc;
  readonly securityGroups?: ISecurityGroup[];
}

/** A Postgres that exists, of which only the connection string is known. */
export class ImportedDatabase extends Construct implements IFlueDatabase {
  public readonly url: Secret;
  public readonly connections: Connections;
  public readonly usesRdsCertificates: boolean;
  public readonly vpc?: IVpc;

  public constructor(scope: Construct, id: string, props: ImportedDatabaseProps) {
    super(scope, id);
    this.url = props.url;
    this.vpc = props.vpc;
    this.usesRdsCertificates = props.usesRdsCertificates;
    this.connections = new Connections({ securityGroups: props.securityGroups, defaultPort: Port.tcp(props.port) });
  }
}
