import { Duration } from 'aws-cdk-lib';
import { Metric, Stats, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { SecurityGroup, type ISecurityGroup, type IVpc, type SelectedSubnets, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights, CpuArchitecture, ExecuteCommandLogging, type ICluster } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { containerHealthCheck, requireStartPeriod } from './container-health-check';
import { providerKeysOf } from './flue-model';
import { watchedSecrets } from './redeployment';
import { renderServerEnvironment, type ServerEnvironment } from './server-environment';
import { buildServerTask, type ServerTask } from './task-definition';
import type { FlueTaskProps } from './task-props';
import { bootstrapOfDatabase } from '../database/schema-script';
import { followImage } from '../image/image-stack';
import { DEFAULT_CPU, DEFAULT_MEMORY_MIB, requireFargateSize } from '../invariants/fargate-size';
import { DEFAULT_HEALTH_CHECK_PATH } from '../invariants/health-check-path';
import { FARGATE_LIMITS } from '../invariants/limits/fargate';
import { requireWithin } from '../invariants/limits/guard';
import { requireTaskCounts } from '../invariants/min-task-count';
import { requireTwoAvailabilityZones } from '../invariants/private-database';
import type { ShardOfFleet } from '../invariants/shards/shard-guard';
import { requireSharedState } from '../invariants/shared-state';
import { selectedIn } from '../invariants/subnets';
import { requireOneLogGroup } from '../logs/server-logs';
import { clusterIn, defaultVpc, givenVpc, rulesIn, taskSubnets } from '../network/network';
import { warnTasksCutOff } from '../network/way-out';
import { warnOfZones } from '../network/zones';
import type { TimerChain } from '../timers/timer-chain';

/** Average processor use, in percent, that scaling aims at. */
export const DEFAULT_TARGET_CPU_PERCENT = 60;

/** What a service of tasks will be, checked in full before the first resource exists. */
export interface TaskPlan {
  readonly timers: TimerChain;
  readonly server: ServerEnvironment;
  readonly cpu: number;
  readonly memoryLimitMiB: number;
  readonly ephemeralStorageGiB?: number;
  readonly minTasks: number;
  readonly maxTasks: number;
  readonly vpc?: IVpc;
  /** The ARNs of the secrets after whose change the service is deployed. */
  readonly watched: string[];
}

/** What the edge of a service has settled already. */
export interface SettledEdge {
  /** The VPC of a load balancer that exists. */
  readonly vpc?: IVpc;
  /** The part of the ids that it sends to the service; all of them otherwise. */
  readonly shard?: ShardOfFleet;
}

export function planTasks(scope: Construct, props: FlueTaskProps, timers: TimerChain, edge: SettledEdge = {}): TaskPlan {
  followImage(scope, props.image);
  requireOneLogGroup(scope, props);
  const cpu = props.cpu ?? DEFAULT_CPU;
  const memoryLimitMiB = props.memoryLimitMiB ?? DEFAULT_MEMORY_MIB;
  const minTasks = props.minTasks ?? 1;
  const maxTasks = props.maxTasks ?? minTasks;
  requireTaskCounts(scope, { minTasks, maxTasks });
  requireFargateSize(scope, cpu, memoryLimitMiB);
  requireWithin(scope, props.ephemeralStorage, FARGATE_LIMITS.ephemeralStorage);
  requireWithin(scope, props.targetCpuUtilizationPercent, FARGATE_LIMITS.targetCpuUtilizationPercent);
  if (props.containerHealthCheck) {
    requireStartPeriod(scope, timers);
  }
  const ephemeralStorageGiB = props.ephemeralStorage?.toGibibytes();
  const server = renderServerEnvironment(scope, { ...props, timers, shard: edge.shard });
  const watched = watchedSecrets(scope, props, server);
  requireSharedState(scope, { maxTasks, hasDatabase: server.hasDatabase });
  const vpc = givenVpc(scope, { ...props, edgeVpc: edge.vpc });
  if (vpc) {
    requireTwoAvailabilityZones(scope, 'a load balancer and its tasks', selectedIn(scope, vpc, taskSubnets(scope, vpc, props.vpcSubnets)));
  }
  return { timers, server, cpu, memoryLimitMiB, ephemeralStorageGiB, minTasks, maxTasks, vpc, watched };
}

/** The network, cluster and task that a plan becomes. */
export interface TaskFoundation extends ServerTask {
  readonly vpc: IVpc;
  readonly vpcSubnets: SubnetSelection;
  readonly selectedSubnets: SelectedSubnets;
  readonly cluster: ICluster;
  readonly securityGroups: ISecurityGroup[];
}

/** How operators reach into the tasks, and whether clients reach them by a load balancer of the service's own. */
export interface FoundationOptions {
  readonly ownsLoadBalancer?: boolean;
  readonly enableExecuteCommand?: boolean;
}

export function layFoundation(scope: Construct, props: FlueTaskProps, plan: TaskPlan, options: FoundationOptions = {}): TaskFoundation {
  const vpc = plan.vpc ?? defaultVpc(scope);
  const vpcSubnets = taskSubnets(scope, vpc, props.vpcSubnets);
  const task = buildServerTask(scope, {
    image: props.image,
    cpu: plan.cpu,
    memoryLimitMiB: plan.memoryLimitMiB,
    ephemeralStorageGiB: plan.ephemeralStorageGiB,
    stopTimeout: plan.timers.stopTimeout,
    server: plan.server,
    schema: bootstrapOfDatabase(props.database),
    logRetention: props.logRetention,
    readonlyRootFilesystem: props.readonlyRootFilesystem,
    dropAllCapabilities: props.dropAllCapabilities,
    healthCheck: props.containerHealthCheck ? containerHealthCheck({
      port: props.image.port, healthCheckPath: props.healthCheckPath ?? DEFAULT_HEALTH_CHECK_PATH, timers: plan.timers,
    }) : undefined,
    taskRole: props.taskRole,
    executionRole: props.executionRole,
    logGroup: props.logGroup,
    logEncryptionKey: props.logEncryptionKey,
  });
  const { telemetry } = plan.server;
  telemetry?.addTo(scope, { ...task, logRetention: props.logRetention, logEncryptionKey: props.logEncryptionKey });
  const cluster = props.cluster ? clusterIn(scope, props.cluster, vpc) : new Cluster(scope, 'Cluster', {
    vpc,
    containerInsightsV2: ContainerInsights.ENABLED,
    // Without a log group of its own, ECS Exec lets the task write to every log group of the account.
    executeCommandConfiguration: options.enableExecuteCommand
      ? { logging: ExecuteCommandLogging.OVERRIDE, logConfiguration: { cloudWatchLogGroup: task.logGroup } }
      : undefined,
  });
  const selectedSubnets = vpc.selectSubnets(vpcSubnets);
  warnOfZones(scope, vpc, props.image.cpuArchitecture._cpuArchitecture === CpuArchitecture.ARM64._cpuArchitecture ? ['fargate', 'arm64Fargate'] : ['fargate']);
  warnTasksCutOff(scope, vpc, selectedSubnets, {
    providerKeys: providerKeysOf(Object.keys(plan.server.secrets)),
    images: [props.image.imageUri, ...telemetry?.images ?? []],
    usesXRay: telemetry?.usesXRay ?? false,
  });
  return {
    vpc,
    vpcSubnets,
    selectedSubnets,
    cluster,
    securityGroups: props.securityGroups ? rulesIn(scope, props.securityGroups, { ...props, ...options }) : [new SecurityGroup(scope, 'SecurityGroup', { vpc, description: 'Flue server: only its load balancer may connect' })],
    ...task,
  };
}

/** A metric of an ECS service. */
export function ecsMetric(scope: Construct, clusterName: string, serviceName: string, metricName: string, props?: MetricOptions): Metric {
  return new Metric({
    namespace: 'AWS/ECS',
    metricName,
    dimensionsMap: { ClusterName: clusterName, ServiceName: serviceName },
    statistic: Stats.AVERAGE,
    period: Duration.minutes(5),
    ...props,
  }).attachTo(scope);
}
