import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack, Tags } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { CHANGES, STACKS, versionOf } from './versions';
import * as flue from '../../src';
import { billingOf } from '../../src/cli/price/billing';
import { buildFeatures } from '../deploy/stacks';
import { imageOf } from '../service/support';

/** What costs money and carries no tag of the app, and why; docs/operations.md says so under "Spend". */
const WITHOUT: Readonly<Record<string, string>> = {
  'AWS::ECS::ExpressGatewayService': 'a new tag would replace the service',
  'AWS::Scheduler::Schedule': 'AWS has tags for groups of schedules alone',
  'AWS::SecretsManager::RotationSchedule': 'AWS counts the calls of its function, which has the tags',
};
const tags = CHANGES.find(({ name }) => name === 'tags')!;

interface Resource {
  readonly Type: string;
  readonly Properties?: any;
}

function tagsOf({ Tags: listed, BackupVaultTags: own = listed ?? [] }: { Tags?: unknown; BackupVaultTags?: unknown }): Record<string, unknown> {
  return Array.isArray(own) ? Object.fromEntries(own.map(({ Key, Value }: any) => [Key, Value])) : own as Record<string, unknown>;
}
const isBilled = (type: string): boolean => ['priced', 'by use'].includes(billingOf(type));
const untagged = (resources: Array<[string, Resource]>): string[] => resources
  .filter(([, { Type, Properties }]) => isBilled(Type) && !(Type in WITHOUT) && tagsOf(Properties ?? {}).team !== 'agents')
  .map(([id, { Type }]) => `${id}: ${Type}`);

/** The resources of what the versions do not have. */
function further(): Array<[string, Resource]> {
  const app = new App({ analyticsReporting: false });
  const env = { account: '111122223333', region: 'us-east-1' };
  buildFeatures(app, flue);
  new flue.FlueExpiry(new Stack(app, 'Preview', { env }), 'Expiry', { at: new Date(Date.now() + 3600_000) });
  const stack = new Stack(app, 'Rest', { env });
  const { vpc } = new flue.FlueNetwork(stack, 'Network', { egress: flue.FlueEgress.natGateways() });
  const image = imageOf(stack, { caBundlePath: '/ca.pem' });
  const agents = new flue.FlueFargateService(stack, 'Agents', {
    vpc, image, model: flue.FlueModel.bedrock('eu.anthropic.claude-sonnet-4-6', { tags: { team: 'agents' } }),
  });
  new flue.FlueDashboard(stack, 'Dashboard', { services: [agents] });
  new flue.FlueBudget(stack, 'Budget', { monthlyLimit: 200, emails: ['team@example.com'], denyBedrockTo: [agents.taskDefinition.taskRole] });
  new flue.FlueSandboxes(stack, 'Tasks', { vpc, sandbox: flue.FlueSandbox.fargate({ allowedDomains: ['registry.npmjs.org'] }) });
  new flue.FlueShardedService(stack, 'Shards', {
    vpc,
    image,
    database: new flue.FlueDatabase(stack, 'State', { vpc }),
    shards: 2,
    shardKey: flue.FlueShardKey.sha256(),
    exposure: flue.FlueExposure.cloudFront(),
  });
  new EventBus(stack, 'Bus');
  new flue.FlueSandboxes(stack, 'Sessions', { vpc, sandbox: flue.FlueSandbox.codeInterpreter() });
  Tags.of(app).add('team', 'agents');
  return app.synth().stacks.flatMap(({ template }) => Object.entries<Resource>(template.Resources));
}

describe.each(Object.keys(STACKS))('%s', name => {
  const resources = Object.entries<any>(versionOf(name, tags).Resources);

  test('has the tags of the app on everything that costs money', () => {
    expect(resources.filter(([, { Type }]) => isBilled(Type)).length).toBeGreaterThan(3);
    expect(untagged(resources)).toEqual([]);
  });

  test('passes them on to what it starts', () => {
    for (const [, { Type, Properties }] of resources) {
      if (Type === 'AWS::ECS::Service') expect(Properties.PropagateTags).toBe('SERVICE');
      if (Type === 'AWS::AutoScaling::AutoScalingGroup') expect(Properties.Tags.every(({ PropagateAtLaunch }: any) => PropagateAtLaunch)).toBe(true);
    }
  });
});

describe('every type that costs money, in the snapshots of all constructs', () => {
  const root = join(__dirname, '../..');
  const snapshots = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.snap'));
  const types = snapshots.flatMap(file => [...readFileSync(join(root, 'test', file), 'utf8').matchAll(/"Type": "(AWS::[\w:]+)"/g)].map(([, type]) => type!));
  const resources = [...further(), ...Object.keys(STACKS).flatMap(name => Object.entries<Resource>(versionOf(name, tags).Resources))];

  test('is in a template here', () => {
    const here = new Set(resources.map(([, { Type }]) => Type));
    expect([...new Set(types)].filter(type => isBilled(type) && !here.has(type)).sort()).toEqual([]);
  });

  test('carries the tags of the app, or stands in the list of those that cannot', () => {
    expect(untagged(resources)).toEqual([]);
  });
});

test('without tags of the app, nothing has them', () => {
  const resources = Object.values<any>(versionOf(Object.keys(STACKS)[0]!).Resources);
  expect(resources.filter(({ Properties }) => Properties?.Tags && tagsOf(Properties).team === 'agents')).toEqual([]);
});
