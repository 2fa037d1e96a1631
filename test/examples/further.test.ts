import { EXAMPLES } from '../../scripts/examples';
import { monthlyFloor } from '../../src/cli/price/monthly-floor';
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

test.each(['HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'])('production passes %s but for five rules at most, each with a reason', pack => {
  expect(examples.production!.violations[pack]).toEqual([]);
  const accepted = acceptedRules('production', pack);
  expect(accepted.length).toBeGreaterThan(0);
  expect(accepted.length).toBeLessThanOrEqual(5);
});

test('production accepts four rules of AwsSolutions', () => {
  expect(acceptedRules('production', 'AwsSolutions').sort()).toEqual(['AwsSolutions-ECS2', 'AwsSolutions-IAM5', 'AwsSolutions-SF2', 'AwsSolutions-SMG4']);
});

test('production rotates every secret but the key of its provider', () => {
  const resources = examples.production!.stacks.flatMap(({ template }) => Object.entries<any>(template.Resources));
  const ofType = (type: string) => resources.filter(([, { Type }]) => Type === `AWS::SecretsManager::${type}`);
  const rotated = ofType('RotationSchedule').map(([, { Properties }]) => Properties.SecretId.Ref as string);
  const attached = ofType('SecretTargetAttachment').filter(([id]) => rotated.includes(id)).map(([, { Properties }]) => Properties.SecretId.Ref as string);
  const left = ofType('Secret').map(([id]) => id).filter(id => ![...rotated, ...attached].includes(id));
  expect(rotated).toHaveLength(2);
  expect(left).toEqual([expect.stringMatching(/^ProviderKey/)]);
});

test.each([['production', 167.5], ['low-cost', 11.7], ['bring-your-own', 18], ['events', 87.2], ['ci', 0]])('%s has its price: %s USD a month', (name, usd) => {
  const floors = examples[name]!.stacks.map(({ template }) => monthlyFloor(template));
  expect(floors.flatMap(({ unpriced }) => unpriced)).toEqual([]);
  expect(floors.reduce((sum, { total }) => sum + total, 0)).toBeCloseTo(usd, 0);
});

test('bring-your-own makes the server, and nothing that it is given', () => {
  const types = Object.values(examples['bring-your-own']!.stacks[0]!.template.Resources).map(({ Type }: any) => Type as string);
  for (const given of ['EC2::VPC', 'ECS::Cluster', 'ElasticLoadBalancingV2::LoadBalancer', 'ElasticLoadBalancingV2::Listener', 'RDS::DBInstance', 'SecretsManager::Secret', 'ECR::Repository']) {
    expect(types).not.toContain(`AWS::${given}`);
  }
});

describe('events', () => {
  const ofType = (type: string): any[] => Object.values(examples.events!.stacks.find(({ id }) => id === 'FlueEvents')!.template.Resources)
    .filter(({ Type }: any) => Type === `AWS::${type}`).map(({ Properties }: any) => Properties);
  const groupOf = (value: any): string => value['Fn::GetAtt']?.[0] ?? '';

  test('it accepts ten rules of AwsSolutions, five of them for its inbox', () => {
    const ofInbox = ['APIG1', 'APIG4', 'IAM4', 'L1', 'SQS3'];
    expect(acceptedRules('events', 'AwsSolutions').sort()).toEqual([...ofInbox, 'ECS2', 'ELB2', 'IAM5', 'RDS3', 'SMG4'].map(rule => `AwsSolutions-${rule}`).sort());
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
