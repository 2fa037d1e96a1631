import { listOf, within, written, type Limit, type NumberLimit } from './limit';

/** RDS and Aurora subnet groups, and load balancers, need subnets in this many availability zones. */
export const MIN_AVAILABILITY_ZONES = 2;

const NAT_GATEWAYS = {
  prop: 'count',
  of: ['FlueNatEgressOptions'],
  source: 'aws-cdk-lib, NAT gateways of a VPC: one for each availability zone at most',
} as const;

/** The limit of NAT gateways in a number of availability zones. */
export function natGatewaysIn(zones: number): NumberLimit {
  return within({
    ...NAT_GATEWAYS,
    minimum: 1,
    maximum: zones,
    step: 1,
    atSynthesis: true,
    note: ' NAT gateways, one for each availability zone at most',
    fix: 'To have no NAT gateway, use FlueEgress.publicAddresses() or FlueEgress.vpcEndpoints()',
  });
}

export const NETWORK_LIMITS = {
  domainName: written({
    prop: 'domainName',
    of: ['FlueFargateBaseProps', 'FlueEc2ServiceProps'],
    pattern: /^(?!-)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$/,
    length: 253,
    source: 'RFC 1123, host names',
    fix: 'Write it as in `agents.example.com`: the certificate, the DNS record and the URL use this one name',
  }, 'a host name without wildcard, scheme or port'),
  securityGroups: listOf({
    prop: 'securityGroups',
    of: ['FlueServiceProps', 'FlueInboxOptions'],
    least: 1,
    most: 5,
    source: 'Amazon ECS API reference, AwsVpcConfiguration; Amazon VPC user guide, quotas: security groups of a network interface',
    fix: 'Leave it out for a new one',
  }, 'security groups'),
  maxAzs: within({
    prop: 'maxAzs',
    of: ['FlueNetworkProps'],
    minimum: MIN_AVAILABILITY_ZONES,
    // more bring a load balancer and its tasks nothing
    maximum: 6,
    step: 1,
    atSynthesis: true,
    source: 'Elastic Load Balancing guide, availability zones of a load balancer',
    fix: 'A load balancer needs two availability zones',
  }),
  availabilityZoneIds: listOf({
    prop: 'availabilityZoneIds',
    of: ['FlueNetworkProps'],
    least: MIN_AVAILABILITY_ZONES,
    most: 6,
    source: 'Elastic Load Balancing guide, availability zones of a load balancer',
    fix: 'A load balancer needs two availability zones',
  }, 'ids of availability zones'),
  availabilityZoneId: written({
    prop: 'availabilityZoneIds',
    of: ['FlueNetworkProps'],
    pattern: /^[a-z]{2,5}\d-az\d{1,2}$/,
    length: 11,
    source: 'AWS RAM user guide, availability zone IDs',
    fix: 'Write each as in `use1-az1`, not by its name: names differ from account to account',
  }, 'ids of availability zones'),
  natGateways: { ...NAT_GATEWAYS, allowed: 'a whole number from 1 to `maxAzs` of the network' } satisfies Limit,
  zones: {
    prop: 'vpcSubnets',
    of: ['FlueDatabaseProps', 'FlueServiceProps'],
    allowed: `subnets in at least ${MIN_AVAILABILITY_ZONES} availability zones, except for the one of FlueEc2Service`,
    source: 'Amazon RDS user guide, subnet groups; Elastic Load Balancing guide, availability zones of a load balancer',
  } satisfies Limit,
};
