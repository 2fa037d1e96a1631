import { changed, judge, PARAMETER, PARAMETERS, type Template } from './judge';
import { SANDBOX_FENCE } from '../../src/invariants/sandbox-fence';

const EVERYWHERE = { IpProtocol: '-1', CidrIp: '0.0.0.0/0' };
const NEARBY = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '10.0.0.0/8' };

/** A sandbox without a fault, known by its variable, and its security group, known by the server. */
function sandbox(): Template {
  return {
    Parameters: PARAMETERS,
    Resources: {
      Group: { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: 'Sandboxes', SecurityGroupEgress: [NEARBY] } },
      Sandbox: {
        Type: 'AWS::ECS::TaskDefinition',
        Properties: {
          NetworkMode: 'awsvpc',
          ContainerDefinitions: [{
            Name: 'sandbox',
            Image: 'acme/sandbox:1',
            User: '1000:1000',
            ReadonlyRootFilesystem: true,
            Environment: [{ Name: 'SANDBOX_MAX_LIFETIME_SECONDS', Value: '3600' }],
            LinuxParameters: { Capabilities: { Drop: ['ALL'] } },
          }],
        },
      },
      Server: {
        Type: 'AWS::ECS::TaskDefinition',
        Properties: {
          ContainerDefinitions: [{
            Name: 'server',
            Image: 'acme/flue-agents:1',
            Environment: [
              { Name: 'SANDBOX_TASK_DEFINITION', Value: { Ref: 'Sandbox' } },
              { Name: 'SANDBOX_SECURITY_GROUPS', Value: { 'Fn::GetAtt': ['Group', 'GroupId'] } },
              { Name: 'SANDBOX_MAX_LIFETIME_SECONDS', Value: '3600' },
            ],
          }],
        },
      },
    },
  };
}

const task = (change: (properties: any, container: any) => void) =>
  changed(sandbox(), ({ Sandbox: { Properties } }) => change(Properties, Properties.ContainerDefinitions[0]));
const privileges = (change: (capabilities: any) => void) => task((_, container) => change(container.LinuxParameters.Capabilities));

test.each<[what: string, template: Template, expected: unknown]>([
  ['nothing wrong', sandbox(), 'compliant'],
  ['a role', task(properties => { properties.TaskRoleArn = PARAMETER; }), [expect.stringContaining('[TaskRole] the sandbox has a role')]],
  ['an execution role', task(properties => { properties.ExecutionRoleArn = PARAMETER; }), 'compliant'],
  ['the network of its instance', task(properties => { properties.NetworkMode = 'host'; }), [expect.stringContaining('(NetworkMode is host)')]],
  ['the default network', task(properties => { delete properties.NetworkMode; }), [expect.stringContaining('(NetworkMode is left out)')]],
  ['no network', task(properties => { properties.NetworkMode = 'none'; }), 'compliant'],
  ['a network known at deployment', task(properties => { properties.NetworkMode = PARAMETER; }), 'compliant'],
  ['a secret', task((_, container) => { container.Secrets = [{ Name: 'A', ValueFrom: 'arn' }]; }), [expect.stringContaining('[Secrets] container sandbox of the sandbox has secrets')]],
  ['an empty list of secrets', task((_, container) => { container.Secrets = []; }), 'compliant'],
  ['a file of variables', task((_, container) => { container.EnvironmentFiles = [{ Type: 's3', Value: 'arn' }]; }), [expect.stringContaining('has files of variables')]],
  ['a writable root', task((_, container) => { container.ReadonlyRootFilesystem = 'false'; }), [expect.stringContaining('(ReadonlyRootFilesystem is false)')]],
  ['a root that is read-only by a string', task((_, container) => { container.ReadonlyRootFilesystem = 'true'; }), 'compliant'],
  ['the user of its image', task((_, container) => { delete container.User; }), [expect.stringContaining('which may be root')]],
  ['user 0', task((_, container) => { container.User = 0; }), [expect.stringContaining('[User] container sandbox runs as root (User is 0)')]],
  ['root in a group', task((_, container) => { container.User = 'root:1000'; }), [expect.stringContaining('(User is root:1000)')]],
  ['a user whose name begins like root', task((_, container) => { container.User = 'rootless'; }), 'compliant'],
  ['a user known at deployment', task((_, container) => { container.User = PARAMETER; }), 'compliant'],
  ['all rights', task((_, container) => { container.Privileged = true; }), [expect.stringContaining('is privileged')]],
  ['some rights dropped', privileges(capabilities => { capabilities.Drop = ['NET_RAW']; }), [expect.stringContaining('keeps capabilities')]],
  ['some of the dropped ones known at deployment', privileges(capabilities => { capabilities.Drop = [PARAMETER]; }), 'compliant'],
  ['a right added', privileges(capabilities => { capabilities.Add = ['SYS_ADMIN']; }), [expect.stringContaining('adds capabilities')]],
  ['a second container that is root', task(({ ContainerDefinitions }) => ContainerDefinitions.push({ ...ContainerDefinitions[0], Name: 'helper', User: 'root' })),
    [expect.stringContaining('container helper runs as root')]],
])('a sandbox with %s', (_, template, expected) => {
  expect(judge(SANDBOX_FENCE, template, 'Sandbox')).toEqual(expected);
});

test('the server that starts sandboxes has their variable, and is none', () => {
  expect(judge(SANDBOX_FENCE, sandbox(), 'Server')).toBe('not applicable');
});

test('a task that a server runs as sandbox is one, whatever its variables', () => {
  const template = task((properties, container) => {
    properties.TaskRoleArn = PARAMETER;
    delete container.Environment;
  });
  expect(judge(SANDBOX_FENCE, template, 'Sandbox')).toEqual([expect.stringContaining('[TaskRole]')]);
});

test('a task that is none is not judged', () => {
  const template = changed(sandbox(), ({ Sandbox, Server }) => {
    Sandbox.Properties.ContainerDefinitions[0].Environment = [{ Name: 'LIFETIME', Value: '3600' }];
    Server.Properties.ContainerDefinitions[0].Environment = [];
  });
  expect(judge(SANDBOX_FENCE, template, 'Sandbox')).toBe('out of scope');
  expect(judge(SANDBOX_FENCE, template, 'Group')).toBe('out of scope');
});

const group = (properties: object, beside: Record<string, any> = {}) => changed(sandbox(), resources => {
  Object.assign(resources.Group.Properties, properties);
  Object.assign(resources, beside);
});
const out = (rule: object) => ({ Out: { Type: 'AWS::EC2::SecurityGroupEgress', Properties: { GroupId: { 'Fn::GetAtt': ['Group', 'GroupId'] }, ...rule } } });

test.each<[what: string, template: Template, expected: unknown]>([
  ['rules to what is near', group({}), 'compliant'],
  ['a half of the internet', group({ SecurityGroupEgress: [{ ...EVERYWHERE, CidrIp: '0.0.0.0/1' }] }), [expect.stringContaining('[Egress] the sandboxes may reach 0.0.0.0/1')]],
  ['no rule, which EC2 opens', group({ SecurityGroupEgress: undefined }), [expect.stringContaining('[Egress] the sandboxes may reach 0.0.0.0/0')]],
  ['an empty list, which EC2 opens', group({ SecurityGroupEgress: [] }), [expect.stringContaining('[Egress]')]],
  ['no rule but one that stands beside it', group({ SecurityGroupEgress: undefined }, out(NEARBY)), 'compliant'],
  ['a rule to everywhere', group({ SecurityGroupEgress: [NEARBY, EVERYWHERE] }), [expect.stringContaining('[Egress]')]],
  ['a rule to everywhere by IPv6', group({ SecurityGroupEgress: [{ IpProtocol: '-1', CidrIpv6: '::/0' }] }), [expect.stringContaining('reach ::/0')]],
  ['rules known at deployment', group({ SecurityGroupEgress: PARAMETER }), 'compliant'],
  ['a range known at deployment', group({ SecurityGroupEgress: [{ IpProtocol: '-1', CidrIp: PARAMETER }] }), 'compliant'],
  ['everybody let in', group({ SecurityGroupIngress: [{ ...EVERYWHERE, IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080 }] }), [expect.stringContaining('[Ingress] 0.0.0.0/0 may reach the sandboxes')]],
  ['the VPC let in', group({ SecurityGroupIngress: [NEARBY] }), 'compliant'],
])('a security group with %s', (_, template, expected) => {
  expect(judge(SANDBOX_FENCE, template, 'Group')).toEqual(expected);
});

test('a rule that stands beside its group', () => {
  expect(judge(SANDBOX_FENCE, group({}, out(EVERYWHERE)), 'Out')).toEqual([expect.stringContaining('[Egress]')]);
  expect(judge(SANDBOX_FENCE, group({}, out(NEARBY)), 'Out')).toBe('compliant');
  expect(judge(SANDBOX_FENCE, group({}, { Out: { Type: 'AWS::EC2::SecurityGroupEgress', Properties: { GroupId: 'sg-1', ...EVERYWHERE } } }), 'Out')).toBe('out of scope');
});

const address = (AssignPublicIp: unknown) => ({ AwsvpcConfiguration: { Subnets: ['subnet-1'], AssignPublicIp } });
const runner = (Type: string, properties: (network: unknown) => object) => (publicly: unknown, definition: unknown = { Ref: 'Sandbox' }) =>
  changed(sandbox(), resources => { resources.Runner = { Type, Properties: JSON.parse(JSON.stringify(properties(address(publicly))).replaceAll('"$"', JSON.stringify(definition))) }; });

test.each([
  ['a service', runner('AWS::ECS::Service', network => ({ TaskDefinition: '$', NetworkConfiguration: network }))],
  ['a rule', runner('AWS::Events::Rule', network => ({ State: 'ENABLED', ScheduleExpression: 'rate(1 day)', Targets: [{ Id: 'Run', Arn: 'cluster', RoleArn: 'role', EcsParameters: { TaskDefinitionArn: '$', NetworkConfiguration: { AwsVpcConfiguration: (network as any).AwsvpcConfiguration } } }] }))],
  ['a schedule', runner('AWS::Scheduler::Schedule', network => ({
    ScheduleExpression: 'rate(1 day)', FlexibleTimeWindow: { Mode: 'OFF' }, Target: { Arn: 'cluster', RoleArn: 'role', EcsParameters: { TaskDefinitionArn: '$', NetworkConfiguration: network } },
  }))],
  ['a pipe', runner('AWS::Pipes::Pipe', network => ({
    RoleArn: 'role', Source: 'queue', Target: 'cluster', TargetParameters: { EcsTaskParameters: { TaskDefinitionArn: '$', NetworkConfiguration: network } },
  }))],
  ['a state machine', runner('AWS::StepFunctions::StateMachine', network => ({
    RoleArn: 'role', DefinitionString: { 'Fn::Join': ['', ['{"Resource":"arn:aws:states:::ecs:runTask","Parameters":{"TaskDefinition":"', '$', `","NetworkConfiguration":${JSON.stringify(network)}}}`]] },
  }))],
])('%s gives a sandbox no public address', (_, run) => {
  expect(judge(SANDBOX_FENCE, run('ENABLED'), 'Runner')).toEqual(['[PublicAddress] it runs the sandbox with a public address']);
  expect(judge(SANDBOX_FENCE, run('DISABLED'), 'Runner')).toBe('compliant');
  expect(judge(SANDBOX_FENCE, run('ENABLED', { Ref: 'Server' }), 'Runner')).not.toContain('public address');
});
