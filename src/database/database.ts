import type { IConnectable, IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Secret } from 'aws-cdk-lib/aws-ecs';
import type { IConstruct } from 'constructs';

/**
 * A Postgres in which Flue servers keep sessions, submissions and runs.
 */
export interface IFlueDatabase extends IConstruct, IConnectable {
  /** The connection string, as a secret that you can pass to a container as `DATABASE_URL`. */
  readonly url: Secret;

  /**
   * The VPC in which the database is reachable.
   *
   * @default - the database is reachable from anywhere, or its VPC is not known
   */
  readonly vpc?: IVpc;

  /** Whether the server's certificate is signed by the certificate authorities of Amazon RDS, which Node.js does not know by itself. */
  readonly usesRdsCertificates: boolean;
}
