import { Stack, Validations } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks, type NagPack } from 'cdk-nag';
import { EXAMPLES, exampleApp } from '../../scripts/examples';
import { monthlyFloor } from '../../scripts/monthly-floor';
import { FlueChecks } from '../../src';

const FURTHER = Object.keys(EXAMPLES).slice(1);
const apps = Object.fromEntries(FURTHER.map(name => [name, exampleApp(name)]));
const stacksOf = (name: string): Stack[] => apps[name]!.node.children.filter(Stack.isStack);

/** Rules of a pack that an app accepts, whatever it accepts them for. */
function acceptedRules(name: string, pack: string): string[] {
  const ids = apps[name]!.node.findAll().flatMap(({ node }) => node.metadata)
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY).flatMap(({ data }) => Object.keys(data as object));
  return [...new Set(ids.filter(id => id.startsWith(`${pack}-`)).map(id => id.split('[')[0]!))];
}

test.each(FURTHER)('FlueChecks and AwsSolutions find nothing in %s that is not acknowledged', name => {
  expect(new FlueChecks(apps[name]!).validateScope(apps[name]!).violations).toEqual([]);
  expect(new AwsSolutionsChecks(apps[name]!).validateScope(apps[name]!).violations).toEqual([]);
});

test.each(FURTHER)('no warning of ours is left in %s', name => {
  stacksOf(name).forEach(stack => Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('cdk-flue:')));
});

test.each<[string, new (scope: Stack['node']['root']) => NagPack]>([
  ['HIPAA.Security', HIPAASecurityChecks], ['NIST.800.53.R5', NIST80053R5Checks], ['PCI.DSS.321', PCIDSS321Checks],
])('production passes %s but for five rules at most, each with a reason', (pack, Pack) => {
  const app = apps.production!;
  expect(new Pack(app).validateScope(app).violations).toEqual([]);
  const accepted = acceptedRules('production', pack);
  expect(accepted.length).toBeGreaterThan(0);
  expect(accepted.length).toBeLessThanOrEqual(5);
});

test('production accepts three rules of AwsSolutions', () => {
  expect(acceptedRules('production', 'AwsSolutions').sort()).toEqual(['AwsSolutions-ECS2', 'AwsSolutions-IAM5', 'AwsSolutions-SMG4']);
});

test.each([['production', 167.5], ['low-cost', 11.7], ['bring-your-own', 18]])('%s has its price: %s USD a month', (name, usd) => {
  const floors = stacksOf(name).map(stack => monthlyFloor(Template.fromStack(stack).toJSON()));
  expect(floors.flatMap(({ unpriced }) => unpriced)).toEqual([]);
  expect(floors.reduce((sum, { total }) => sum + total, 0)).toBeCloseTo(usd, 0);
});

test('bring-your-own makes the server, and nothing that it is given', () => {
  const types = Object.values(Template.fromStack(stacksOf('bring-your-own')[0]!).toJSON().Resources).map(({ Type }: any) => Type as string);
  for (const given of ['EC2::VPC', 'ECS::Cluster', 'ElasticLoadBalancingV2::LoadBalancer', 'ElasticLoadBalancingV2::Listener', 'RDS::DBInstance', 'SecretsManager::Secret', 'ECR::Repository']) {
    expect(types).not.toContain(`AWS::${given}`);
  }
});
