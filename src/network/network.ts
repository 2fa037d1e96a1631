import { Stack } from 'aws-cdk-lib';
import { Connections, GatewayVpcEndpointAwsService, SecurityGroup, SubnetType, Vpc, type IConnectable, type ISecurityGroup, type IVpc, type SelectedSubnets, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Cluster, type ICluster } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { rememberZones } from './zones';
import type { IFlueDatabase } from '../database/database';
import { refuse } from '../invariants/invariant';
import { MIN_AVAILABILITY_ZONES } from '../invariants/limits/network';
import { areDifferentVpcs, requireSubnetsOf, selectedIn } from '../invariants/subnets';

const DATABASE_RULE = 'Flue server to its database';

export interface NetworkProps {
  readonly vpc?: IVpc;
  readonly vpcSubnets?: SubnetSelection;
  readonly cluster?: ICluster;
  readonly database?: IFlueDatabase;
  /** The VPC of a load balancer that exists. */
  readonly edgeVpc?: IVpc;
}

/** The VPC that the props name, by themselves or through the cluster or the database; undefined for none. */
export function givenVpc(scope: Construct, props: NetworkProps): IVpc | undefined {
  const named = [
    { prop: 'vpc', vpc: props.vpc },
    { prop: 'cluster', vpc: props.cluster && vpcOf(props.cluster) },
    { prop: 'database', vpc: props.database?.vpc },
    { prop: 'exposure', vpc: props.edgeVpc },
  ].filter((candidate): candidate is { prop: string; vpc: IVpc } => candidate.vpc !== undefined);
  const [first, ...others] = named;
  for (const other of others) {
    if (areDifferentVpcs(first.vpc, other.vpc)) {
      refuse(scope, `\`${other.prop}\` must be in the VPC of \`${first.prop}\` (${first.vpc.node.path}), got: one in ${other.vpc.node.path}`,
        'Pass the same VPC to both, because the server connects to private addresses');
    }
  }
  if (props.cluster && !first) {
    refuse(scope, `\`vpc\` must be given with a cluster whose VPC is not known, got: none for ${props.cluster.node.path}`,
      'Pass the VPC of the tasks, or import the cluster with `Cluster.fromClusterAttributes(…)`');
  }
  if (props.vpcSubnets) {
    const vpc = first?.vpc ?? refuse(scope, '`vpc` must be given with `vpcSubnets`, got: none', 'Pass the VPC of these subnets: without it, the construct makes a new one');
    requireSubnetsOf(scope, vpc, selectedIn(scope, vpc, props.vpcSubnets));
  }
  return first?.vpc;
}

/** The VPC of a cluster; undefined for one that is imported by its ARN alone. */
function vpcOf(cluster: ICluster): IVpc | undefined {
  try {
    return cluster.vpc;
  } catch {
    // what aws-cdk-lib throws for a VPC that it was not told
    return undefined;
  }
}

/** A cluster that knows the VPC of its tasks, which the L2 of a service asks for. */
export function clusterIn(scope: Construct, cluster: ICluster, vpc: IVpc): ICluster {
  return vpcOf(cluster) ? cluster : Cluster.fromClusterAttributes(scope, 'ImportedCluster', {
    clusterName: cluster.clusterName, clusterArn: cluster.clusterArn, vpc, securityGroups: [],
  });
}

/**
 * Security groups whose rules stand in the stack of the service.
 *
 * A rule stands beside its group. In the stack of the group, one that names a load balancer or a database of the service's stack would
 * make the two wait for each other.
 */
export function rulesIn(scope: Construct, groups: ISecurityGroup[], { ownsLoadBalancer = false, database }: RuleMakers): ISecurityGroup[] {
  const makesRules = ownsLoadBalancer || (database !== undefined && groups.some(({ allowAllOutbound }) => !allowAllOutbound));
  return groups.map((group, index) => (!makesRules || Stack.of(group) === Stack.of(scope) ? group
    : SecurityGroup.fromSecurityGroupId(scope, `SecurityGroup${index + 1}`, group.securityGroupId, { allowAllOutbound: group.allowAllOutbound })));
}

/** What makes rules that name groups of the service's stack. */
interface RuleMakers {
  readonly ownsLoadBalancer?: boolean;
  readonly database?: IFlueDatabase;
}

/** Two zones, public subnets for the tasks and isolated ones for a database: no NAT gateway, so no standing price. */
export function defaultVpc(scope: Construct): Vpc {
  const vpc = new Vpc(scope, 'Vpc', {
    maxAzs: MIN_AVAILABILITY_ZONES,
    natGateways: 0,
    subnetConfiguration: [
      { name: 'Public', subnetType: SubnetType.PUBLIC },
      { name: 'Isolated', subnetType: SubnetType.PRIVATE_ISOLATED },
    ],
    gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 } },
  });
  rememberZones(vpc);
  return vpc;
}

/** Private subnets with a way out where the VPC has them, its public ones otherwise. */
export function taskSubnets(scope: Construct, vpc: IVpc, selection?: SubnetSelection): SubnetSelection {
  if (selection) {
    return selection;
  }
  if (vpc.privateSubnets.length > 0) {
    return { subnetType: SubnetType.PRIVATE_WITH_EGRESS };
  }
  if (vpc.publicSubnets.length > 0) {
    return { subnetType: SubnetType.PUBLIC };
  }
  return refuse(scope, `\`vpc\` must have public subnets, or private ones with a route to the internet, got: ${vpc.node.path} with isolated subnets only`,
    'The server pulls its image and calls its model provider. Add a NAT gateway, or pass subnets with VPC endpoints in `vpcSubnets`');
}

/** Public subnets for a load balancer on the internet, the tasks' own for one that is not. */
export function loadBalancerSubnets(scope: Construct, vpc: IVpc, internetFacing: boolean, ofTasks: SubnetSelection): SubnetSelection {
  if (!internetFacing) {
    return ofTasks;
  }
  if (vpc.publicSubnets.length === 0) {
    refuse(scope, `\`vpc\` must have public subnets for a load balancer on the internet, got: ${vpc.node.path} without any`,
      'Add public subnets, or pass `exposure: FlueExposure.internal(…)`');
  }
  return { subnetType: SubnetType.PUBLIC };
}

/** Subnets that the internet has no way into where the VPC has them, the tasks' own otherwise. */
export function hiddenSubnets(vpc: IVpc, ofTasks: SubnetSelection): SubnetSelection {
  if (vpc.privateSubnets.length > 0) {
    return { subnetType: SubnetType.PRIVATE_WITH_EGRESS };
  }
  return vpc.isolatedSubnets.length > 0 ? { subnetType: SubnetType.PRIVATE_ISOLATED } : ofTasks;
}

/** Whether tasks in these subnets need a public address to reach anything. */
export function needsPublicIp(vpc: IVpc, selected: SelectedSubnets): boolean {
  const publicIds = new Set(vpc.publicSubnets.map(subnet => subnet.subnetId));
  return selected.subnetIds.length > 0 && selected.subnetIds.every(id => publicIds.has(id));
}

/** Opens the database to a server, by rules that stand in the server's stack. */
export function connectToDatabase(securityGroups: ISecurityGroup[], database: IConnectable): void {
  const { defaultPort, securityGroups: ofDatabase } = database.connections;
  for (const group of securityGroups) {
    if (!group.allowAllOutbound) {
      new Connections({ securityGroups: [group] }).allowToDefaultPort(database, DATABASE_RULE);
    } else if (defaultPort) {
      // a group that lets everything out needs no rule, and says so in a warning when it gets one
      ofDatabase.forEach(target => target.addIngressRule(group, defaultPort, DATABASE_RULE, true));
    }
  }
}
