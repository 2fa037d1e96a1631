import { Duration, Names } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, Stats, TreatMissingData, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Connections, Peer, Port, SecurityGroup, SubnetType, type IConnectable, type InterfaceVpcEndpoint, type IVpc, type SelectedSubnets } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights, type ContainerDefinition, type FargateTaskDefinition, type ICluster } from 'aws-cdk-lib/aws-ecs';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { DnsFirewall } from './dns-firewall';
import type { FlueSandboxesProps } from './flue-sandboxes-props';
import { Reaper, RUNNING_SANDBOXES, SANDBOX_NAMESPACE } from './reaper';
import { connectToSandboxes, grantSandboxes, type SandboxHost } from './sandbox-access';
import { openEndpoints, requireRange, requireRouteTables } from './sandbox-endpoints';
import { providedImage } from './sandbox-image';
import { buildSandboxTask } from './sandbox-task';
import { requireCpuArchitecture } from '../image/image-guards';
import { requireUsableKeys } from '../invariants/encryption-keys';
import { DEFAULT_CPU, DEFAULT_MEMORY_MIB, requireFargateSize } from '../invariants/fargate-size';
import { refuse } from '../invariants/invariant';
import { FARGATE_LIMITS } from '../invariants/limits/fargate';
import { requireListed, requireWithin, requireWritten } from '../invariants/limits/guard';
import { DEFAULT_IDLE_TIMEOUT, DEFAULT_MAX_CONCURRENT, DEFAULT_MAX_LIFETIME, SANDBOX_LIMITS } from '../invariants/limits/sandboxes';
import { requireNoSecretTexts } from '../invariants/secrets-only';
import { areDifferentVpcs, requireSubnetsOf, selectedIn } from '../invariants/subnets';
import { markAsFlueSandbox } from '../invariants/template/flue-marker';
import { SANDBOX_CONTAINER, SANDBOX_LIFETIME, SANDBOX_PORT, SANDBOX_SECURITY_GROUPS, SANDBOX_TASK_DEFINITION } from '../invariants/template/sandboxes';
import { placed } from '../invariants/types/placed';
import { requireArguments, requireTypes } from '../invariants/types/require-types';
import { numberInText, settled, textOf } from '../invariants/unknown';
import { WARNINGS } from '../invariants/warnings';
import { requireOneLogGroup, serverLogGroup } from '../logs/server-logs';
import { clusterIn } from '../network/network';
import { warnTasksCutOff } from '../network/way-out';
import type { SandboxCommands } from '../operations/operator-commands';
import { sandboxCommands } from '../operations/sandbox-commands';

const MAX_POOL_NAME = 64;
/** Three runs of the reaper: one that is late is no fault. */
const ALARM_PERIOD = Duration.minutes(15);

/**
 * A pool of sandboxes: a machine of its own for each session of an agent that runs shells.
 *
 * Without one, commands of an agent run beside the server: they see its secrets, its role and the internet. Pass the pool to `addSandboxes()` of
 * a service, and let the app use the adapter that `npx cdk-flue init --sandbox` writes. Each session then gets a task on Fargate, which ends when it is idle
 * or too old. A reaper stops what its server left behind, every five minutes.
 *
 * A sandbox has no role, no secret and no route to the internet. Its root is read-only, and its user is not root. Its security group admits the
 * server, and lets out to the registry and the logs alone. To let it reach more, such as a proxy of yours, open a rule:
 * `pool.connections.allowTo(proxy, ec2.Port.tcp(3128))`. DNS is answered all the same; see `allowedDomains`.
 *
 * **Cost.** A sandbox of the default size is 0.0004 USD a minute, from its pull to its end. Three VPC endpoints are 43.8 USD a month in two zones, if the VPC does
 * not have them, and the alarm is 0.10 (us-east-1, 2026-09-26).
 *
 * **Durability.** A sandbox keeps nothing: its disk is gone with it.
 *
 * **Security.** The VPC endpoints admit the credentials of this account alone, also for everyone else in the VPC. The metadata of a task answer in a sandbox, and
 * name the account, the cluster and the image; they hold no credentials.
 *
 * @example
 * const pool = new FlueSandboxes(this, 'Sandboxes', {
 *   vpc,
 *   maxLifetime: Duration.minutes(30),
 * });
 * agents.addSandboxes(pool);
 */
export class FlueSandboxes extends Construct implements IConnectable {
  /** The name of the pool: the value of the tag `cdk-flue:sandbox` on each of its tasks. */
  public readonly poolName: string;
  /** Network rules of the sandboxes. */
  public readonly connections: Connections;
  /** The task definition of a sandbox. */
  public readonly taskDefinition: FargateTaskDefinition;
  /** The container of a sandbox. */
  public readonly container: ContainerDefinition;
  /** The cluster of the sandboxes. */
  public readonly cluster: ICluster;
  /** The VPC of the sandboxes. */
  public readonly vpc: IVpc;
  /** The log group of the sandboxes. */
  public readonly logGroup: ILogGroup;
  /** What stops sandboxes that are too old, or whose server is gone. Start it to have it look at once. */
  public readonly reaper: StateMachine;
  /** The alarm for more sandboxes than `maxConcurrent`, and for a reaper that does not count. */
  public readonly alarm: Alarm;
  /** The interface endpoints that the pool made, by service, such as `ecrApi`. */
  public readonly interfaceEndpoints: { [service: string]: InterfaceVpcEndpoint };

  private readonly variables: { readonly [name: string]: string };
  private readonly securityGroup: SecurityGroup;

  public constructor(scope: Construct, id: string, props: FlueSandboxesProps) {
    super(placed('FlueSandboxes', scope, id), id);
    requireTypes(this, 'FlueSandboxesProps', props);
    requireNoSecretTexts(this, props);
    requireUsableKeys(this, props);
    props = settled(this, props);
    const { maxLifetime = DEFAULT_MAX_LIFETIME, maxConcurrent = DEFAULT_MAX_CONCURRENT } = props;
    const { cpu = DEFAULT_CPU, memoryLimitMiB = DEFAULT_MEMORY_MIB } = props;
    requireWithin(this, maxLifetime, SANDBOX_LIMITS.maxLifetime);
    const idleTimeout = props.idleTimeout ?? shorter(DEFAULT_IDLE_TIMEOUT, maxLifetime);
    requireIdleTimeout(this, idleTimeout, maxLifetime);
    requireWithin(this, maxConcurrent, SANDBOX_LIMITS.maxConcurrent);
    requireFargateSize(this, cpu, memoryLimitMiB);
    requireWithin(this, props.ephemeralStorage, FARGATE_LIMITS.ephemeralStorage);
    requireOneLogGroup(this, props);
    const cpuArchitecture = requireCpuArchitecture(this, props.cpuArchitecture);
    requireListed(this, props.allowedDomains, SANDBOX_LIMITS.allowedDomains);
    props.allowedDomains?.forEach(domain => requireWritten(this, domain, SANDBOX_LIMITS.allowedDomain));
    const selected = this.isolated(props);
    requireRange(this, props.vpc, props.endpoints);
    requireRouteTables(this, props.vpc, selected.subnets, props.endpoints);

    this.vpc = props.vpc;
    this.poolName = Names.uniqueResourceName(this, { maxLength: MAX_POOL_NAME, separator: '-' });
    this.logGroup = serverLogGroup(this, props);
    this.cluster = props.cluster ? clusterIn(this, props.cluster, props.vpc)
      : new Cluster(this, 'Cluster', { vpc: props.vpc, containerInsightsV2: ContainerInsights.DISABLED });
    const times = { SANDBOX_IDLE_SECONDS: `${idleTimeout.toSeconds()}`, [SANDBOX_LIFETIME]: `${maxLifetime.toSeconds()}` };
    const task = buildSandboxTask(this, {
      image: props.image ?? providedImage(cpuArchitecture),
      cpuArchitecture,
      cpu,
      memoryLimitMiB,
      ephemeralStorageGiB: props.ephemeralStorage?.toGibibytes(),
      environment: { SANDBOX_PORT: `${SANDBOX_PORT}`, ...times },
      logGroup: this.logGroup,
    });
    this.taskDefinition = task.taskDefinition;
    this.container = task.container;
    this.securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc, description: 'Flue sandboxes: only their server may connect, and they reach what starts them', allowAllOutbound: false,
    });
    // a group without a rule of its own lets everything out until the first rule that stands beside it is there; this one matches nothing
    this.securityGroup.addEgressRule(Peer.ipv4('255.255.255.255/32'), Port.icmpTypeAndCode(252, 87), 'Nothing: without a rule, EC2 would let everything out');
    this.connections = new Connections({ securityGroups: [this.securityGroup] });
    [this.taskDefinition, this.securityGroup].forEach(markAsFlueSandbox);
    this.interfaceEndpoints = openEndpoints(this, {
      vpc: props.vpc, subnets: selected.subnets, securityGroup: this.securityGroup, given: props.endpoints ?? {},
    });
    if (props.allowedDomains) {
      new DnsFirewall(this, 'DnsFirewall', props.vpc, props.allowedDomains);
    } else {
      WARNINGS.sandboxDns.give(this);
    }
    warnTasksCutOff(this, props.vpc, selected, { providerKeys: [], images: [this.container.imageName], usesXRay: false });

    this.variables = {
      SANDBOX_CLUSTER: this.cluster.clusterArn,
      [SANDBOX_TASK_DEFINITION]: this.taskDefinition.taskDefinitionArn,
      SANDBOX_SUBNETS: selected.subnetIds.join(','),
      [SANDBOX_SECURITY_GROUPS]: this.securityGroup.securityGroupId,
      SANDBOX_CONTAINER,
      SANDBOX_PORT: `${SANDBOX_PORT}`,
      SANDBOX_MAX_CONCURRENT: textOf(numberInText(maxConcurrent)),
      ...times,
      SANDBOX_POOL: this.poolName,
    };
    this.reaper = new Reaper(this, 'Reaper', {
      pool: this.poolName,
      clusterArn: this.cluster.clusterArn,
      clusterName: this.cluster.clusterName,
      family: this.taskDefinition.family,
      maxLifetimeSeconds: maxLifetime.toSeconds(),
      logRetention: props.logRetention,
      logEncryptionKey: props.logEncryptionKey,
    }).stateMachine;
    this.alarm = this.addAlarm(maxConcurrent, props);
    this.node.defaultChild = this.taskDefinition;
  }

  /**
   * Lets a program run, describe and stop sandboxes of this pool, and pass the role that pulls their image. `addSandboxes()` of a service does it.
   *
   * @param grantee the program
   */
  public grantRun(grantee: IGrantable): Grant {
    requireArguments('FlueSandboxes.grantRun', { grantee }, this);
    return grantSandboxes(this, grantee, {
      pool: this.poolName,
      clusterArn: this.cluster.clusterArn,
      clusterName: this.cluster.clusterName,
      family: this.taskDefinition.family,
      executionRoleArn: this.taskDefinition.obtainExecutionRole().roleArn,
    });
  }

  /**
   * Number of running sandboxes, as the reaper counts them every five minutes. By default, the maximum over fifteen minutes.
   *
   * @param props period, statistic and other options of the metric
   */
  public metricRunningSandboxes(props?: MetricOptions): Metric {
    return new Metric({
      namespace: SANDBOX_NAMESPACE,
      metricName: RUNNING_SANDBOXES,
      dimensionsMap: { Pool: this.poolName },
      statistic: Stats.MAXIMUM,
      period: ALARM_PERIOD,
      ...props,
    }).attachTo(this);
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
    connectToSandboxes(host.securityGroups, this.securityGroup);
    this.grantRun(host.grantee);
  }

  /**
   * Commands that list and end the sandboxes.
   *
   * @internal
   */
  public _commands(): SandboxCommands {
    return sandboxCommands(this, { clusterName: this.cluster.clusterName, family: this.taskDefinition.family });
  }

  private isolated({ vpc, vpcSubnets }: FlueSandboxesProps): SelectedSubnets {
    if (!vpcSubnets && vpc.isolatedSubnets.length === 0) {
      refuse(this, `\`vpc\` must have isolated subnets, got: ${vpc.node.path} without any`,
        'Make it with FlueNetwork, add subnets of the type PRIVATE_ISOLATED, or pass subnets without a route to the internet in `vpcSubnets`');
    }
    const selected = selectedIn(this, vpc, vpcSubnets ?? { subnetType: SubnetType.PRIVATE_ISOLATED });
    requireSubnetsOf(this, vpc, selected);
    if (selected.subnets.length === 0) {
      refuse(this, `\`vpcSubnets\` must select at least one subnet, got: none of ${vpc.node.path}`, 'Select by `subnetType: ec2.SubnetType.PRIVATE_ISOLATED` alone');
    }
    const open = new Set([...vpc.publicSubnets, ...vpc.privateSubnets]);
    const first = selected.subnets.find(subnet => open.has(subnet));
    if (first && !selected.isPendingLookup) {
      refuse(this, `\`vpcSubnets\` must have no route to the internet, got: ${first.node.path}`, 'Select by `subnetType: ec2.SubnetType.PRIVATE_ISOLATED`');
    }
    return selected;
  }

  private addAlarm(maxConcurrent: number, { topic }: FlueSandboxesProps): Alarm {
    const alarm = new Alarm(this, 'Running', {
      metric: this.metricRunningSandboxes(),
      threshold: maxConcurrent,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      alarmDescription: 'More sandboxes of Flue run than one server may have, or the reaper does not count them.',
      treatMissingData: TreatMissingData.BREACHING,
    });
    if (topic) {
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
    } else {
      WARNINGS.alarmsWithoutTopic.give(this);
    }
    return alarm;
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
