import { Lazy, Stack } from 'aws-cdk-lib';
import {
  FlowLogDestination, GatewayVpcEndpointAwsService, SubnetType, Vpc,
  type CfnSubnet, type FlowLog, type IIpAddresses, type InterfaceVpcEndpoint, type ISubnet, type SubnetConfiguration, type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { FlueEgress } from './flue-egress';
import { rememberZones, zonePrefixOf } from './zones';
import { requireUsableKeys } from '../invariants/encryption-keys';
import { refuse } from '../invariants/invariant';
import { requireListed, requireWithin, requireWritten } from '../invariants/limits/guard';
import { MIN_AVAILABILITY_ZONES, NETWORK_LIMITS } from '../invariants/limits/network';
import { requireNoSecretTexts } from '../invariants/secrets-only';
import { placed } from '../invariants/types/placed';
import { requireTypes } from '../invariants/types/require-types';
import { isPending, isUnknown, settled } from '../invariants/unknown';
import { admitLogs } from '../logs/server-logs';

/**
 * Properties of a network for Flue servers.
 */
export interface FlueNetworkProps {
  /**
   * How the servers reach the internet and AWS. You can change it later: the subnets of the database stay as they are.
   *
   * @default FlueEgress.publicAddresses()
   */
  readonly egress?: FlueEgress;

  /**
   * The most availability zones to use. A stack that does not name its region has two. Choose it once: another number divides
   * the addresses again, and CloudFormation cannot replace a subnet by one that overlaps it.
   *
   * Throws below 2, which a load balancer needs, above 6, and for a number known only at deployment.
   *
   * @default 2
   */
  readonly maxAzs?: number;

  /**
   * The availability zones by their ids, such as `use1-az1`. An id is the same zone in every account, and a name is not. Choose them
   * where a zone of the region lacks something: use1-az3 has no Fargate on ARM64 and no t4g instances, and neither usw1-az2 nor apne1-az3
   * has Fargate. Choose them once: CloudFormation cannot move a subnet.
   *
   * Throws with `maxAzs`, for fewer than 2 or more than 6, for one given twice, for a name in place of an id, and for a zone of another
   * region.
   *
   * @default - AWS picks as many as `maxAzs` says
   */
  readonly availabilityZoneIds?: string[];

  /**
   * The addresses of the VPC, for three subnets in each availability zone. Without NAT, the addresses of the private subnets
   * stay free. Choose them once: CloudFormation cannot change them in place.
   *
   * Throws for a range above /16, and for one without room for the subnets, 16 addresses each.
   *
   * @default - those of ec2.Vpc, 10.0.0.0/16
   */
  readonly ipAddresses?: IIpAddresses;

  /**
   * Whether VPC flow logs record the connections.
   *
   * @default true
   */
  readonly flowLogs?: boolean;

  /**
   * The destination of the flow logs.
   *
   * Throws when `flowLogs` is false.
   *
   * @default - a log group that keeps them for a month
   */
  readonly flowLogDestination?: FlowLogDestination;

  /**
   * The key that encrypts the log group of the flow logs. If this app creates the key, the construct lets CloudWatch Logs use
   * it.
   *
   * Throws with `flowLogDestination`, or when `flowLogs` is false.
   *
   * @default - CloudWatch's own
   */
  readonly logEncryptionKey?: IKey;

  /**
   * How long CloudWatch keeps the flow logs.
   *
   * Throws for anything but a member of `RetentionDays`, with `flowLogDestination`, or when `flowLogs` is false.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;
}

/**
 * A VPC for Flue servers: subnets for load balancers, for servers, and isolated ones for a database.
 *
 * **Cost.** None with the default egress; FlueEgress has the prices of the others.
 *
 * @example
 * const network = new FlueNetwork(this, 'Network', {
 *   egress: FlueEgress.vpcEndpoints({ services: [ec2.InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME] }),
 * });
 * new FlueFargateService(this, 'Agents', {
 *   image,
 *   vpc: network.vpc,
 *   vpcSubnets: network.serverSubnets,
 *   model: FlueModel.bedrock('eu.anthropic.claude-sonnet-4-6'),
 * });
 */
export class FlueNetwork extends Construct {
  /** The VPC. */
  public readonly vpc: Vpc;

  /** The subnets for servers. Pass them as `vpcSubnets` of a service. */
  public readonly serverSubnets: SubnetSelection;

  /** The interface endpoints by service, such as `EcrApi`; empty unless the egress is `vpcEndpoints()`. */
  public readonly interfaceEndpoints: { [service: string]: InterfaceVpcEndpoint };

  /**
   * The VPC flow log.
   *
   * @default - `flowLogs` is false
   */
  public readonly flowLog?: FlowLog;

  public constructor(scope: Construct, id: string, props: FlueNetworkProps = {}) {
    super(placed('FlueNetwork', scope, id), id);
    requireTypes(this, 'FlueNetworkProps', props);
    requireNoSecretTexts(this, props);
    requireUsableKeys(this, props);
    props = settled(this, props);

    const { _egress: egress } = props.egress ?? FlueEgress.publicAddresses();
    // how many zones a lookup finds is not known before it is made
    const zoneIds = props.availabilityZoneIds?.some(zone => isPending(zone)) ? undefined : props.availabilityZoneIds;
    requireZones(this, props);
    const maxAzs = zoneIds?.length ?? props.maxAzs ?? MIN_AVAILABILITY_ZONES;
    requireWithin(this, maxAzs, NETWORK_LIMITS.maxAzs);
    egress.require(this, maxAzs);
    requireLogs(this, props);

    this.serverSubnets = { subnetType: egress.subnetType };
    // its addresses are kept free where it is not made: another egress must not move the subnets of the database
    const servers: SubnetConfiguration = { name: 'Private', subnetType: SubnetType.PRIVATE_WITH_EGRESS, reserved: egress.subnetType !== SubnetType.PRIVATE_WITH_EGRESS };
    requireRoom(this, props.ipAddresses, maxAzs);
    this.vpc = new Vpc(this, 'Vpc', {
      ...(zoneIds ? { availabilityZones: zoneIds.map((_, index) => this.zoneName(index)) } : { maxAzs }),
      ipAddresses: props.ipAddresses,
      natGateways: egress.natGateways,
      natGatewayProvider: egress.natGatewayProvider,
      subnetConfiguration: [
        // a task or a box asks for its public address by itself; nothing else should get one
        { name: 'Public', subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false },
        servers,
        { name: 'Isolated', subnetType: SubnetType.PRIVATE_ISOLATED },
      ],
      gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 } },
    });
    rememberZones(this.vpc, zoneIds);
    if (zoneIds) {
      this.placeSubnets(zoneIds);
    }
    this.interfaceEndpoints = Object.fromEntries(Object.entries(egress.endpoints).map(([name, service]) => [
      name, this.vpc.addInterfaceEndpoint(name, { service, subnets: this.serverSubnets }),
    ]));
    if (props.flowLogs ?? true) {
      this.flowLog = this.vpc.addFlowLog('FlowLog', { destination: props.flowLogDestination ?? this.logGroup(props) });
    }
    this.node.defaultChild = this.vpc;
  }

  /** The name that a zone has in the account, which its first subnet tells: whoever asks a subnet for its zone gets it. */
  private zoneName(index: number): string {
    return Lazy.string({ produce: () => subnetResource(this.vpc.publicSubnets[index]).attrAvailabilityZone });
  }

  private placeSubnets(zoneIds: string[]): void {
    for (const subnets of [this.vpc.publicSubnets, this.vpc.privateSubnets, this.vpc.isolatedSubnets]) {
      subnets.map(subnetResource).forEach((subnet, index) => {
        subnet.availabilityZone = undefined;
        subnet.availabilityZoneId = zoneIds[index];
      });
    }
  }

  private logGroup({ logEncryptionKey, logRetention }: FlueNetworkProps): FlowLogDestination {
    if (logEncryptionKey) {
      admitLogs(this, logEncryptionKey);
    }
    return FlowLogDestination.toCloudWatchLogs(new LogGroup(this, 'FlowLogGroup', {
      retention: logRetention ?? RetentionDays.ONE_MONTH, encryptionKey: logEncryptionKey,
    }));
  }
}

function subnetResource(subnet: ISubnet): CfnSubnet {
  return subnet.node.defaultChild as CfnSubnet;
}

function requireZones(scope: Construct, { availabilityZoneIds: given, maxAzs }: FlueNetworkProps): void {
  if (given === undefined) {
    return;
  }
  const { availabilityZoneIds: list, availabilityZoneId: one } = NETWORK_LIMITS;
  if (maxAzs !== undefined) {
    refuse(scope, '`maxAzs` must be left out with `availabilityZoneIds`, got: both', 'The network has as many zones as you name');
  }
  requireListed(scope, given, list);
  given.forEach(zone => requireWritten(scope, zone, one));
  const prefix = zonePrefixOf(Stack.of(scope).region);
  const known = given.filter(zone => !isUnknown(zone));
  const foreign = prefix === undefined ? undefined : known.find(zone => !zone.startsWith(`${prefix}-`));
  if (foreign !== undefined) {
    refuse(scope, `\`availabilityZoneIds\` must be zones of ${Stack.of(scope).region}, got: ${foreign}`, `Their ids begin with \`${prefix}-az\``);
  }
}

/** The largest and the smallest range that a VPC and a subnet can have, in bits (Amazon VPC user guide, CIDR blocks). */
const LARGEST_RANGE = 16;
const SMALLEST_RANGE = 28;

/** Refuses addresses that do not divide into three subnets for each zone. Asking `ipAddresses` for the subnets would use them up. */
function requireRoom(scope: Construct, ipAddresses: IIpAddresses | undefined, maxAzs: number): void {
  const range = ipAddresses?.allocateVpcCidr().cidrBlock;
  if (range === undefined || isUnknown(range) || isUnknown(maxAzs, scope)) {
    return;
  }
  const subnets = 3 * maxAzs;
  const bits = Number(range.split('/')[1]);
  const smallest = SMALLEST_RANGE - Math.ceil(Math.log2(subnets));
  if (bits < LARGEST_RANGE || bits > smallest) {
    refuse(scope, `\`ipAddresses\` must be a range from /${LARGEST_RANGE} to /${smallest}, which has room for ${subnets} subnets, got: ${range}`,
      'Write it as in `ec2.IpAddresses.cidr(\'10.0.0.0/16\')`');
  }
}

function requireLogs(scope: Construct, props: FlueNetworkProps): void {
  for (const prop of ['flowLogDestination', 'logEncryptionKey', 'logRetention'] as const) {
    if (props[prop] !== undefined && props.flowLogs === false) {
      refuse(scope, `\`${prop}\` must be left out when \`flowLogs\` is false, got: both`, 'Leave out one of them');
    }
    if (props[prop] !== undefined && prop !== 'flowLogDestination' && props.flowLogDestination) {
      refuse(scope, `\`${prop}\` must be left out with \`flowLogDestination\`, got: both`, 'Set it on that destination');
    }
  }
}
