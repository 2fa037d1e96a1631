import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack, aws_ec2 as ec2 } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { FlueDatabase, FlueEc2Service, FlueFargateService, FlueImage, FlueSandbox, FlueSandboxEgress, FlueSandboxes } from '../../../src';
import { main } from '../../../src/cli/main';
import { billingOf } from '../../../src/cli/price/billing';
import { monthlyFloor } from '../../../src/cli/price/monthly-floor';
import { PRICES } from '../../../src/cli/price/prices';
import { captureOutput } from '../capture-output';
import { assemblyWith, directoryWith } from '../rehearse/support';

const output = captureOutput();

test('every type of the snapshots is billed in a way that is known', () => {
  const root = join(__dirname, '../..');
  const snapshots = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.snap'));
  const types = snapshots.flatMap(file => [...readFileSync(join(root, file), 'utf8').matchAll(/"Type": "((?:AWS|Custom)::[\w:]+)"/g)].map(([, type]) => type));
  expect(new Set(types).size).toBeGreaterThan(50);
  // a web ACL is the user's own
  expect([...new Set(types)].filter(type => billingOf(type) === 'unknown' && !type.startsWith('AWS::WAFv2::'))).toEqual([]);
});

test.each([
  ['AWS::ECS::Service', 'priced'], ['AWS::EC2::VPC', 'free'], ['AWS::EC2::VPCEndpoint', 'priced'], ['AWS::Logs::LogGroup', 'by use'],
  ['AWS::Logs::QueryDefinition', 'free'], ['AWS::EC2::Instance', 'unknown'], ['AWS::ElastiCache::CacheCluster', 'unknown'], ['AWS::RDS::DBProxy', 'unknown'],
  ['AWS::EC2::TransitGateway', 'unknown'], ['AWS::EC2::RouteServer', 'unknown'], ['AWS::EC2::VPCEncryptionControl', 'unknown'],
  ['AWS::ElasticLoadBalancingV2::TrustStore', 'unknown'], ['AWS::CloudWatch::CompositeAlarm', 'unknown'], ['AWS::EC2::RouteTable', 'free'], ['AWS::EC2::VPNConnection', 'unknown'],
])('%s is %s', (type, billing) => {
  expect(billingOf(type)).toBe(billing);
});

test('stacks cost what docs/cost.md says of their templates', async () => {
  const app = new App();
  const [service, box] = ['Service', 'Box'].map(id => new Stack(app, id));
  const vpc = new ec2.Vpc(service, 'Vpc', { maxAzs: 2, natGateways: 1 });
  const image = FlueImage.fromRegistry(service, 'Image', 'registry.example.com/flue/agents:1');
  new FlueFargateService(service, 'Agents', { image, vpc, database: new FlueDatabase(service, 'Database', { vpc }) });
  new FlueEc2Service(box, 'Agents', { image: FlueImage.fromRegistry(box, 'Image', 'registry.example.com/flue/agents:1') });
  const { directory, stacks } = app.synth();
  expect(await main(['price', directory, '--json'])).toBe(0);
  const priced = JSON.parse(output.stdout) as { region: string; total: number; stacks: Array<{ stack: string; total: number; unknown: string[] }> };
  expect(priced.total).toBeGreaterThan(100);
  const floors = stacks.map(({ template }) => monthlyFloor(template).total);
  expect(priced).toMatchObject({ region: PRICES.region, total: expect.closeTo(floors.reduce((sum, floor) => sum + floor, 0), 6) });
  expect(priced.stacks.map(({ total }) => total).sort()).toEqual(floors.sort());
  expect(priced.stacks.flatMap(({ unknown }) => unknown)).toEqual([]);
  rmSync(directory, { recursive: true });
});

test('names what pools of sandboxes cost while nobody uses them, and what is billed by use', async () => {
  const app = new App();
  const [tasks, sessions, mirrored] = ['Tasks', 'Sessions', 'Mirrored'].map(id => new Stack(app, id));
  const vpc = new ec2.Vpc(tasks, 'Vpc', { maxAzs: 2, natGateways: 0 });
  new FlueSandboxes(tasks, 'Sandboxes', { vpc });
  new FlueSandboxes(sessions, 'Sandboxes', { vpc, sandbox: FlueSandbox.codeInterpreter() });
  const service = new ec2.InterfaceVpcEndpointService('com.amazonaws.vpce.us-east-1.vpce-svc-11111111');
  new FlueSandboxes(mirrored, 'Sandboxes', { vpc, sandbox: FlueSandbox.fargate({ egress: FlueSandboxEgress.vpcEndpoints({ services: { mirror: service } }) }) });
  const { directory } = app.synth();
  expect(await main(['price', directory, '--json'])).toBe(0);
  const { stacks } = JSON.parse(output.stdout) as {
    stacks: Array<{ stack: string; total: number; costs: unknown[]; unknown: string[]; billedByUse: string[] }>;
  };
  const of = (name: string) => stacks.find(({ stack }) => stack.startsWith(name))!;
  const endpoints = 3 * 2 * PRICES.interfaceEndpointZoneHour * PRICES.hoursPerMonth;
  expect(of('Tasks')).toMatchObject({ total: expect.closeTo(endpoints + PRICES.alarmMonth, 6), unknown: [] });
  expect(of('Tasks').billedByUse).toContain('1 × AWS::StepFunctions::StateMachine');
  // the endpoints that start a sandbox are those of the first pool
  expect(of('Mirrored')).toMatchObject({ total: expect.closeTo(endpoints / 3 + PRICES.alarmMonth, 6), unknown: [] });
  expect(of('Sessions')).toMatchObject({ total: 0, costs: [], unknown: [], billedByUse: ['1 × AWS::BedrockAgentCore::CodeInterpreterCustom'] });
  rmSync(directory, { recursive: true });
});

test('names what has no known price, and what only the deployment knows', async () => {
  const template = {
    Resources: {
      Cache: { Type: 'AWS::ElastiCache::CacheCluster' },
      Disk: { Type: 'AWS::EC2::Volume', Properties: { Size: { Ref: 'Gigabytes' } } },
      Key: { Type: 'AWS::KMS::Key' },
      Logs: { Type: 'AWS::Logs::LogGroup' },
    },
  };
  expect(await main(['price', assemblyWith({ Stack: { template } })])).toBe(0);
  expect(output.stdout.split('\n').slice(1)).toEqual([
    '', 'Stack',
    '      1.00  1 × encryption key',
    '         ?  Data volume, ? GB: its price is not known here',
    '         ?  1 × AWS::ElastiCache::CacheCluster: its price is not known here',
    '      1.00  Stack, without what is not known',
    '            billed by use: 1 × AWS::Logs::LogGroup',
    '', '      1.00  all stacks', '',
  ]);
});

test('says of a stack of another region that its prices are not those of the region', async () => {
  const app = new App();
  for (const region of ['eu-west-1', PRICES.region]) {
    new Key(new Stack(app, region, { env: { account: '111122223333', region } }), 'Key');
  }
  new Key(new Stack(app, 'anywhere'), 'Key');
  const { directory } = app.synth();
  expect(await main(['price', directory])).toBe(0);
  expect(output.stdout.split('\n').filter(line => line.includes('at the prices'))).toEqual(['            at the prices of us-east-1, although it is for eu-west-1']);
  expect(output.stdout).toContain('      1.00  eu-west-1\n            at the prices of us-east-1');
  expect(await main(['price', directory, '--json'])).toBe(0);
  const document = output.stdout.slice(output.stdout.indexOf('{'));
  expect(JSON.parse(document).stacks.map(({ stack, deployedTo }: { stack: string; deployedTo?: string }) => [stack, deployedTo]).sort())
    .toEqual([['anywhere', undefined], ['eu-west-1', 'eu-west-1'], ['us-east-1', undefined]]);
  rmSync(directory, { recursive: true });
});

test.each<[string[], string]>([
  [['--region', 'eu-west-1'], 'The prices of "eu-west-1" are not known: there are those of us-east-1.'],
  [['a', 'b'], 'Pass one directory, got: ["a","b"].'],
  [['--nonsense'], 'Unknown option \'--nonsense\'.'],
])('%j', async (args, message) => {
  expect(await main(['price', ...args])).toBe(2);
  expect(output.stderr).toBe(`${message}\nRun \`cdk-flue price --help\` for the options.\n`);
});

test('an assembly without stacks', async () => {
  expect(await main(['price', directoryWith({ 'manifest.json': { artifacts: {} } })])).toBe(2);
  expect(output.stderr).toMatch(/^The assembly in .* has no stack\.\n/);
});

test.each(['{"Resources":{"A":null,"B":5,"C":{"Type":7},"D":["x"]}}', '{"Resources":[1,null]}', '{"Resources":null}', 'null'])('a template of %s costs nothing', async template => {
  const directory = directoryWith({
    'manifest.json': JSON.stringify({ version: '36.0.0', artifacts: { S: { type: 'aws:cloudformation:stack', environment: 'aws://1/eu', properties: { templateFile: 'S.json' } } } }),
    'S.json': template,
  });
  expect(await main(['price', directory, '--json'])).toBe(0);
  expect(JSON.parse(output.stdout)).toMatchObject({ total: 0 });
});
