import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { changed, judge, PARAMETER, verdictOn } from './judge';
import { box, fargate, group } from './templates';
import { BOX_HARDENING } from '../../src/invariants/box-hardening';

const instance = (properties: object) => changed(box(), ({ Instance }) => { Object.assign(Instance.Properties, properties); });
const launched = (properties: object) => changed(group(), ({ LaunchTemplate }) => {
  Object.assign(LaunchTemplate.Properties.LaunchTemplateData, properties);
});
const TOKENS = (how: string) => `[HttpTokens] the instance metadata service answers without a session token (HttpTokens is ${how})`;
const DISK = (what: string) => `[Encrypted] ${what} of the box is not encrypted`;
const ABSENT = { Ref: 'AWS::NoValue' };

test.each<[properties: object, expected: unknown]>([
  [{}, 'compliant'],
  [{ MetadataOptions: { HttpTokens: 'optional' } }, [TOKENS('optional')]],
  [{ MetadataOptions: ABSENT }, [TOKENS('left out')]],
  [{ MetadataOptions: { HttpEndpoint: 'disabled' } }, 'compliant'],
  [{ MetadataOptions: PARAMETER }, 'compliant'],
  [{ MetadataOptions: PARAMETER, BlockDeviceMappings: PARAMETER }, 'not applicable'],
  [{ BlockDeviceMappings: ABSENT }, [DISK('the root volume')]],
  [{ BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 8 } }] }, [DISK('a volume')]],
  [{ BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { Encrypted: true } }, { DeviceName: '/dev/xvdb', Ebs: { Encrypted: 'false' } }] }, [DISK('a volume')]],
  [{ BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { Encrypted: true } }, { DeviceName: '/dev/xvdb', VirtualName: 'ephemeral0' }] }, 'compliant'],
  [{ BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: 'snap-1' } }] }, 'compliant'],
  [{ BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { Encrypted: PARAMETER } }] }, 'compliant'],
])('a box with %j', (properties, expected) => {
  expect(judge(BOX_HARDENING, instance(properties), 'Instance')).toEqual(expected);
  expect(judge(BOX_HARDENING, launched(properties), 'LaunchTemplate')).toEqual(expected);
});

test('an instance takes from its launch template what it does not say, and answers for it', () => {
  const template = (data: object) => changed(instance({ MetadataOptions: ABSENT, BlockDeviceMappings: ABSENT }), resources => {
    resources.LaunchTemplate = { Type: 'AWS::EC2::LaunchTemplate', Properties: { LaunchTemplateData: data } };
    resources.Instance.Properties.LaunchTemplate = { LaunchTemplateId: { Ref: 'LaunchTemplate' }, Version: '1' };
  });
  const hardened = template({ MetadataOptions: { HttpTokens: 'required' }, BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { Encrypted: true } }] });
  expect(judge(BOX_HARDENING, hardened, 'Instance')).toBe('compliant');
  expect(judge(BOX_HARDENING, template({ InstanceType: 't4g.small' }), 'Instance')).toEqual([TOKENS('left out'), DISK('the root volume')]);
  expect(judge(BOX_HARDENING, template({ InstanceType: 't4g.small' }), 'LaunchTemplate')).toBe('not applicable');
  expect(judge(BOX_HARDENING, instance({ MetadataOptions: ABSENT, BlockDeviceMappings: ABSENT, LaunchTemplate: { LaunchTemplateId: PARAMETER, Version: '1' } }), 'Instance'))
    .toBe('not applicable');
});

test.each<[volume: object, expected: unknown]>([
  [{ Encrypted: true }, 'compliant'],
  [{ Encrypted: false }, [DISK('a volume')]],
  [{ Encrypted: ABSENT }, [DISK('a volume')]],
  [{ Encrypted: ABSENT, SnapshotId: 'snap-1' }, 'not applicable'],
  [{ Encrypted: PARAMETER }, 'not applicable'],
])('a volume attached to the box with %j', (volume, expected) => {
  expect(judge(BOX_HARDENING, changed(box(), ({ Data }) => { Object.assign(Data.Properties, volume); }), 'Data')).toEqual(expected);
});

describe('SSH', () => {
  const OPEN = (cidr: string) => [`[Ssh] ${cidr} may reach port 22 of the box`];

  test.each<[rule: object, expected: unknown]>([
    [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIp: '0.0.0.0/0' }, OPEN('0.0.0.0/0')],
    [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIpv6: '::/0' }, OPEN('::/0')],
    [{ IpProtocol: 'tcp', FromPort: '0', ToPort: '65535', CidrIp: '0.0.0.0/0' }, OPEN('0.0.0.0/0')],
    [{ IpProtocol: '-1', CidrIp: '0.0.0.0/0' }, OPEN('0.0.0.0/0')],
    [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIp: '128.0.0.0/1' }, OPEN('128.0.0.0/1')],
    [{ IpProtocol: '6', FromPort: 20, ToPort: 22, CidrIp: '0.0.0.0/0' }, OPEN('0.0.0.0/0')],
    [{ IpProtocol: 'tcp', FromPort: -1, ToPort: -1, CidrIp: '0.0.0.0/0' }, OPEN('0.0.0.0/0')],
    [{ IpProtocol: 'tcp', FromPort: 23, ToPort: 65535, CidrIp: '0.0.0.0/0' }, 'compliant'],
    [{ IpProtocol: 'udp', FromPort: 22, ToPort: 22, CidrIp: '0.0.0.0/0' }, 'compliant'],
    [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIp: '10.0.0.0/8' }, 'compliant'],
    [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIp: PARAMETER }, 'compliant'],
    [{ IpProtocol: 'tcp', FromPort: PARAMETER, ToPort: PARAMETER, CidrIp: '0.0.0.0/0' }, 'compliant'],
  ])('%j', (rule, expected) => {
    expect(judge(BOX_HARDENING, changed(box(), ({ SecurityGroup }) => { SecurityGroup.Properties.SecurityGroupIngress = [rule]; }), 'SecurityGroup')).toEqual(expected);
    const separate = changed(box(), resources => {
      resources.Ingress = { Type: 'AWS::EC2::SecurityGroupIngress', Properties: { GroupId: { 'Fn::GetAtt': ['SecurityGroup', 'GroupId'] }, ...rule } };
    });
    expect(judge(BOX_HARDENING, separate, 'Ingress')).toEqual(expected);
  });

  test('on a network interface of the box', () => {
    const template = changed(instance({ SecurityGroupIds: ABSENT, NetworkInterfaces: [{ DeviceIndex: '0', GroupSet: [{ Ref: 'SecurityGroup' }] }] }), ({ SecurityGroup }) => {
      SecurityGroup.Properties.SecurityGroupIngress[0].FromPort = 0;
    });
    expect(judge(BOX_HARDENING, template, 'SecurityGroup')).toHaveLength(1);
  });

  test('on a group that protects no box', () => {
    const template = changed(fargate(), resources => { resources.Other = box().Resources.SecurityGroup; });
    expect(judge(BOX_HARDENING, template, 'Other')).toBe('out of scope');
  });
});

test('an instance of the CDK, whose launch template an aspect adds', () => {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  const host = new ec2.Instance(stack, 'Host', {
    vpc: new ec2.Vpc(stack, 'Vpc'),
    instanceType: new ec2.InstanceType('t4g.small'),
    machineImage: ec2.MachineImage.genericLinux({ 'us-east-1': 'ami-1' }, { }),
    requireImdsv2: true,
    userData: ec2.UserData.custom('node dist/server.mjs'),
  });
  expect(verdictOn(BOX_HARDENING, host.instance)).toEqual([TOKENS('left out'), DISK('the root volume')]);
  app.synth();
  expect(verdictOn(BOX_HARDENING, host.instance)).toEqual([DISK('the root volume')]);
});
