import { readFileSync } from 'node:fs';
import { EXAMPLES } from '../../scripts/examples';
import { COST, EXAMPLE_PRICES, examplePrice } from '../../scripts/generate-cost';
import { sectionIn } from '../../scripts/sections';
import { admits, type Claims } from '../stages/trust';
import { synthesizeExamples } from '../support/examples';

const FURTHER = Object.keys(EXAMPLES).slice(1);
const examples = synthesizeExamples(...FURTHER);

/** Rules of a pack that an app accepts, whatever it accepts them for. */
function acceptedRules(name: string, pack: string): string[] {
  return [...new Set(examples[name]!.acknowledged.filter(id => id.startsWith(`${pack}-`)).map(id => id.split('[')[0]!))];
}

test.each(FURTHER)('FlueChecks and AwsSolutions find nothing in %s that is not acknowledged', name => {
  expect(examples[name]!.violations).toMatchObject({ Flue: [], AwsSolutions: [] });
});

test.each(FURTHER)('no warning of ours is left in %s', name => {
  const messages = examples[name]!.stacks.flatMap(stack => stack.messages).map(({ level, entry }) => `${level}: ${String(entry.data)}`);
  expect(messages.filter(message => message.includes('cdk-flue:'))).toEqual([]);
});

/** What a pack finds in every inbox with a webhook. */
const OF_INBOX: Record<string, string[]> = {
  'AwsSolutions': ['APIG1', 'APIG4', 'IAM4', 'L1', 'SQS3'],
  'HIPAA.Security': ['LambdaConcurrency', 'LambdaDLQ', 'LambdaInsideVPC'],
  'NIST.800.53.R5': ['LambdaConcurrency', 'LambdaDLQ', 'LambdaInsideVPC'],
  'PCI.DSS.321': ['LambdaInsideVPC'],
};
const ofInbox = (pack: string): string[] => OF_INBOX[pack]!.map(rule => `${pack}-${rule}`);

/** What a pack finds in every pool of sandboxes that makes its endpoints. */
const OF_POOL: Record<string, string[]> = {
  'AwsSolutions': ['EC23', 'ECS4', 'SF1'],
  'HIPAA.Security': ['EC2RestrictedCommonPorts', 'EC2RestrictedSSH'],
  'NIST.800.53.R5': ['EC2RestrictedCommonPorts', 'EC2RestrictedSSH'],
  'PCI.DSS.321': ['EC2RestrictedCommonPorts', 'EC2RestrictedSSH'],
};
const ofPool = (pack: string): string[] => OF_POOL[pack]!.map(rule => `${pack}-${rule}`);

test.each(['HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'])('production passes %s but for those of its inbox, of its sandboxes and five rules at most, each with a reason', pack => {
  expect(examples.production!.violations[pack]).toEqual([]);
  const accepted = acceptedRules('production', pack);
  const known = [...ofInbox(pack), ...ofPool(pack)];
  expect(accepted).toEqual(expect.arrayContaining(known));
  const others = accepted.filter(rule => !known.includes(rule));
  expect(others.length).toBeGreaterThan(0);
  expect(others.length).toBeLessThanOrEqual(5);
});

test('production accepts four rules of AwsSolutions beside those of its inbox and its sandboxes', () => {
  expect(acceptedRules('production', 'AwsSolutions').sort())
    .toEqual([...['ECS2', 'IAM5', 'SF2', 'SMG4'].map(rule => `AwsSolutions-${rule}`), ...ofInbox('AwsSolutions'), ...ofPool('AwsSolutions')].sort());
});

test('production rotates every secret but those that others have, too', () => {
  const resources = examples.production!.stacks.flatMap(({ template }) => Object.entries<any>(template.Resources));
  const ofType = (type: string) => resources.filter(([, { Type }]) => Type === `AWS::SecretsManager::${type}`);
  const rotated = ofType('RotationSchedule').map(([, { Properties }]) => Properties.SecretId.Ref as string);
  const attached = ofType('SecretTargetAttachment').filter(([id]) => rotated.includes(id)).map(([, { Properties }]) => Properties.SecretId.Ref as string);
  const left = ofType('Secret').map(([id]) => id).filter(id => ![...rotated, ...attached].includes(id));
  expect(rotated).toHaveLength(2);
  expect(left.map(id => id.slice(0, -8)).sort()).toEqual(['InboxToken', 'ProviderKey', 'SigningSecret']);
});

test.each(FURTHER)('docs/cost.md has the price of %s; otherwise run `npx projen generate:cost`', name => {
  expect(sectionIn(readFileSync(COST, 'utf8'), EXAMPLE_PRICES).split('\n')).toContain(`| \`${name}\` | ${examplePrice(name, examples[name]!.stacks.map(({ template }) => template))} |`);
});

test('bring-your-own makes the server, and nothing that it is given', () => {
  const types = Object.values(examples['bring-your-own']!.stacks[0]!.template.Resources).map(({ Type }: any) => Type as string);
  for (const given of ['EC2::VPC', 'ECS::Cluster', 'ElasticLoadBalancingV2::LoadBalancer', 'ElasticLoadBalancingV2::Listener', 'RDS::DBInstance', 'SecretsManager::Secret', 'ECR::Repository']) {
    expect(types).not.toContain(`AWS::${given}`);
  }
});

test('a pull request may take a role of the examples that compares, and one of the bootstrap of previews', () => {
  const ci = examples.ci!.stacks[0]!.template.Resources as Record<string, { readonly Type: string; readonly Properties: any }>;
  const takes = (id: string): string[] => Object.values(ci).filter(({ Type, Properties }) => Type === 'AWS::IAM::Policy' && Properties.Roles[0].Ref === id)
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement.flatMap(({ Resource }: any) => [Resource].flat()).map((arn: unknown) => /cdk-\w+-[a-z-]+-role/.exec(JSON.stringify(arn))![0]));
  const taken = (claims: Claims): string[] => Object.entries(ci).filter(([, { Type, Properties }]) => Type === 'AWS::IAM::Role' && admits(Properties.AssumeRolePolicyDocument.Statement, claims))
    .flatMap(([id]) => takes(id)).sort();
  const token = (origin: string, ref: string): Claims => ({ aud: 'sts.amazonaws.com', sub: `repo:acme/agents:${origin}`, ref });
  const deployment = (qualifier: string): string[] => ['deploy', 'file-publishing', 'image-publishing', 'lookup'].map(purpose => `cdk-${qualifier}-${purpose}-role`);
  expect(taken(token('pull_request', 'refs/pull/7/merge'))).toEqual(['cdk-hnb659fds-lookup-role', ...deployment('preview')]);
  expect(taken(token('environment:production', 'refs/pull/7/merge'))).toEqual([]);
  expect(taken(token('ref:refs/heads/feature', 'refs/heads/feature'))).toEqual([]);
  expect(taken(token('environment:production', 'refs/heads/main'))).toEqual(deployment('hnb659fds'));
  expect(taken(token('ref:refs/heads/main', 'refs/heads/main'))).toEqual(deployment('preview'));
});

function resourcesOf(name: string, type: string): any[] {
  return examples[name]!.stacks.flatMap(({ template }) => Object.values(template.Resources))
    .filter(({ Type }: any) => Type === `AWS::${type}`).map(({ Properties }: any) => Properties);
}

describe('production', () => {
  const ofType = (type: string): any[] => resourcesOf('production', type);

  test('its work comes at three each night in Berlin, and by one signed route', () => {
    const nightly = ofType('Scheduler::Schedule').filter(({ Target }) => Target.SqsParameters !== undefined);
    expect(nightly).toMatchObject([{ ScheduleExpression: 'cron(0 3 * * ? *)', ScheduleExpressionTimezone: 'Europe/Berlin', State: 'ENABLED' }]);
    expect(ofType('ApiGatewayV2::Route').map(({ RouteKey }) => RouteKey)).toEqual(['POST /hooks/github']);
  });

  test('its inbox comes from the addresses of its own NAT gateways, which the load balancer admits beside the offices', () => {
    const [list] = ofType('EC2::PrefixList');
    const addresses = ofType('EC2::NatGateway').map(({ AllocationId }) => AllocationId['Fn::GetAtt'][0] as string);
    expect(addresses).toHaveLength(2);
    expect(list.Entries.map(({ Cidr }: any) => Cidr['Fn::Join'][1][0]['Fn::GetAtt'][0])).toEqual(addresses);
    const admitted = ofType('EC2::SecurityGroupIngress').filter(({ FromPort, SourcePrefixListId }) => FromPort === 443 && SourcePrefixListId !== undefined);
    expect(admitted).toMatchObject([{ SourcePrefixListId: { 'Fn::ImportValue': expect.stringContaining('WaysOut') }, GroupId: { 'Fn::GetAtt': [expect.stringContaining('LoadBalancerSecurityGroup'), 'GroupId'] } }]);
    const ranges = ofType('EC2::SecurityGroup').flatMap(({ SecurityGroupIngress }) => SecurityGroupIngress ?? []).filter(({ FromPort }: any) => FromPort === 443);
    const known = ranges.filter(({ CidrIp }: any) => !JSON.stringify(CidrIp).includes('NetworkVpc'));
    expect(known.map(({ CidrIp }: any) => CidrIp)).toEqual(['203.0.113.0/24', '198.51.100.0/24']);
    const [delivery] = ofType('Lambda::Function').filter(({ Handler }) => Handler === 'deliver.handler');
    expect(delivery.VpcConfig.SubnetIds).toHaveLength(2);
  });

  test('beside the health check only the path of the inbox passes the sign-in, with a token that the server knows', () => {
    const open = ofType('ElasticLoadBalancingV2::ListenerRule').filter(({ Actions }) => Actions.every(({ Type }: any) => Type === 'forward'));
    expect(open.flatMap(({ Conditions }) => Conditions.flatMap(({ PathPatternConfig }: any) => PathPatternConfig.Values))).toEqual(['/health', '/inbox/*']);
    const [delivery] = ofType('Lambda::Function').filter(({ Handler }) => Handler === 'deliver.handler');
    expect(delivery.Environment.Variables).toMatchObject({ PATH_PREFIX: '/inbox', CREDENTIAL_ARN: { Ref: expect.stringContaining('InboxToken') } });
    const secrets = ofType('ECS::TaskDefinition').flatMap(({ ContainerDefinitions }) => ContainerDefinitions).flatMap(({ Secrets }) => Secrets);
    expect(secrets).toContainEqual({ Name: 'INBOX_TOKEN', ValueFrom: delivery.Environment.Variables.CREDENTIAL_ARN });
  });

  test.each([['functions', 'Inbox', 2], ['sandboxes, of their reaper and of a lookup for them', 'Sandboxes', 3]])('a key of its own encrypts the logs of its %s, for a year', (_, part, count) => {
    const groups = examples.production!.stacks.flatMap(({ template }) => Object.entries<any>(template.Resources)).filter(([id, { Type }]) => Type === 'AWS::Logs::LogGroup' && id.includes(part));
    expect(groups).toHaveLength(count);
    expect(groups.map(([, { Properties }]) => Properties.KmsKeyId)).not.toContain(undefined);
    expect(new Set(groups.map(([, { Properties }]) => Properties.RetentionInDays))).toEqual(new Set([365]));
  });

  test('its server starts sandboxes, which have no role and are in subnets of their own', () => {
    const [sandbox, server] = ['sandbox', 'Main'].map(name => ofType('ECS::TaskDefinition').find(({ ContainerDefinitions }) => ContainerDefinitions.some(({ Name }: any) => Name === name)));
    const variables = Object.fromEntries(server.ContainerDefinitions.find(({ Name }: any) => Name === 'Main').Environment.map(({ Name, Value }: any) => [Name, Value]));
    expect(sandbox.TaskRoleArn).toBeUndefined();
    expect(variables).toMatchObject({ SANDBOX_KIND: 'fargate', SANDBOX_TASK_DEFINITION: { Ref: expect.stringContaining('SandboxesTaskDefinition') } });
    const placed = JSON.stringify(variables.SANDBOX_SUBNETS);
    expect(placed.match(/NetworkVpcIsolated/g)).toHaveLength(2);
    expect(placed).not.toMatch(/Private|Public/);
  });

  test('its network answers no name but those that something in it looks up', () => {
    const lists = Object.fromEntries(ofType('Route53Resolver::FirewallDomainList').map(({ Name, Domains }) => [/\w+$/.exec(Name)![0], Domains]));
    expect(lists.all).toEqual(['*']);
    expect(lists.allowed.slice(4)).toEqual([
      'api.anthropic.com', { 'Fn::ImportValue': expect.stringMatching(/Database.*EndpointAddress/) }, 'agents.example.com',
      'flue-agents-111122223333.auth.us-east-1.amazoncognito.com',
      'ecs.us-east-1.amazonaws.com', 'secretsmanager.us-east-1.amazonaws.com', 'sqs.us-east-1.amazonaws.com',
    ]);
    expect(ofType('Route53Resolver::FirewallRuleGroup').map(({ FirewallRules }) => FirewallRules.map(({ Action }: any) => Action))).toEqual([['ALLOW', 'BLOCK']]);
    const [{ VpcId }] = ofType('Route53Resolver::FirewallRuleGroupAssociation');
    expect(VpcId).toEqual({ 'Fn::ImportValue': expect.stringContaining('NetworkVpc') });
  });

  test('its operators see its sandboxes, end them, and hear of too many', () => {
    const outputs = Object.keys(Object.assign({}, ...examples.production!.stacks.map(({ template }) => template.Outputs)));
    expect(outputs.filter(name => /Sandboxes/.test(name)).sort()).toEqual([expect.stringContaining('EndSandboxes'), expect.stringContaining('ListSandboxes')]);
    const [alarm] = ofType('CloudWatch::Alarm').filter(({ MetricName }) => MetricName === 'RunningSandboxes');
    expect(alarm).toMatchObject({ Threshold: 10, AlarmActions: [{ Ref: expect.stringContaining('Operators') }], OKActions: [{ Ref: expect.stringContaining('Operators') }] });
    expect(JSON.stringify(ofType('CloudWatch::Dashboard'))).toContain('RunningSandboxes');
  });
});

describe('events', () => {
  const ofType = (type: string): any[] => resourcesOf('events', type);
  const groupOf = (value: any): string => value['Fn::GetAtt']?.[0] ?? '';

  test('it accepts ten rules of AwsSolutions, five of them for its inbox', () => {
    expect(acceptedRules('events', 'AwsSolutions').sort())
      .toEqual([...ofInbox('AwsSolutions'), ...['ECS2', 'ELB2', 'IAM5', 'RDS3', 'SMG4'].map(rule => `AwsSolutions-${rule}`)].sort());
  });

  test('its load balancer has no public address, and admits the inbox alone', () => {
    expect(ofType('ElasticLoadBalancingV2::LoadBalancer').map(({ Scheme }) => Scheme)).toEqual(['internal']);
    const admitted = ofType('EC2::SecurityGroupIngress').filter(({ GroupId }) => groupOf(GroupId).startsWith('AgentsLoadBalancer'));
    expect(admitted.map(({ SourceSecurityGroupId }) => groupOf(SourceSecurityGroupId))).toEqual([expect.stringContaining('InboxDelivery')]);
    expect(ofType('EC2::SecurityGroup').flatMap(({ SecurityGroupIngress }) => SecurityGroupIngress ?? [])).toEqual([]);
  });

  test('its work comes at three each night in Berlin, and by one signed route', () => {
    expect(ofType('Scheduler::Schedule')).toMatchObject([{ ScheduleExpression: 'cron(0 3 * * ? *)', ScheduleExpressionTimezone: 'Europe/Berlin', State: 'ENABLED' }]);
    expect(ofType('ApiGatewayV2::Route').map(({ RouteKey }) => RouteKey)).toEqual(['POST /hooks/github']);
    const [signed] = ofType('Lambda::Function').filter(({ Environment }) => Environment?.Variables.NAME === '/hooks/github');
    expect(signed.Environment.Variables).toMatchObject({ WEBHOOK: expect.stringContaining('"scheme":"github"'), CREDENTIAL_ARN: { Ref: expect.stringContaining('SigningSecret') } });
  });
});
