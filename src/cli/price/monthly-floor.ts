import { PRICES } from './prices';
import { fields } from '../../invariants/template/written-template';

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Record<string, any>;
}

export interface Template {
  readonly Resources?: Record<string, TemplateResource>;
}

/** One line of the bill of a stack without traffic. */
export interface Cost {
  readonly what: string;
  readonly usd: number;
}

export interface Floor {
  readonly costs: Cost[];
  readonly total: number;
  /** What has a price that is not known here. */
  readonly unpriced: string[];
}

/** The resources of a template, whatever else somebody wrote among them. */
export function resourcesOf({ Resources }: Template): [logicalId: string, resource: TemplateResource][] {
  return Object.entries(fields(Resources)).filter((entry): entry is [string, TemplateResource] => typeof fields(entry[1]).Type === 'string');
}

const perMonth = (hourly: number): number => hourly * PRICES.hoursPerMonth;

/**
 * What a stack costs in a month in which nobody uses it.
 *
 * A resource of another stack (a task definition, subnets) is not followed: each stack is billed for its own.
 */
export function monthlyFloor(template: Template): Floor {
  const resources = resourcesOf(template).map(([id, { Type, Properties }]) => ({
    id, type: String(Type), props: Object(Properties ?? {}) as Record<string, any>,
  }));
  const ofType = (...types: string[]) => resources.filter(({ type }) => types.includes(type));
  const costs: Cost[] = [];
  const unpriced: string[] = [];
  const add = (what: string, usd: number): void => {
    // a count or a size that only the deployment knows
    if (!Number.isFinite(usd)) unpriced.push(what.replace(/NaN/g, '?').replace(/\[object Object\]/g, '?'));
    else if (usd > 0) costs.push({ what, usd });
  };
  const addTasks = (count: number, taskDefinition: unknown, isPublic: boolean): void => {
    const id = (taskDefinition as { Ref?: string } | undefined)?.Ref;
    const task = ofType('AWS::ECS::TaskDefinition').find(candidate => candidate.id === id)?.props;
    if (!task) {
      unpriced.push('tasks of a task definition outside the stack');
      return;
    }
    const architecture = task.RuntimePlatform?.CpuArchitecture === 'ARM64' ? 'ARM64' : 'X86_64';
    const [vcpu, gb] = [Number(task.Cpu) / 1024, Number(task.Memory) / 1024];
    add(`${count} × Fargate task, ${vcpu} vCPU, ${gb} GB, ${architecture}`,
      count * perMonth(vcpu * PRICES.fargateVcpuHour[architecture] + gb * PRICES.fargateGbHour[architecture]));
    if (isPublic) add(`${count} × public IPv4 of a task`, count * perMonth(PRICES.publicIpv4Hour));
  };
  const addLoadBalancer = (name: string, subnets: number, isPublic: boolean): void => {
    add(name, perMonth(PRICES.loadBalancerHour));
    if (isPublic) add(`${subnets} × public IPv4 of it`, subnets * perMonth(PRICES.publicIpv4Hour));
  };

  for (const { props } of ofType('AWS::ElasticLoadBalancingV2::LoadBalancer')) {
    addLoadBalancer('Application Load Balancer', (props.Subnets ?? []).length, props.Scheme !== 'internal');
  }
  for (const { id, props } of ofType('AWS::ECS::Service')) {
    const scaled = ofType('AWS::ApplicationAutoScaling::ScalableTarget').find(target => JSON.stringify(target.props.ResourceId).includes(`"${id}"`));
    const isPublic = props.NetworkConfiguration?.AwsvpcConfiguration?.AssignPublicIp === 'ENABLED';
    addTasks(Number(scaled?.props.MinCapacity ?? props.DesiredCount ?? 1), props.TaskDefinition, isPublic);
  }
  for (const { props } of ofType('AWS::ECS::ExpressGatewayService')) {
    const subnets: unknown[] = props.NetworkConfiguration?.Subnets ?? [];
    // Express decides by the subnets: in public ones load balancer and tasks have public addresses.
    const isPublic = !/private|isolated/i.test(JSON.stringify(subnets));
    addLoadBalancer('Application Load Balancer of Express Mode (shared by up to 25 services)', subnets.length || 2, isPublic);
    addTasks(Number(props.ScalingTarget?.MinTaskCount ?? 1), props.TaskDefinitionArn, isPublic);
  }
  for (const { props } of ofType('AWS::AutoScaling::AutoScalingGroup')) {
    const launchTemplate = ofType('AWS::EC2::LaunchTemplate').find(({ id }) => id === props.LaunchTemplate?.LaunchTemplateId?.Ref);
    const { InstanceType: type = 'of an unknown type', BlockDeviceMappings: disks = [] } = launchTemplate?.props.LaunchTemplateData ?? {};
    const [count, hourly] = [Number(props.MinSize ?? 0), PRICES.instanceHour[type]];
    if (hourly === undefined) {
      unpriced.push(`instance ${type}`);
    } else {
      add(`${count} × EC2 instance ${type}`, count * perMonth(hourly));
    }
    const gb = disks.reduce((sum: number, disk: any) => sum + Number(disk.Ebs?.VolumeSize ?? 0), 0);
    add(`${count} × root volume, ${gb} GB`, count * gb * PRICES.diskGbMonth);
  }
  for (const { props } of ofType('AWS::EC2::Volume')) {
    add(`Data volume, ${props.Size} GB`, Number(props.Size) * PRICES.diskGbMonth);
  }
  const addresses = ofType('AWS::EC2::EIP').length - ofType('AWS::EC2::NatGateway').length;
  add(`${addresses} × public IPv4 of a box`, addresses * perMonth(PRICES.publicIpv4Hour));
  for (const { props } of ofType('AWS::RDS::DBInstance')) {
    if (props.DBInstanceClass === 'db.serverless') continue;
    const hourly = PRICES.databaseInstanceHour[props.DBInstanceClass];
    const zones = props.MultiAZ === true ? 2 : 1;
    if (hourly === undefined) {
      unpriced.push(`database instance ${props.DBInstanceClass}`);
    } else {
      add(`RDS ${props.DBInstanceClass}${zones > 1 ? ', two zones' : ''}`, zones * perMonth(hourly));
    }
    add(`RDS storage, ${props.AllocatedStorage} GB`, zones * Number(props.AllocatedStorage ?? 0) * PRICES.databaseStorageGbMonth);
  }
  for (const { id, props } of ofType('AWS::RDS::DBCluster')) {
    const units = Number(props.ServerlessV2ScalingConfiguration?.MinCapacity ?? 0);
    // each instance of a cluster has its own capacity
    const instances = ofType('AWS::RDS::DBInstance')
      .filter(instance => instance.props.DBInstanceClass === 'db.serverless' && instance.props.DBClusterIdentifier?.Ref === id).length;
    add(`${instances} × Aurora Serverless, ${units} capacity units`, instances * perMonth(units * PRICES.auroraCapacityUnitHour));
  }
  const gateways = ofType('AWS::EC2::NatGateway').length;
  add(`${gateways} × NAT gateway with its IPv4`, gateways * perMonth(PRICES.natGatewayHour + PRICES.publicIpv4Hour));
  for (const { props } of ofType('AWS::EC2::VPCEndpoint')) {
    if (props.VpcEndpointType === 'Interface') {
      add('Interface endpoint', (props.SubnetIds ?? []).length * perMonth(PRICES.interfaceEndpointZoneHour));
    }
  }
  const secrets = ofType('AWS::SecretsManager::Secret').length;
  add(`${secrets} × secret`, secrets * PRICES.secretMonth);
  const keys = ofType('AWS::KMS::Key').length;
  add(`${keys} × encryption key`, keys * PRICES.keyMonth);
  const alarms = ofType('AWS::CloudWatch::Alarm').length;
  add(`${alarms} × alarm`, alarms * PRICES.alarmMonth);
  const dashboards = ofType('AWS::CloudWatch::Dashboard').length;
  add(`${dashboards} × dashboard`, dashboards * PRICES.dashboardMonth);

  return { costs, total: costs.reduce((sum, { usd }) => sum + usd, 0), unpriced };
}
