import { Duration, Names } from 'aws-cdk-lib';
import type { CodeInterpreterCustom } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { Alarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Connections, InterfaceVpcEndpoint, IVpc } from 'aws-cdk-lib/aws-ec2';
import type { ContainerDefinition, FargateTaskDefinition, ICluster } from 'aws-cdk-lib/aws-ecs';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { FlueSandbox } from './flue-sandbox';
import type { FlueSandboxesProps } from './flue-sandboxes-props';
import { runningSandboxes } from './reaper';
import type { SandboxHost } from './sandbox-access';
import type { BuiltSandboxes } from './sandbox-way';
import { refuse } from '../invariants/invariant';
import { requireWithin } from '../invariants/limits/guard';
import { DEFAULT_IDLE_TIMEOUT, DEFAULT_MAX_CONCURRENT, DEFAULT_MAX_LIFETIME, SANDBOX_LIMITS } from '../invariants/limits/sandboxes';
import { requireNoSecretTexts } from '../invariants/secrets-only';
import { areDifferentVpcs } from '../invariants/subnets';
import { SANDBOX_LIFETIME } from '../invariants/template/sandboxes';
import { placed } from '../invariants/types/placed';
import { requireArguments, requireTypes } from '../invariants/types/require-types';
import { numberInText, settled, textOf } from '../invariants/unknown';
import type { SandboxCommands } from '../operations/operator-commands';

const MAX_POOL_NAME = 64;

/**
 * A pool of sandboxes: a machine of its own for each session of an agent that runs shells.
 *
 * Without one, commands of an agent run beside the server: they see its secrets, its role and the internet. Pass the pool to `addSandboxes()` of
 * a service, and let the app use the adapter that `npx cdk-flue init --sandbox` writes. Each session then gets a sandbox, which ends when it is idle or too old.
 *
 * `FlueSandbox.fargate()`, the default, is a task in isolated subnets: it has no role, no secret and no route to the internet. Its root is read-only, and
 * its user is not root. Its security group admits the server, and lets out to the registry and the logs alone. To let it reach more, such as a proxy of
 * yours, pass `egress`. DNS is answered all the same; see `allowedDomains`. A reaper stops what its
 * server left behind, every five minutes.
 *
 * `FlueSandbox.codeInterpreter()` is a session of Amazon Bedrock AgentCore, which has no role and reaches Amazon S3 and DNS. AWS ends it after `maxLifetime`.
 *
 * **Cost.** A task of the default size is 0.0004 USD a minute, from its pull to its end. Three VPC endpoints are 43.8 USD a month in two zones, if the VPC does
 * not have them, and the alarm is 0.10 (us-east-1, 2026-09-26). A code interpreter is paid for by what its sessions use.
 *
 * **Durability.** A sandbox keeps nothing: its disk is gone with it.
 *
 * **Security.** On Fargate, the VPC endpoints admit the credentials of this account alone, also for everyone else in the VPC. The metadata of a task answer in a
 * sandbox, and name the account, the cluster and the image; they hold no credentials.
 *
 * @example
 * const pool = new FlueSandboxes(this, 'Sandboxes', {
 *   vpc,
 *   maxLifetime: Duration.minutes(30),
 * });
 * agents.addSandboxes(pool);
 */
export class FlueSandboxes extends Construct {
  /** The name of the pool: on Fargate, the value of the tag `cdk-flue:sandbox` on each of its tasks. */
  public readonly poolName: string;
  /** The VPC of the servers that start sandboxes. */
  public readonly vpc: IVpc;
  /**
   * Network rules of the sandboxes.
   *
   * @default - undefined for a code interpreter that is in no VPC
   */
  public readonly connections?: Connections;
  /**
   * The task definition of a sandbox on Fargate.
   *
   * @default - undefined for a code interpreter
   */
  public readonly taskDefinition?: FargateTaskDefinition;
  /**
   * The container of a sandbox on Fargate.
   *
   * @default - undefined for a code interpreter
   */
  public readonly container?: ContainerDefinition;
  /**
   * The cluster of the sandboxes on Fargate.
   *
   * @default - undefined for a code interpreter
   */
  public readonly cluster?: ICluster;
  /**
   * The log group of the sandboxes on Fargate.
   *
   * @default - undefined for a code interpreter
   */
  public readonly logGroup?: ILogGroup;
  /**
   * What stops sandboxes on Fargate that are too old, or whose server is gone. Start it to have it look at once.
   *
   * @default - undefined for a code interpreter, whose sessions AWS ends
   */
  public readonly reaper?: StateMachine;
  /**
   * The alarm for more sandboxes on Fargate than `maxConcurrent`, and for a reaper that does not count.
   *
   * @default - undefined for a code interpreter
   */
  public readonly alarm?: Alarm;
  /** The interface endpoints that the pool made, by service, such as `ecrApi`. */
  public readonly interfaceEndpoints: { [service: string]: InterfaceVpcEndpoint };
  /**
   * The code interpreter, without a role.
   *
   * @default - undefined on Fargate
   */
  public readonly codeInterpreter?: CodeInterpreterCustom;

  private readonly built: BuiltSandboxes;
  private readonly variables: { readonly [name: string]: string };

  public constructor(scope: Construct, id: string, props: FlueSandboxesProps) {
    super(placed('FlueSandboxes', scope, id), id);
    requireTypes(this, 'FlueSandboxesProps', props);
    requireNoSecretTexts(this, props);
    props = settled(this, props);
    const { vpc, maxLifetime = DEFAULT_MAX_LIFETIME, maxConcurrent = DEFAULT_MAX_CONCURRENT } = props;
    const { _way: way } = props.sandbox ?? FlueSandbox.fargate();
    requireWithin(this, maxLifetime, SANDBOX_LIMITS.maxLifetime);
    const idleTimeout = props.idleTimeout ?? shorter(DEFAULT_IDLE_TIMEOUT, maxLifetime);
    requireIdleTimeout(this, idleTimeout, maxLifetime);
    requireWithin(this, maxConcurrent, SANDBOX_LIMITS.maxConcurrent);
    way.require(this, { vpc, maxLifetime, idleTimeout, maxConcurrent });

    this.vpc = vpc;
    this.poolName = Names.uniqueResourceName(this, { maxLength: MAX_POOL_NAME, separator: '-' });
    this.built = way.build(this, { vpc, poolName: this.poolName, maxLifetime, idleTimeout, maxConcurrent });
    this.connections = this.built.connections;
    this.taskDefinition = this.built.taskDefinition;
    this.container = this.built.container;
    this.cluster = this.built.cluster;
    this.logGroup = this.built.logGroup;
    this.reaper = this.built.reaper;
    this.alarm = this.built.alarm;
    this.interfaceEndpoints = this.built.interfaceEndpoints ?? {};
    this.codeInterpreter = this.built.codeInterpreter;
    this.variables = {
      SANDBOX_KIND: way.kind,
      ...this.built.variables,
      SANDBOX_MAX_CONCURRENT: textOf(numberInText(maxConcurrent)),
      SANDBOX_IDLE_SECONDS: `${idleTimeout.toSeconds()}`,
      [SANDBOX_LIFETIME]: `${maxLifetime.toSeconds()}`,
      SANDBOX_POOL: this.poolName,
    };
    this.node.defaultChild = this.built.defaultChild;
  }

  /**
   * Lets a program start, use and end sandboxes of this pool. `addSandboxes()` of a service does it.
   *
   * On Fargate, it may also pass the role that pulls their image.
   *
   * @param grantee the program
   */
  public grantRun(grantee: IGrantable): Grant {
    requireArguments('FlueSandboxes.grantRun', { grantee }, this);
    return this.built.grantRun(grantee);
  }

  /**
   * Number of running sandboxes on Fargate, as the reaper counts them every five minutes. By default, the maximum over fifteen minutes.
   *
   * Throws for a code interpreter: AWS counts the sessions that were asked for, and not those that run.
   *
   * @param props period, statistic and other options of the metric
   */
  public metricRunningSandboxes(props?: MetricOptions): Metric {
    if (!this.reaper) {
      refuse(this, '`metricRunningSandboxes()` must be asked of sandboxes on Fargate, got: a code interpreter',
        'Nobody counts its running sessions. Take `codeInterpreter.metricSessionDuration()` of the pool, or another metric of it');
    }
    return runningSandboxes(this, this.poolName, props);
  }

  /**
   * Lets a server use the pool.
   *
   * @internal
   */
  public _admit(service: Construct, host: SandboxHost): void {
    if (areDifferentVpcs(this.vpc, host.vpc)) {
      refuse(service, `\`pool\` must be in the VPC of the server (${host.vpc.node.path}), got: one in ${this.vpc.node.path}`,
        'Pass the same VPC to both, because the server connects to private addresses');
    }
    host.addEnvironment(this.variables);
    this.built.connect(service, host);
    this.grantRun(host.grantee);
  }

  /**
   * Commands that list and end the sandboxes.
   *
   * @internal
   */
  public _commands(): SandboxCommands {
    return this.built.commands;
  }
}

function shorter(one: Duration, other: Duration): Duration {
  return one.toSeconds() <= other.toSeconds() ? one : other;
}

/** Refuses a time that never comes. */
function requireIdleTimeout(scope: Construct, idleTimeout: Duration, maxLifetime: Duration): void {
  requireWithin(scope, idleTimeout, SANDBOX_LIMITS.idleTimeout);
  if (idleTimeout.toSeconds() > maxLifetime.toSeconds()) {
    refuse(scope, `\`idleTimeout\` must be at most \`maxLifetime\`, got: ${idleTimeout.toSeconds()} s and ${maxLifetime.toSeconds()} s`, 'Shorten it, or leave it out');
  }
}
