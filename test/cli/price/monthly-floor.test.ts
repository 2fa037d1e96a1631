import { monthlyFloor, type TemplateResource } from '../../../src/cli/price/monthly-floor';

const floorOf = (Resources: Record<string, TemplateResource>) => monthlyFloor({ Resources });
const one = (Type: string, Properties: Record<string, unknown> = {}) => floorOf({ It: { Type, Properties } });
const task = (Properties: Record<string, unknown> = {}) => ({
  Type: 'AWS::ECS::TaskDefinition', Properties: { Cpu: '512', Memory: '1024', RuntimePlatform: { CpuArchitecture: 'X86_64' }, ...Properties },
});
const service = (Properties: Record<string, unknown> = {}) => ({ Type: 'AWS::ECS::Service', Properties: { TaskDefinition: { Ref: 'Task' }, ...Properties } });
const express = (Properties: Record<string, unknown> = {}) => ({ Type: 'AWS::ECS::ExpressGatewayService', Properties: { TaskDefinitionArn: { Ref: 'Task' }, ...Properties } });
const box = (InstanceType: string) => ({
  Group: { Type: 'AWS::AutoScaling::AutoScalingGroup', Properties: { MinSize: '1', LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' } } } },
  Template: {
    Type: 'AWS::EC2::LaunchTemplate',
    Properties: { LaunchTemplateData: { InstanceType, BlockDeviceMappings: [{ Ebs: { VolumeSize: 16 } }] } },
  },
});
const PUBLIC = { NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp: 'ENABLED' } } };

/** A task of 0.5 vCPU and 1 GiB on x86, and an address, in a month. */
const TASK = 730 * (0.5 * 0.04048 + 0.004445);
const ADDRESS = 730 * 0.005;

describe('the floor of', () => {
  test.each<[string, Record<string, TemplateResource>, number]>([
    ['nothing', {}, 0],
    ['what is free', { Vpc: { Type: 'AWS::EC2::VPC' }, Logs: { Type: 'AWS::Logs::LogGroup', Properties: {} } }, 0],
    ['a task in private subnets', { Task: task(), Service: service() }, TASK],
    ['a task with a public address', { Task: task(), Service: service(PUBLIC) }, TASK + ADDRESS],
    ['three tasks', { Task: task(), Service: service({ ...PUBLIC, DesiredCount: 3 }) }, 3 * (TASK + ADDRESS)],
    ['tasks that scale, at their fewest',
      {
        Task: task(),
        Service: service(),
        Target: {
          Type: 'AWS::ApplicationAutoScaling::ScalableTarget',
          Properties: { MinCapacity: 2, ResourceId: { 'Fn::Join': ['', ['service/', { 'Fn::GetAtt': ['Service', 'Name'] }]] } },
        },
      }, 2 * TASK],
    ['a task on ARM64', { Task: task({ RuntimePlatform: { CpuArchitecture: 'ARM64' } }), Service: service() }, 730 * (0.5 * 0.03238 + 0.00356)],
    ['Express in public subnets', { Task: task(), Service: express({ NetworkConfiguration: { Subnets: [{ Ref: 'VpcPublicSubnet1' }, { Ref: 'VpcPublicSubnet2' }] } }) },
      16.425 + 2 * ADDRESS + TASK + ADDRESS],
    ['Express in private subnets', { Task: task(), Service: express({ NetworkConfiguration: { Subnets: [{ Ref: 'VpcPrivateSubnet1' }, { Ref: 'VpcPrivateSubnet2' }] } }) },
      16.425 + TASK],
    ['two tasks of Express', { Task: task(), Service: express({ ScalingTarget: { MinTaskCount: 2 }, NetworkConfiguration: { Subnets: [{ Ref: 'Isolated' }] } }) },
      16.425 + 2 * TASK],
    ['a load balancer on the internet', { It: { Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: { Scheme: 'internet-facing', Subnets: ['a', 'b'] } } },
      16.425 + 2 * ADDRESS],
    ['a load balancer inside', { It: { Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: { Scheme: 'internal', Subnets: ['a', 'b'] } } }, 16.425],
    ['a box of t4g.small', box('t4g.small'), 12.264 + 1.28],
    ['a box of t3.small', box('t3.small'), 15.184 + 1.28],
    ['a data volume', { It: { Type: 'AWS::EC2::Volume', Properties: { Size: 8 } } }, 0.64],
    ['an address', { It: { Type: 'AWS::EC2::EIP' } }, ADDRESS],
    ['a NAT gateway with its address', { Nat: { Type: 'AWS::EC2::NatGateway' }, Eip: { Type: 'AWS::EC2::EIP' } }, 36.5],
    ['a NAT gateway with an address of another stack', { Nat: { Type: 'AWS::EC2::NatGateway' } }, 36.5],
    ['an interface endpoint in two zones', { It: { Type: 'AWS::EC2::VPCEndpoint', Properties: { VpcEndpointType: 'Interface', SubnetIds: ['a', 'b'] } } }, 14.6],
    ['a gateway endpoint', { It: { Type: 'AWS::EC2::VPCEndpoint', Properties: { VpcEndpointType: 'Gateway' } } }, 0],
    ['a database', { It: { Type: 'AWS::RDS::DBInstance', Properties: { DBInstanceClass: 'db.t4g.micro', AllocatedStorage: '20' } } }, 13.98],
    ['a database in two zones', { It: { Type: 'AWS::RDS::DBInstance', Properties: { DBInstanceClass: 'db.t4g.micro', AllocatedStorage: '20', MultiAZ: true } } }, 27.96],
    ['Aurora with a reader',
      {
        Cluster: { Type: 'AWS::RDS::DBCluster', Properties: { ServerlessV2ScalingConfiguration: { MinCapacity: 0.5 } } },
        Writer: { Type: 'AWS::RDS::DBInstance', Properties: { DBInstanceClass: 'db.serverless', DBClusterIdentifier: { Ref: 'Cluster' } } },
        Reader: { Type: 'AWS::RDS::DBInstance', Properties: { DBInstanceClass: 'db.serverless', DBClusterIdentifier: { Ref: 'Cluster' } } },
      }, 87.6],
    ['two secrets', { One: { Type: 'AWS::SecretsManager::Secret' }, Two: { Type: 'AWS::SecretsManager::Secret' } }, 0.8],
    ['a key', { It: { Type: 'AWS::KMS::Key' } }, 1],
    ['two alarms', { One: { Type: 'AWS::CloudWatch::Alarm' }, Two: { Type: 'AWS::CloudWatch::Alarm' } }, 0.2],
    ['a dashboard', { It: { Type: 'AWS::CloudWatch::Dashboard' } }, 3],
  ])('%s', (_, resources, usd) => {
    const { costs, total, unpriced } = floorOf(resources);
    expect(total).toBeCloseTo(usd, 6);
    expect(costs.every(cost => cost.usd > 0)).toBe(true);
    expect(unpriced).toEqual([]);
  });

  test.each<[string, ReturnType<typeof one>, string]>([
    ['a task of another stack', one('AWS::ECS::Service', { TaskDefinition: { 'Fn::ImportValue': 'Task' } }), 'tasks of a task definition outside the stack'],
    ['an unknown instance', floorOf(box('m7g.large')), 'instance m7g.large'],
    ['an unknown database', one('AWS::RDS::DBInstance', { DBInstanceClass: 'db.r8g.large', AllocatedStorage: '20' }), 'database instance db.r8g.large'],
  ])('%s is said not to be known', (_, { unpriced }, what) => {
    expect(unpriced).toEqual([what]);
  });
});
