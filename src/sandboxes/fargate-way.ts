import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Connections, Peer, Port, SecurityGroup, SubnetType, type IVpc, type SelectedSubnets } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { DnsFirewall } from './dns-firewall';
import type { FlueFargateSandboxOptions } from './flue-fargate-sandbox-options';
import { FlueSandboxEgress } from './flue-sandbox-egress';
import { Reaper, runningSandboxes } from './reaper';
import { connectToSandboxes, grantSandboxes } from './sandbox-access';
import type { SandboxEgressWay } from './sandbox-egress-way';
import { openEndpoints, requireRange, requireRouteTables } from './sandbox-endpoints';
import { providedImage } from './sandbox-image';
import { buildSandboxTask } from './sandbox-task';
import type { BuiltSandboxes, SandboxPool, SandboxWay } from './sandbox-way';
import { requireCpuArchitecture } from '../image/image-guards';
import { requireUsableKeys } from '../invariants/encryption-keys';
import { DEFAULT_CPU, DEFAULT_MEMORY_MIB, requireFargateSize } from '../invariants/fargate-size';
import { refuse } from '../invariants/invariant';
import { FARGATE_LIMITS } from '../invariants/limits/fargate';
import { requireListed, requireWithin, requireWritten } from '../invariants/limits/guard';
import { SANDBOX_LIMITS } from '../invariants/limits/sandboxes';
import { requireNoSecretTexts } from '../invariants/secrets-only';
import { requireSubnetsOf, selectedIn } from '../invariants/subnets';
import { markAsFlueSandbox } from '../invariants/template/flue-marker';
import { SANDBOX_CONTAINER, SANDBOX_LIFETIME, SANDBOX_PORT, SANDBOX_SECURITY_GROUPS, SANDBOX_TASK_DEFINITION } from '../invariants/template/sandboxes';
import { settled } from '../invariants/unknown';
import { WARNINGS } from '../invariants/warnings';
import { logSettings, requireOneLogGroup, serverLogGroup } from '../logs/server-logs';
import { clusterIn } from '../network/network';
import { warnTasksCutOff } from '../network/way-out';
import { sandboxCommands } from '../operations/sandbox-commands';

/** Tasks on AWS Fargate, in subnets without a route to the internet. */
export class FargateWay implements SandboxWay {
  public readonly kind = 'fargate';

  public constructor(private readonly options: FlueFargateSandboxOptions) {}

  public require(scope: Construct, { vpc }: Omit<SandboxPool, 'poolName'>): void {
    const options = settled(scope, this.options);
    const { cpu = DEFAULT_CPU, memoryLimitMiB = DEFAULT_MEMORY_MIB, allowedDomains, endpoints } = options;
    requireNoSecretTexts(scope, options);
    requireUsableKeys(scope, options);
    requireFargateSize(scope, cpu, memoryLimitMiB);
    requireWithin(scope, options.ephemeralStorage, FARGATE_LIMITS.ephemeralStorage);
    requireOneLogGroup(scope, options);
    requireCpuArchitecture(scope, options.cpuArchitecture);
    requireListed(scope, allowedDomains, SANDBOX_LIMITS.allowedDomains);
    allowedDomains?.forEach(domain => requireWritten(scope, domain, SANDBOX_LIMITS.allowedDomain));
    const { subnets } = isolatedSubnets(scope, vpc, options);
    requireRange(scope, vpc, endpoints);
    requireRouteTables(scope, vpc, subnets, endpoints);
    egressOf(options).require(scope, vpc);
  }

  public build(scope: Construct, pool: SandboxPool): BuiltSandboxes {
    const options = settled(scope, this.options);
    const { cpu = DEFAULT_CPU, memoryLimitMiB = DEFAULT_MEMORY_MIB } = options;
    const { vpc, poolName, maxLifetime, idleTimeout } = pool;
    const cpuArchitecture = requireCpuArchitecture(scope, options.cpuArchitecture);
    const selected = isolatedSubnets(scope, vpc, options);
    const egress = egressOf(options);
    const logGroup = serverLogGroup(scope, options);
    const cluster = options.cluster ? clusterIn(scope, options.cluster, vpc)
      : new Cluster(scope, 'Cluster', { vpc, containerInsightsV2: ContainerInsights.DISABLED });
    const { taskDefinition, container } = buildSandboxTask(scope, {
      image: options.image ?? providedImage(cpuArchitecture),
      cpuArchitecture,
      cpu,
      memoryLimitMiB,
      ephemeralStorageGiB: options.ephemeralStorage?.toGibibytes(),
      environment: {
        SANDBOX_PORT: `${SANDBOX_PORT}`,
        SANDBOX_IDLE_SECONDS: `${idleTimeout.toSeconds()}`,
        [SANDBOX_LIFETIME]: `${maxLifetime.toSeconds()}`,
        ...egress.variables(scope),
      },
      logGroup,
    });
    const securityGroup = closedGroup(scope, vpc);
    [taskDefinition, securityGroup].forEach(markAsFlueSandbox);
    const place = { vpc, subnets: selected.subnets, securityGroup };
    const interfaceEndpoints = {
      ...openEndpoints(scope, { ...place, given: options.endpoints ?? {}, logs: logSettings(scope, options) }),
      ...egress.open(scope, place),
    };
    if (options.allowedDomains) {
      new DnsFirewall(scope, 'DnsFirewall', vpc, [...options.allowedDomains, ...egress.domains()]);
    } else {
      WARNINGS.sandboxDns.give(scope);
    }
    warnTasksCutOff(scope, vpc, selected, { providerKeys: [], images: [container.imageName], usesXRay: false });
    const { clusterArn, clusterName } = cluster;
    const { family } = taskDefinition;
    const { stateMachine: reaper } = new Reaper(scope, 'Reaper', {
      pool: poolName,
      clusterArn,
      clusterName,
      family,
      maxLifetimeSeconds: maxLifetime.toSeconds(),
      logRetention: options.logRetention,
      logEncryptionKey: options.logEncryptionKey,
    });
    return {
      connections: new Connections({ securityGroups: [securityGroup] }),
      taskDefinition,
      container,
      cluster,
      logGroup,
      reaper,
      alarm: addAlarm(scope, pool, options),
      interfaceEndpoints,
      defaultChild: taskDefinition,
      variables: {
        SANDBOX_CLUSTER: clusterArn,
        [SANDBOX_TASK_DEFINITION]: taskDefinition.taskDefinitionArn,
        SANDBOX_SUBNETS: selected.subnetIds.join(','),
        [SANDBOX_SECURITY_GROUPS]: securityGroup.securityGroupId,
        SANDBOX_CONTAINER,
        SANDBOX_PORT: `${SANDBOX_PORT}`,
      },
      commands: sandboxCommands(scope, { clusterName, family }),
      grantRun: grantee => grantSandboxes(scope, grantee, {
        pool: poolName, clusterArn, clusterName, family, executionRoleArn: taskDefinition.obtainExecutionRole().roleArn,
      }),
      connect: (_, { securityGroups }) => connectToSandboxes(securityGroups, securityGroup),
    };
  }
}

function egressOf({ egress = FlueSandboxEgress.none() }: FlueFargateSandboxOptions): SandboxEgressWay {
  return egress._sandboxEgress;
}

function isolatedSubnets(scope: Construct, vpc: IVpc, { vpcSubnets }: FlueFargateSandboxOptions): SelectedSubnets {
  if (!vpcSubnets && vpc.isolatedSubnets.length === 0) {
    refuse(scope, `\`vpc\` must have isolated subnets, got: ${vpc.node.path} without any`,
      'Make it with FlueNetwork, add subnets of the type PRIVATE_ISOLATED, or pass subnets without a route to the internet in `vpcSubnets`');
  }
  const selected = selectedIn(scope, vpc, vpcSubnets ?? { subnetType: SubnetType.PRIVATE_ISOLATED });
  requireSubnetsOf(scope, vpc, selected);
  if (selected.subnets.length === 0) {
    refuse(scope, `\`vpcSubnets\` must select at least one subnet, got: none of ${vpc.node.path}`, 'Select by `subnetType: ec2.SubnetType.PRIVATE_ISOLATED` alone');
  }
  const open = new Set([...vpc.publicSubnets, ...vpc.privateSubnets]);
  const first = selected.subnets.find(subnet => open.has(subnet));
  if (first && !selected.isPendingLookup) {
    refuse(scope, `\`vpcSubnets\` must have no route to the internet, got: ${first.node.path}`, 'Select by `subnetType: ec2.SubnetType.PRIVATE_ISOLATED`');
  }
  return selected;
}

/** A security group that lets nothing in, and nothing out until its rules are there. */
function closedGroup(scope: Construct, vpc: IVpc): SecurityGroup {
  const group = new SecurityGroup(scope, 'SecurityGroup', {
    vpc, description: 'Flue sandboxes: only their server may connect, and they reach what starts them', allowAllOutbound: false,
  });
  // a group without a rule of its own lets everything out until the first rule that stands beside it is there; this one matches nothing
  group.addEgressRule(Peer.ipv4('255.255.255.255/32'), Port.icmpTypeAndCode(252, 87), 'Nothing: without a rule, EC2 would let everything out');
  return group;
}

function addAlarm(scope: Construct, { poolName, maxConcurrent }: SandboxPool, { topic }: FlueFargateSandboxOptions): Alarm {
  const alarm = new Alarm(scope, 'Running', {
    metric: runningSandboxes(scope, poolName),
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
    WARNINGS.alarmsWithoutTopic.give(scope);
  }
  return alarm;
}
