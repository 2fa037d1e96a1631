import { App, Lazy, Stack, Stage } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import {
  FlueBudget, FlueBuild, FlueDashboard, FlueDatabase, FlueEc2Service, FlueExpressService, FlueFargateService, FlueImage, FlueNetwork,
  FlueShardedService,
} from '../../../src';
import { placed } from '../../../src/invariants/types/placed';

const stack = new Stack(new App(), 'Stack');
const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });
const repository = Repository.fromRepositoryName(stack, 'Repository', 'agents');
const image = FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:1');
const database = new FlueDatabase(stack, 'Database', { vpc });

type Make = (scope: never, id: never) => unknown;
const ENTRANCES: ReadonlyArray<[where: string, make: Make]> = [
  ['FlueFargateService', (scope, id) => new FlueFargateService(scope, id, { image })],
  ['FlueExpressService', (scope, id) => new FlueExpressService(scope, id, { image })],
  ['FlueEc2Service', (scope, id) => new FlueEc2Service(scope, id, { image })],
  ['FlueShardedService', (scope, id) => new FlueShardedService(scope, id, {} as never)],
  ['FlueDatabase', (scope, id) => new FlueDatabase(scope, id, { vpc })],
  ['FlueNetwork', (scope, id) => new FlueNetwork(scope, id)],
  ['FlueImage', (scope, id) => new FlueImage(scope, id, { directory: '.' })],
  ['FlueBuild', (scope, id) => new FlueBuild(scope, id, { directory: '.' })],
  ['FlueBudget', (scope, id) => new FlueBudget(scope, id, { monthlyLimit: 1, emails: ['team@example.com'] })],
  ['FlueDashboard', (scope, id) => new FlueDashboard(scope, id)],
  ['FlueImage.fromRegistry()', (scope, id) => FlueImage.fromRegistry(scope, id, 'ghcr.io/acme/agents:1')],
  ['FlueImage.fromEcrRepository()', (scope, id) => FlueImage.fromEcrRepository(scope, id, repository)],
  ['FlueDatabase.fromUrlSecret()', (scope, id) => FlueDatabase.fromUrlSecret(scope, id, { url: database.url })],
  ['FlueDatabase.fromAdministratorSecret()', (scope, id) => FlueDatabase.fromAdministratorSecret(scope, id, { administrator: database.secret, host: 'db', databaseName: 'agents', vpc } as never)],
];

describe.each(ENTRANCES)('%s', (where, make) => {
  test.each<[unknown, string]>([
    [undefined, 'nothing'], [null, 'null'], ['Stack', 'a string'], [{}, 'an object'], [new App(), 'an App'], [new Stage(new App(), 'Stage'), 'a Stage'], [new Construct(new App(), 'Mine'), 'a Construct'],
  ])('refuses the scope %#', (scope, got) => {
    expect(() => make(scope as never, 'Id' as never)).toThrow(`[${where}] \`scope\` must be a stack or a construct in one, got: ${got}. Pass \`this\``);
  });

  test.each<[unknown, string]>([
    [undefined, 'nothing'], [null, 'null'], [7, '7'], ['', 'an empty string'], [Lazy.string({ produce: () => 'x' }), 'a value known only at deployment'],
  ])('refuses the id %#', (id, got) => {
    expect(() => make(stack as never, id as never)).toThrow(`[${where}] \`id\` must be a text that is known at synthesis, got: ${got}`);
  });
});

test('takes a stack and what stands in one', () => {
  expect(placed('Any', stack, 'Id')).toBe(stack);
  const inner = new Construct(new Construct(stack, 'Outer'), 'Inner');
  expect(placed('Any', inner, 'Id')).toBe(inner);
});

test('a schema has an id too', () => {
  expect(() => database.addSchema('', { schemaName: 'agents' })).toThrow('[Stack/Database] `id` must be a text');
});
