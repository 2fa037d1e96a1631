import { Duration, Stack } from 'aws-cdk-lib';
import { CfnVPCEndpoint, InterfaceVpcEndpoint, InterfaceVpcEndpointAwsService, Peer, Port, SecurityGroup, type IConnectable, type IVpc, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Secret as EcsSecret } from 'aws-cdk-lib/aws-ecs';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Secret, SecretRotation, SecretRotationApplication, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { PASSWORD_LENGTH } from './connection-url';
import type { FlueDatabaseProps } from './flue-database-props';
import type { FlueRotationOptions } from './flue-rotation-options';
import { refuse } from '../invariants/invariant';
import { DATABASE_LIMITS, MAX_IDENTIFIER } from '../invariants/limits/database';
import { requireWithin } from '../invariants/limits/guard';
import { requirePrivateSubnets } from '../invariants/private-database';
import { requireSubnetsOf, selectedIn } from '../invariants/subnets';
import { isUnknown, textOf } from '../invariants/unknown';

const DEFAULT_INTERVAL = Duration.days(30);
/** What the rotation function of AWS puts behind the name of a login for the other one. */
const OTHER_LOGIN = '_clone';
const LOGIN = '_login';
/** So that the password of the administrator can stand in a URL again, once nothing rotates any more. */
const EXCLUDED = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
/** Secrets of logins that take turns, as containers take them. */
const rotated = new WeakMap<EcsSecret, ISecret>();

/** The database whose passwords rotate. */
export interface RotatingServer {
  readonly vpc: IVpc;
  readonly subnets: SubnetSelection;
  readonly target: IConnectable;
  readonly administrator: ISecret;
  readonly hostname: string;
  readonly port: number;
  readonly databaseName: string;
  readonly encryptionKey?: IKey;
}

/** Refuses what a rotation cannot work with, before anything exists. */
export function requireRotation(scope: Construct, { rotation, vpc, credentials }: FlueDatabaseProps): void {
  if (!rotation) {
    return;
  }
  requireWithin(scope, rotation.automaticallyAfter, DATABASE_LIMITS.automaticallyAfter);
  if (rotation.vpcSubnets) {
    requirePrivateSubnets(scope, vpc, rotation.vpcSubnets);
    requireSubnetsOf(scope, vpc, selectedIn(scope, vpc, rotation.vpcSubnets));
  }
  if (credentials) {
    refuse(scope, '`credentials` must be left out with `rotation`, got: both', 'The function that rotates finds the database by what the construct writes into a secret of its own');
  }
}

/** The first of the two logins of an owner. */
export function loginOf(scope: Construct, owner: string): string {
  const longest = MAX_IDENTIFIER - LOGIN.length - OTHER_LOGIN.length;
  if (!isUnknown(owner) && owner.length > longest) {
    refuse(scope, `\`schemaName\` must have at most ${longest} characters where passwords rotate, got: ${owner}`,
      `Two logins are named after it, such as ${owner.slice(0, 8)}…${LOGIN}${OTHER_LOGIN}: pass a shorter one`);
  }
  return `${owner}${LOGIN}`;
}

/** The secret of the login whose turn it is, if the password of this one rotates. */
export function rotatedSecret(url: EcsSecret | undefined): ISecret | undefined {
  return url && rotated.get(url);
}

export function rememberRotated(url: EcsSecret, secret: ISecret): void {
  rotated.set(url, secret);
}

/**
 * Rotates the password of the administrator by itself, and those of servers by two logins that take turns.
 *
 * AWS keeps the functions that do it, as applications of the Serverless Application Repository. One function serves every login.
 */
export class PasswordRotation extends Construct {
  private readonly securityGroup: SecurityGroup;
  private readonly ofFunctions: Omit<ConstructorParameters<typeof SecretRotation>[2], 'secret' | 'application'>;
  private readonly interval: Duration;
  private ofLogins?: IFunction;

  public constructor(scope: Construct, id: string, private readonly server: RotatingServer, options: FlueRotationOptions) {
    super(scope, id);
    const { vpc, target, administrator } = server;
    this.interval = options.automaticallyAfter ?? DEFAULT_INTERVAL;
    const hasRoute = options.vpcSubnets === undefined ? vpc.privateSubnets.length > 0
      : vpc.selectSubnets(options.vpcSubnets).subnets.every(subnet => vpc.privateSubnets.includes(subnet));
    const vpcSubnets = options.vpcSubnets ?? (hasRoute ? { subnets: vpc.privateSubnets } : server.subnets);
    this.securityGroup = new SecurityGroup(this, 'SecurityGroup', { vpc, description: 'Rotation of the passwords of the Flue database', allowAllOutbound: false });
    const endpoint = (options.createEndpoint ?? !(hasRoute || hasEndpoint(vpc))) ? this.addEndpoint(vpcSubnets) : undefined;
    if (!endpoint) {
      this.securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'Secrets Manager');
    }
    this.ofFunctions = {
      vpc,
      vpcSubnets,
      target,
      endpoint,
      securityGroup: this.securityGroup,
      automaticallyAfter: this.interval,
      rotateImmediatelyOnUpdate: false,
      excludeCharacters: EXCLUDED,
    };
    new SecretRotation(this, 'Administrator', {
      ...this.ofFunctions, secret: administrator, application: SecretRotationApplication.POSTGRES_ROTATION_SINGLE_USER,
    });
  }

  /** The secret of a login, in the form that the function of AWS takes; its password rotates. */
  public addLogin(scope: Construct, login: string): Secret {
    const { administrator, hostname, port, databaseName, encryptionKey } = this.server;
    const secret = new Secret(scope, 'Url', {
      description: 'Login of the Flue server whose turn it is (DATABASE_URL)',
      encryptionKey,
      generateSecretString: {
        secretStringTemplate: Stack.of(this).toJsonString({
          engine: 'postgres', host: hostname, port: textOf(port), dbname: databaseName, username: login, ssl: true, masterarn: administrator.secretArn,
        }),
        generateStringKey: 'password',
        passwordLength: PASSWORD_LENGTH,
        excludePunctuation: true,
      },
    });
    if (this.ofLogins) {
      secret.addRotationSchedule('RotationSchedule', { rotationLambda: this.ofLogins, automaticallyAfter: this.interval, rotateImmediatelyOnUpdate: false });
    } else {
      const first = new SecretRotation(this, 'Logins', {
        ...this.ofFunctions, secret, masterSecret: administrator, application: SecretRotationApplication.POSTGRES_ROTATION_MULTI_USER,
      });
      this.ofLogins = first.node.findChild('RotationLambda') as IFunction;
    }
    return secret;
  }

  /** Through its own name, so that nothing else in the VPC changes its way to Secrets Manager. */
  private addEndpoint(vpcSubnets: SubnetSelection): InterfaceVpcEndpoint {
    const { vpc } = this.server;
    const endpoint = new InterfaceVpcEndpoint(this, 'Endpoint', {
      vpc,
      service: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
      subnets: { subnets: vpc.selectSubnets(vpcSubnets).subnets.slice(0, 1) },
      privateDnsEnabled: false,
      open: false,
    });
    endpoint.connections.allowDefaultPortFrom(this.securityGroup, 'Rotation of the passwords of the Flue database');
    return endpoint;
  }
}

/** Whether this app has created an endpoint of Secrets Manager in a VPC of its own. */
function hasEndpoint(vpc: IVpc): boolean {
  return vpc.node.findAll().some(made => made instanceof CfnVPCEndpoint && /\bsecretsmanager\b/.test(JSON.stringify(Stack.of(made).resolve(made.serviceName))));
}
