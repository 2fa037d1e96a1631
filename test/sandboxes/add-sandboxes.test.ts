import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, SubnetType, Vpc, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { pool, serverImage, world } from './support';
import { FlueEc2Service, FlueExpressService, FlueFargateService, FlueSandboxes, FlueShardedService, type FlueServiceProps } from '../../src';

type Service = FlueFargateService | FlueExpressService | FlueEc2Service | FlueShardedService;

const HOSTS: [string, (stack: Stack, props: FlueServiceProps & { vpc: IVpc }) => Service][] = [
  ['FlueFargateService', (stack, props) => new FlueFargateService(stack, 'Agents', { image: serverImage(stack), ...props })],
  ['FlueExpressService', (stack, props) => new FlueExpressService(stack, 'Agents', { image: serverImage(stack), ...props })],
  ['FlueEc2Service', (stack, props) => new FlueEc2Service(stack, 'Agents', { image: serverImage(stack), ...props })],
  ['FlueShardedService', (stack, props) => new FlueShardedService(stack, 'Agents', { image: serverImage(stack), shards: 2, ...props })],
];

const VARIABLES = [
  'SANDBOX_KIND', 'SANDBOX_CLUSTER', 'SANDBOX_TASK_DEFINITION', 'SANDBOX_SUBNETS', 'SANDBOX_SECURITY_GROUPS', 'SANDBOX_CONTAINER', 'SANDBOX_PORT',
  'SANDBOX_MAX_CONCURRENT', 'SANDBOX_MAX_LIFETIME_SECONDS', 'SANDBOX_IDLE_SECONDS', 'SANDBOX_POOL',
];

/** The statements about sandboxes, by their first action. */
function statements(template: Template): { [action: string]: { Resource: unknown; Condition?: unknown; Action: unknown } } {
  const all = Object.values(template.findResources('AWS::IAM::Policy')).filter(({ Properties }) => /RunTask/.test(JSON.stringify(Properties)))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  return Object.fromEntries(all.map(statement => [[statement.Action].flat()[0], statement]));
}

describe.each(HOSTS)('%s', (name, make) => {
  const admitted = (props: FlueServiceProps = {}) => {
    const { stack, vpc, sandboxes } = pool();
    const service = make(stack, { ...props, vpc });
    service.addSandboxes(sandboxes);
    return { stack, vpc, sandboxes, service };
  };

  test('gives every server the variables of the contract', () => {
    const { stack } = admitted();
    const template = Template.fromStack(stack);
    const servers = name === 'FlueEc2Service'
      ? Object.values(template.findResources('AWS::EC2::LaunchTemplate')).map(({ Properties }) => JSON.stringify(Properties.LaunchTemplateData.UserData))
      : Object.values(template.findResources('AWS::ECS::TaskDefinition')).map(({ Properties }) => Properties.ContainerDefinitions)
        .filter(([{ Name }]) => Name === 'Main').map(containers => JSON.stringify(containers[0].Environment));
    expect(servers).toHaveLength(name === 'FlueShardedService' ? 2 : 1);
    for (const server of servers) {
      expect(VARIABLES.filter(variable => !server.includes(variable))).toEqual([]);
    }
  });

  test('opens one port from the server to the sandboxes, and none back', () => {
    const { stack, sandboxes, service } = admitted();
    const id = (group: { securityGroupId: string }) => stack.resolve(group.securityGroupId);
    const [ofPool] = sandboxes.connections.securityGroups;
    const [ofServer] = service.connections.securityGroups;
    const ingress = Object.values(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroupIngress')).map(({ Properties }) => Properties);
    expect(ingress.filter(({ GroupId }) => JSON.stringify(GroupId) === JSON.stringify(id(ofPool)))).toMatchObject([
      { SourceSecurityGroupId: id(ofServer), IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080 },
    ]);
    const back = JSON.stringify([id(ofServer), id(ofPool)]);
    expect(ingress.filter(({ GroupId, SourceSecurityGroupId }) => JSON.stringify([GroupId, SourceSecurityGroupId]) === back)).toEqual([]);
  });

  test('lets the server run, describe and stop sandboxes of the pool alone', () => {
    const { stack, sandboxes } = admitted();
    const cluster = stack.resolve(sandboxes.cluster.clusterArn);
    const arn = (...rest: unknown[]) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ...rest]] });
    const found = statements(Template.fromStack(stack));
    expect(found['ecs:RunTask']).toEqual({
      Action: 'ecs:RunTask',
      Effect: 'Allow',
      Resource: arn(`:ecs:eu-west-1:111111111111:task-definition/${sandboxes.taskDefinition.family}:*`),
      Condition: { ArnEquals: { 'ecs:cluster': cluster }, StringEquals: { 'aws:RequestTag/cdk-flue:sandbox': sandboxes.poolName } },
    });
    expect(found['ecs:DescribeTasks']).toMatchObject({
      Action: ['ecs:DescribeTasks', 'ecs:StopTask'],
      Condition: { ArnEquals: { 'ecs:cluster': cluster }, StringEquals: { 'aws:ResourceTag/cdk-flue:sandbox': sandboxes.poolName } },
    });
    expect(JSON.stringify(found['ecs:DescribeTasks'].Resource)).toContain(':task/');
    expect(found['ecs:TagResource'].Condition).toEqual({ StringEquals: { 'ecs:CreateAction': 'RunTask' } });
    expect(found['iam:PassRole']).toEqual({
      Action: 'iam:PassRole',
      Effect: 'Allow',
      Resource: stack.resolve(sandboxes.taskDefinition.executionRole!.roleArn),
      Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    });
    expect(Object.entries(found).filter(([action, { Resource }]) => /^(ecs|iam):/.test(action) && Resource === '*')).toEqual([]);
  });

  test('refuses a second call, a pool of another VPC and a variable of the user', () => {
    const { sandboxes, service } = admitted();
    expect(() => service.addSandboxes(sandboxes)).toThrow('`addSandboxes()` must be called once, got: a second call. A server has one pool: leave the second call out');

    const { stack, sandboxes: distant } = pool();
    const vpc = new Vpc(stack, 'Other', { natGateways: 0, subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }] });
    expect(() => make(stack, { vpc }).addSandboxes(distant)).toThrow('`pool` must be in the VPC of the server (Test/Other), got: one in Test/Vpc.');

    expect(() => admitted({ environment: { SANDBOX_POOL: 'mine' } })).toThrow('`environment` and `secrets` must not hold a variable of the sandboxes, got: SANDBOX_POOL. ');
  });

  test('refuses what is no pool', () => {
    const { stack, vpc } = world();
    expect(() => make(stack, { vpc }).addSandboxes({} as FlueSandboxes)).toThrow('`pool` must be a FlueSandboxes, got: an object');
  });
});

test('a server with a closed group gets a rule out to the sandboxes', () => {
  const { stack, vpc, sandboxes } = pool();
  const closed = new SecurityGroup(stack, 'Closed', { vpc, allowAllOutbound: false });
  new FlueFargateService(stack, 'Agents', { image: serverImage(stack), vpc, securityGroups: [closed] }).addSandboxes(sandboxes);
  Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupEgress', {
    GroupId: stack.resolve(closed.securityGroupId), FromPort: 8080, ToPort: 8080, DestinationSecurityGroupId: Match.anyValue(),
  });
});

test('a pool serves servers of other stacks, by rules that stand there', () => {
  const app = new App();
  const env = { account: '111111111111', region: 'eu-west-1' };
  const below = new Stack(app, 'Below', { env });
  const vpc = new Vpc(below, 'Vpc', {
    availabilityZones: ['eu-west-1a', 'eu-west-1b'],
    natGateways: 0,
    subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }, { name: 'Isolated', subnetType: SubnetType.PRIVATE_ISOLATED }],
  });
  const { sandboxes } = pool({}, { stack: below, vpc });
  const above = new Stack(app, 'Above', { env });
  for (const id of ['One', 'Two']) {
    new FlueExpressService(above, id, { image: serverImage(new Stack(app, `Image${id}`, { env })), vpc }).addSandboxes(sandboxes);
  }
  app.synth();
  expect(above.dependencies).toContain(below);
  expect(below.dependencies).toEqual([]);
});
