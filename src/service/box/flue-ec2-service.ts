import { Duration, Lazy, Stack, Tags } from 'aws-cdk-lib';
import { AutoScalingGroup, DefaultResult, LifecycleTransition, Signals, UpdatePolicy, type CfnAutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import { ComparisonOperator, Metric, Stats, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import {
  BlockDeviceVolume, CfnEIP, Connections, EbsDeviceVolumeType, LaunchTemplate, MachineImage, Port, SecurityGroup, UserData,
  type CfnLaunchTemplate, type ISecurityGroup, type ISubnet, type IVolume, type IVpc,
} from 'aws-cdk-lib/aws-ec2';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import type { IPrincipal, IRole } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { ARecord, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { renderUserData, SCRIPTS } from './box-boot';
import { boxSubnet, planBox, type BoxPlan } from './box-plan';
import { boxRole, METRIC_NAMESPACE, SERVER_TAG } from './box-role';
import { allowVolume, dataVolumeOf } from './box-volume';
import type { FlueEc2ServiceProps } from './flue-ec2-service-props';
import { bootstrapOfDatabase, SCHEMA_SCRIPTS } from '../../database/schema-script';
import { absoluteName } from '../../edge/https';
import type { WayIn } from '../../events/event-door';
import { isContainerImage } from '../../image/image';
import { HTTP_PORT, HTTPS_PORT } from '../../invariants/limits/load-balancer';
import { requireTypes } from '../../invariants/types/require-types';
import { settled, textOf } from '../../invariants/unknown';
import { WARNINGS } from '../../invariants/warnings';
import { serverLogGroup } from '../../logs/server-logs';
import { connectToDatabase, defaultVpc, rulesIn } from '../../network/network';
import { warnOfZones } from '../../network/zones';
import type { Watch } from '../../operations/alarms';
import { boxCommands } from '../../operations/box-commands';
import type { PlatformCommands } from '../../operations/operator-commands';
import type { SandboxHost } from '../../sandboxes/sandbox-access';
import { HEALTH_CHECK, TimerChain } from '../../timers/timer-chain';
import { FlueService } from '../flue-service';
import { requireFreeSandboxNames } from '../sandbox-host';
import { namesIn } from '../server-environment';

const LATEST_AMAZON_LINUX = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-';
const LIFECYCLE_HOOK = 'stop';
/** The metric of the answers to the health check. */
const HEALTHY = 'Healthy';
/** Use of a disk, in percent, above which there is little time left to act. */
const FULL_DISK_PERCENT = 85;

/**
 * A Flue server on one EC2 instance, which we call the box: the cheapest durable way to run one.
 *
 * An Auto Scaling group keeps exactly one instance of Amazon Linux 2023 running and replaces a broken one. The server runs
 * under systemd, in a container (FlueImage) or on the Node.js of the system (FlueBuild). A deployment succeeds when the health
 * check answers, and fails otherwise. If you change the image, a variable or a secret reference, the deployment replaces the
 * instance: the old server gets its `stopTimeout`. The new box then attaches the same address and volume. Expect four to six
 * minutes without a server, by estimate. There are never two servers. The server reads a changed secret at its next start. If
 * you change a tag, no instance is replaced: an instance gets the tags that the group has at launch, and its root volume and
 * launch template have a name and no other tags.
 *
 * A new instance has the newest Amazon Linux and the packages of its release. Nothing patches a running one: replace it now and
 * then with an instance refresh of the group.
 *
 * **Cost.** 17.2 USD a month with a t4g.small (12.3), 16 GiB of disk (1.3) and its address (3.7), and 20.1 with a t3.small,
 * without traffic, logs and its metrics; each GiB of a data volume is 0.08 (us-east-1, 2026-09-26).
 * Both are *unlimited*: above the baseline, each hour of a vCPU is 0.04 (t4g) or 0.05 (t3) more.
 *
 * **Durability.** Without `database` and `dataVolumeSize`, sessions are lost when the server ends. With a data volume and
 * Flue's `sqlite()`, they stay when the server, the instance or the stack is gone, in one availability zone, and without
 * backups unless you pass `dataVolumeBackups`.
 *
 * **Security.** The box reads secrets at every start and keeps them in memory. It requires IMDSv2, encrypts its disks, and
 * offers Session Manager in place of SSH. The server has the role of the instance. Agent routes have no authentication but the
 * app's own.
 *
 * @example
 * const agents = new FlueEc2Service(this, 'Agents', {
 *   image: new FlueImage(this, 'Image', { directory: '../my-agents' }),
 *   secrets: { ANTHROPIC_API_KEY: ecs.Secret.fromSecretsManager(providerKey) },
 *   domainName: 'agents.example.com',
 *   dataVolumeSize: Size.gibibytes(8),
 * });
 */
export class FlueEc2Service extends FlueService {
  public readonly url: string;
  public readonly logGroup: ILogGroup;
  public readonly connections: Connections;
  public readonly grantPrincipal: IPrincipal;

  /** The Auto Scaling group that keeps exactly one instance running. */
  public readonly autoScalingGroup: AutoScalingGroup;
  /** The launch template of the group. */
  public readonly launchTemplate: LaunchTemplate;
  /** The role of the instance; the server has it too. */
  public readonly role: IRole;
  /** The VPC that the instance runs in. */
  public readonly vpc: IVpc;
  /** The Elastic IP address, which stays when the instance is replaced. */
  public readonly elasticIp: CfnEIP;

  /**
   * The data volume, which stays when the instance or the stack is deleted.
   *
   * @default - the box has no data volume
   */
  public readonly dataVolume?: IVolume;

  private readonly serverName: string;
  private readonly named: string[];
  private readonly render: (variables: { readonly [name: string]: string }) => string;
  private userData: string;
  private readonly wayIn: WayIn;

  public constructor(scope: Construct, id: string, props: FlueEc2ServiceProps) {
    super(scope, id, props);
    requireTypes(this, 'FlueEc2ServiceProps', props);
    props = settled(this, props);

    const timers = new TimerChain(this, props, { healthCheck: HEALTH_CHECK });
    const plan = planBox(this, props, timers);

    this.vpc = plan.vpc ?? defaultVpc(this);
    const subnet = boxSubnet(this, this.vpc, props);
    warnOfZones(this, this.vpc, plan.instanceType.toString().startsWith('t4g.') ? ['t4g'] : []);
    // metrics and permissions find the box by this name
    const { stackName, region } = Stack.of(this);
    this.serverName = `${stackName}/${this.node.id.replace(/[^\w.-]/g, '-')}-${this.node.addr.slice(-6)}`;
    this.logGroup = serverLogGroup(this, props);
    this.elasticIp = new CfnEIP(this, 'Address', { domain: 'vpc' });
    this.elasticIp.node.addDependency(subnet.internetConnectivityEstablished);
    const scripts = new Asset(this, 'Scripts', { path: SCRIPTS });
    const schema = bootstrapOfDatabase(props.database);
    const schemaScripts = schema && new Asset(this, 'SchemaScripts', { path: SCHEMA_SCRIPTS });
    this.role = boxRole(this, {
      serverName: this.serverName,
      allocationId: this.elasticIp.attrAllocationId,
      vpcArn: this.vpc.vpcArn,
      logGroup: this.logGroup,
      assets: schemaScripts ? [scripts, schemaScripts] : [scripts],
      role: props.role,
    });
    this.grantPrincipal = this.role;
    props.image.grantPull(this.role);
    [...Object.values(plan.server.secrets), ...Object.values(schema?.secrets ?? {})].forEach(secret => secret.grantRead(this.role));

    const securityGroups = props.securityGroups ? rulesIn(this, props.securityGroups, props) : [new SecurityGroup(this, 'SecurityGroup', { vpc: this.vpc, description: 'Flue server on a box: no SSH' })];
    this.connections = this.openPorts(securityGroups, props, plan);
    this.dataVolume = dataVolumeOf(this, this.role, subnet, props);
    const group = Lazy.string({ produce: () => Stack.of(this).getLogicalId(this.autoScalingGroup.node.defaultChild as CfnAutoScalingGroup) });
    this.named = namesIn(plan.server);
    const boot = {
      groupId: group,
      stackName,
      region,
      serverName: this.serverName,
      lifecycleHookName: LIFECYCLE_HOOK,
      allocationId: this.elasticIp.attrAllocationId,
      logGroupName: this.logGroup.logGroupName,
      scriptsUrl: scripts.s3ObjectUrl,
      port: props.image.port,
      healthCheckPath: this.healthCheckPath,
      timers,
      environment: plan.server.environment,
      secrets: Object.fromEntries(Object.entries(plan.server.secrets).map(([name, secret]) => [name, secret.arn])),
      run: isContainerImage(plan.app)
        ? { imageUri: plan.app.imageUri, registryLogin: plan.app.registryCredentials?.secretArn }
        : { buildUrl: plan.app.asset.s3ObjectUrl, server: plan.app._server },
      hasDatabase: plan.server.hasDatabase,
      domainName: props.domainName,
      dataVolumeId: this.dataVolume?.volumeId,
      readonlyRootFilesystem: props.readonlyRootFilesystem,
      schema: schema && schemaScripts && { ...schema, scriptsUrl: schemaScripts.s3ObjectUrl },
    };
    this.render = variables => renderUserData(this, { ...boot, environment: { ...boot.environment, ...variables } });
    this.userData = this.render({});
    // a pool of sandboxes may come with further variables
    this.launchTemplate = this.buildLaunchTemplate(securityGroups, props, plan, Lazy.string({ produce: () => this.userData }));
    this.autoScalingGroup = this.buildGroup(subnet, plan, timers);
    this.node.defaultChild = this.autoScalingGroup;

    if (props.domainName !== undefined && props.hostedZone) {
      new ARecord(this, 'Record', {
        zone: props.hostedZone,
        recordName: absoluteName(props.domainName),
        target: RecordTarget.fromIpAddresses(this.elasticIp.ref),
        ttl: Duration.minutes(5),
      });
    }
    if (props.database) {
      connectToDatabase(securityGroups, props.database);
    }
    plan.server.model?.grant(this);
    this.url = props.domainName === undefined ? `http://${this.elasticIp.ref}:${textOf(props.image.port)}` : `https://${props.domainName}`;

    if (props.domainName === undefined) {
      WARNINGS.boxPlainHttp.give(this);
    }
    this.wayIn = plan.clients?.everyone ? {} : { closedTo: 'a box that does not admit everyone' };
    if (plan.clients?.everyone) {
      WARNINGS.publicWithoutAuthentication.give(this, { way: 'List who may connect in `exposure`, or use FlueFargateService with `auth`' });
    }
    this._declare(props.image, timers, plan.server.hasDatabase);
  }

  public metric(metricName: string, props?: MetricOptions): Metric {
    return this.boxMetric(METRIC_NAMESPACE, metricName, { Server: this.serverName }, props);
  }

  public metricCpuUtilization(props?: MetricOptions): Metric {
    return this.boxMetric('AWS/EC2', 'CPUUtilization', { AutoScalingGroupName: this.autoScalingGroup.autoScalingGroupName }, props);
  }

  /**
   * Whether the server answers its health check: 0 or 1, once a minute. By default, the minimum over five minutes.
   *
   * @param props period, statistic and other options of the metric
   */
  public metricHealthy(props?: MetricOptions): Metric {
    return this.metric(HEALTHY, { statistic: Stats.MINIMUM, ...props });
  }

  /** @internal */
  protected _sandboxHost(): SandboxHost {
    return {
      vpc: this.vpc,
      grantee: this,
      securityGroups: this.connections.securityGroups,
      addEnvironment: variables => {
        requireFreeSandboxNames(this, Object.keys(variables), this.named);
        this.userData = this.render(variables);
      },
    };
  }

  /** @internal */
  protected _wayIn(): WayIn {
    return this.wayIn;
  }

  /** @internal */
  protected _operatorCommands(): PlatformCommands {
    return boxCommands(this, {
      groupName: this.autoScalingGroup.autoScalingGroupName,
      launchTemplateId: this.launchTemplate.launchTemplateId!,
      healthy: { namespace: METRIC_NAMESPACE, metricName: HEALTHY, server: this.serverName },
      database: this._database,
    });
  }

  /** @internal */
  public _watches(): Watch[] {
    return [
      ...super._watches(),
      {
        id: 'Healthy',
        metric: period => this.metricHealthy({ period }),
        threshold: () => 1,
        comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
        description: 'The Flue server on the box does not answer its health check, or there is no box.',
        missingIsBad: true,
      },
      this.fullDisk('Disk', 'DiskUtilization', 'The root volume of the box is nearly full. Without room, the server cannot be pulled or started again.'),
      ...this.dataVolume ? [this.fullDisk('DataVolume', 'DataVolumeUtilization',
        'The data volume of the box is nearly full. Without room, every write of SQLite fails, while the health check still succeeds.')] : [],
    ];
  }

  private fullDisk(id: string, metricName: string, description: string): Watch {
    return {
      id,
      metric: period => this.metric(metricName, { period, statistic: Stats.MAXIMUM }),
      threshold: () => FULL_DISK_PERCENT,
      comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
      description,
    };
  }

  private boxMetric(namespace: string, metricName: string, dimensionsMap: { [name: string]: string }, props?: MetricOptions): Metric {
    return new Metric({ namespace, metricName, dimensionsMap, statistic: Stats.AVERAGE, period: Duration.minutes(5), ...props }).attachTo(this);
  }

  private openPorts(securityGroups: ISecurityGroup[], props: FlueEc2ServiceProps, plan: BoxPlan): Connections {
    const connections = new Connections({ securityGroups, defaultPort: Port.tcp(props.domainName === undefined ? props.image.port : HTTPS_PORT) });
    for (const peer of plan.clients?.peers ?? []) {
      connections.allowDefaultPortFrom(peer, 'clients of the Flue server');
    }
    if (props.domainName !== undefined) {
      connections.allowFromAnyIpv4(Port.tcp(HTTP_PORT), 'certificates, and redirects to HTTPS');
    }
    return connections;
  }

  private buildLaunchTemplate(securityGroups: ISecurityGroup[], props: FlueEc2ServiceProps, plan: BoxPlan, userData: string): LaunchTemplate {
    const architecture = props.image.cpuArchitecture._cpuArchitecture === CpuArchitecture.ARM64._cpuArchitecture ? 'arm64' : 'x86_64';
    const template = new LaunchTemplate(this, 'LaunchTemplate', {
      machineImage: props.machineImage ?? MachineImage.resolveSsmParameterAtLaunch(`${LATEST_AMAZON_LINUX}${architecture}`),
      instanceType: plan.instanceType,
      userData: UserData.custom(userData),
      role: this.role,
      securityGroup: securityGroups[0],
      associatePublicIpAddress: true,
      requireImdsv2: true,
      // the bridge of docker is a hop: with 1 a server in a container cannot use the role; without a container nobody else is to
      httpPutResponseHopLimit: isContainerImage(plan.app) && (props.instanceRoleAccess ?? true) ? 2 : 1,
      blockDevices: [{
        deviceName: '/dev/xvda',
        volume: BlockDeviceVolume.ebs(plan.rootVolumeSize.toGibibytes(), {
          volumeType: EbsDeviceVolumeType.GP3, encrypted: true, deleteOnTermination: true,
        }),
      }],
      detailedMonitoring: props.detailedMonitoring ?? false,
      disableApiTermination: props.terminationProtection ?? false,
    });
    securityGroups.slice(1).forEach(group => template.addSecurityGroup(group));
    keepInheritedTagsOff(template);
    return template;
  }

  private buildGroup(subnet: ISubnet, plan: BoxPlan, timers: TimerChain): AutoScalingGroup {
    const group = new AutoScalingGroup(this, 'Group', {
      vpc: this.vpc,
      vpcSubnets: { subnets: [subnet] },
      launchTemplate: this.launchTemplate,
      minCapacity: 1,
      maxCapacity: 1,
      signals: Signals.waitForAll({ timeout: plan.bootTime }),
      // the old box is gone before the new one is there: one live owner, and the volume can move
      updatePolicy: UpdatePolicy.rollingUpdate({ minInstancesInService: 0, maxBatchSize: 1, waitOnResourceSignals: true }),
    });
    group.node.addDependency(subnet.internetConnectivityEstablished);
    group.addLifecycleHook('StopHook', {
      lifecycleHookName: LIFECYCLE_HOOK,
      lifecycleTransition: LifecycleTransition.INSTANCE_TERMINATING,
      // the watcher looks every 15 s, then the server has its time
      heartbeatTimeout: timers.stopTimeout.plus(Duration.minutes(2)),
      defaultResult: DefaultResult.CONTINUE,
    });
    Tags.of(group).add(SERVER_TAG, this.serverName);
    if (this.dataVolume) {
      allowVolume(this, this.role, this.dataVolume, this.serverName, group);
    }
    return group;
  }
}

/**
 * A tag of the app would be in the data of the template, and each change of it another version and another box. The tags
 * of an instance come from the group.
 */
function keepInheritedTagsOff(template: LaunchTemplate): void {
  const resource = template.node.defaultChild as CfnLaunchTemplate;
  const named = (...types: string[]) => types.map(ResourceType => ({ ResourceType, Tags: [{ Key: 'Name', Value: template.node.path }] }));
  resource.addPropertyOverride('TagSpecifications', named('launch-template'));
  resource.addPropertyOverride('LaunchTemplateData.TagSpecifications', named('instance', 'volume'));
}
