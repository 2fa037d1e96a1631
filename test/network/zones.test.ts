import { App, Lazy, Size, Stack, type StackProps } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { InstanceType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { FlueDatabase, FlueEc2Service, FlueEgress, FlueExposure, FlueFargateService, FlueImage, FlueNetwork, type FlueNetworkProps } from '../../src';
import { zonePrefixOf } from '../../src/network/zones';
import { refusalOf } from '../service/support';

const stackOf = (region?: string, props?: StackProps) => new Stack(new App(), 'Stack', { env: region ? { account: '111111111111', region } : undefined, ...props });
const imageOf = (stack: Stack, cpuArchitecture?: CpuArchitecture) => FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:1', { cpuArchitecture, flueMajor: 2 });
const warningsOf = (stack: Stack): string[] => Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('cdk-flue:FlueNetwork.zones')).map(({ entry }) => String(entry.data));

describe('a network whose zones are chosen by id', () => {
  const zones = ['use1-az1', 'use1-az2', 'use1-az4'];

  test('has each subnet in its zone, and no zone by name', () => {
    const stack = stackOf('us-east-1');
    const { vpc } = new FlueNetwork(stack, 'Network', { availabilityZoneIds: zones, egress: FlueEgress.natGateways() });
    expect([vpc.publicSubnets, vpc.privateSubnets, vpc.isolatedSubnets].map(({ length }) => length)).toEqual([3, 3, 3]);
    const subnets = Object.values(Template.fromStack(stack).findResources('AWS::EC2::Subnet')) as Array<{ Properties: Record<string, unknown> }>;
    expect(subnets.map(({ Properties }) => Properties.AvailabilityZone)).toEqual(Array(9).fill(undefined));
    expect(subnets.map(({ Properties }) => Properties.AvailabilityZoneId).sort()).toEqual([...zones, ...zones, ...zones].sort());
  });

  test('tells a box in another stack the name of the zone for its volume', () => {
    const app = new App();
    const env = { account: '111111111111', region: 'us-east-1' };
    const shared = new Stack(app, 'Shared', { env });
    const { vpc } = new FlueNetwork(shared, 'Network', { availabilityZoneIds: zones });
    new FlueDatabase(shared, 'Database', { vpc });
    const stack = new Stack(app, 'Box', { env });
    new FlueEc2Service(stack, 'Agents', { image: imageOf(stack), vpc, dataVolumeSize: Size.gibibytes(8) });
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::Volume', { AvailabilityZone: { 'Fn::ImportValue': Match.stringLikeRegexp('PublicSubnet1.*AvailabilityZone') } });
    Template.fromStack(shared).hasOutput('*', { Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('PublicSubnet1'), 'AvailabilityZone'] } });
  });

  const later = Lazy.string({ produce: () => 'use1-az6' });
  test.each<[string, FlueNetworkProps, string | undefined]>([
    ['two', { availabilityZoneIds: ['use1-az1', 'use1-az2'] }, undefined],
    ['six', { availabilityZoneIds: [1, 2, 3, 4, 5, 6].map(zone => `use1-az${zone}`) }, undefined],
    ['what only the deployment knows', { availabilityZoneIds: ['use1-az1', later] }, undefined],
    ['what a lookup has yet to find', { availabilityZoneIds: 'dummy-value-for-/zones'.split(',') }, undefined],
    ['one', { availabilityZoneIds: ['use1-az1'] }, 'must be a list of 2–6 ids of availability zones, got: 1'],
    ['none', { availabilityZoneIds: [] }, 'must be a list of 2–6 ids of availability zones, got: 0'],
    ['seven', { availabilityZoneIds: Array(7).fill('use1-az1') }, 'got: 7'],
    ['a name', { availabilityZoneIds: ['use1-az1', 'us-east-1b'] }, 'must be ids of availability zones, got: us-east-1b. Write each as in `use1-az1`'],
    ['a local zone', { availabilityZoneIds: ['use1-az1', 'use1-bos1-az1'] }, 'got: use1-bos1-az1'],
    ['one twice', { availabilityZoneIds: ['use1-az1', 'use1-az1'] }, 'must name each once, got: use1-az1 twice'],
    ['another region', { availabilityZoneIds: ['use1-az1', 'use2-az1'] }, 'must be zones of us-east-1, got: use2-az1. Their ids begin with `use1-az`'],
    ['a number too', { availabilityZoneIds: ['use1-az1', 'use1-az2'], maxAzs: 2 }, '`maxAzs` must be left out with `availabilityZoneIds`, got: both'],
    ['more gateways than zones', { availabilityZoneIds: ['use1-az1', 'use1-az2'], egress: FlueEgress.natGateways({ count: 3 }) }, '`count` must be a whole number from 1 to 2'],
  ])('%s', (_, props, refusal) => {
    const make = () => new FlueNetwork(stackOf('us-east-1'), 'Network', props);
    if (refusal === undefined) {
      expect(make).not.toThrow();
    } else {
      expect(refusalOf(make)).toContain(refusal);
    }
  });
});

test.each([
  ['us-east-1', 'use1'], ['ap-northeast-1', 'apne1'], ['ap-southeast-5', 'apse5'], ['eu-central-1', 'euc1'], ['us-gov-west-1', 'usgw1'], ['cn-northwest-1', 'cnnw1'],
  ['ca-west-1', 'caw1'], ['eusc-de-east-1', undefined], ['us-iso-east-1', undefined], ['${Token[AWS.Region.1]}', undefined],
])('the zones of %s begin with %s', (region, prefix) => {
  expect(zonePrefixOf(region)).toBe(prefix);
});

describe('a server in zones that AWS picks', () => {
  test.each<[string | undefined, CpuArchitecture, string[]]>([
    ['us-east-1', CpuArchitecture.ARM64, ['use1-az3 has no AWS Fargate on ARM64']],
    ['us-east-1', CpuArchitecture.X86_64, []],
    ['us-west-1', CpuArchitecture.X86_64, ['usw1-az2 has no AWS Fargate']],
    ['ap-northeast-1', CpuArchitecture.ARM64, ['apne1-az3 has no AWS Fargate']],
    ['eu-west-1', CpuArchitecture.ARM64, []],
    [undefined, CpuArchitecture.ARM64, []],
  ])('on Fargate in %s', (region, architecture, said) => {
    for (const chosen of [false, true]) {
      const stack = stackOf(region);
      new FlueFargateService(stack, 'Agents', { image: imageOf(stack, architecture), vpc: chosen ? new FlueNetwork(stack, 'Network').vpc : undefined });
      const warnings = warningsOf(stack);
      expect(warnings).toHaveLength(said.length);
      said.forEach((sentence, index) => expect(warnings[index]).toContain(`that AWS picks for each account, and ${sentence}`));
    }
  });

  test('behind CloudFront', () => {
    const stack = stackOf('us-east-1');
    new FlueFargateService(stack, 'Agents', { image: imageOf(stack), exposure: FlueExposure.cloudFront() });
    expect(warningsOf(stack)).toEqual([expect.stringContaining('use1-az3 has no VPC origins of Amazon CloudFront')]);
  });

  test.each([['t4g.small', CpuArchitecture.ARM64, 1], ['m7g.medium', CpuArchitecture.ARM64, 0], ['t3.small', CpuArchitecture.X86_64, 0]])('on a box: %s', (type, architecture, count) => {
    const stack = stackOf('us-east-1');
    new FlueEc2Service(stack, 'Agents', { image: imageOf(stack, architecture), instanceType: new InstanceType(type) });
    expect(warningsOf(stack)).toHaveLength(count);
  });

  test('in zones that the user chose, or in a VPC that the user brought, is warned of what is known', () => {
    const said = (make: (stack: Stack) => Vpc) => {
      const stack = stackOf('us-east-1');
      new FlueFargateService(stack, 'Agents', { image: imageOf(stack, CpuArchitecture.ARM64), vpc: make(stack) });
      return warningsOf(stack);
    };
    expect(said(stack => new FlueNetwork(stack, 'Network', { availabilityZoneIds: ['use1-az1', 'use1-az2'] }).vpc)).toEqual([]);
    expect(said(stack => new FlueNetwork(stack, 'Network', { availabilityZoneIds: ['use1-az3', 'use1-az2'] }).vpc)).toEqual([expect.stringContaining('that you chose, and use1-az3 has no')]);
    expect(said(stack => new Vpc(stack, 'Vpc', { maxAzs: 2 }))).toEqual([]);
  });
});
