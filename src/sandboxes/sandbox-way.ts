import type { Duration } from 'aws-cdk-lib';
import type { CodeInterpreterCustom } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { Connections, InterfaceVpcEndpoint, IVpc } from 'aws-cdk-lib/aws-ec2';
import type { ContainerDefinition, FargateTaskDefinition, ICluster } from 'aws-cdk-lib/aws-ecs';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct, IConstruct } from 'constructs';
import type { SandboxHost } from './sandbox-access';
import type { SandboxCommands } from '../operations/operator-commands';

/** What a pool says of every sandbox, whatever it is. */
export interface SandboxPool {
  readonly vpc: IVpc;
  readonly poolName: string;
  readonly maxLifetime: Duration;
  readonly idleTimeout: Duration;
  readonly maxConcurrent: number;
}

/** What the public properties of a pool show; what a way does not make is not there. */
export interface SandboxParts {
  readonly connections?: Connections;
  readonly taskDefinition?: FargateTaskDefinition;
  readonly container?: ContainerDefinition;
  readonly cluster?: ICluster;
  readonly logGroup?: ILogGroup;
  readonly reaper?: StateMachine;
  readonly alarm?: Alarm;
  readonly interfaceEndpoints?: { [service: string]: InterfaceVpcEndpoint };
  readonly codeInterpreter?: CodeInterpreterCustom;
}

/** The sandboxes of a pool. */
export interface BuiltSandboxes extends SandboxParts {
  readonly defaultChild: IConstruct;
  /** What the adapter of the app reads, beside the variables of every pool. */
  readonly variables: { readonly [name: string]: string };
  readonly commands: SandboxCommands;
  grantRun(grantee: IGrantable): Grant;
  /** Opens the way from a server to the sandboxes, or warns that there is none. */
  connect(service: Construct, host: SandboxHost): void;
}

/** One kind of sandbox. */
export interface SandboxWay {
  /** What `SANDBOX_KIND` says to the adapter. */
  readonly kind: string;

  /** Refuses what the pool could not have, before the first resource exists. */
  require(scope: Construct, pool: Omit<SandboxPool, 'poolName'>): void;

  /** Makes what sandboxes need. */
  build(scope: Construct, pool: SandboxPool): BuiltSandboxes;
}
