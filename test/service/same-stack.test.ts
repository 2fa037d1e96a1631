import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Secret as EcsSecret } from 'aws-cdk-lib/aws-ecs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { imageOf } from './support';
import { FlueDatabase, FlueDatabaseEngine, FlueFargateService, type IFlueDatabase } from '../../src';

const WARNING = Match.stringLikeRegexp('in one stack with its database .+ROLLBACK_FAILED.+FlueService.databaseInSameStack');

test.each<[what: string, database: (own: Stack, vpc: Vpc, other: Stack) => IFlueDatabase, count: number]>([
  ['a database in the same stack', (own, vpc) => new FlueDatabase(own, 'Database', { vpc }), 1],
  ['Aurora in the same stack', (own, vpc) => new FlueDatabase(own, 'Database', { vpc, engine: FlueDatabaseEngine.auroraServerless() }), 1],
  ['one without deletion protection', (own, vpc) => new FlueDatabase(own, 'Database', { vpc, deletionProtection: false }), 0],
  ['one in another stack', (_, vpc, other) => new FlueDatabase(other, 'Database', { vpc }), 0],
  ['one that exists', (own, vpc) => FlueDatabase.fromUrlSecret(own, 'Database', { url: EcsSecret.fromSecretsManager(new Secret(own, 'Url')), vpc }), 0],
])('a server with %s', (_, databaseOf, count) => {
  const app = new App();
  const [network, other, own] = ['Network', 'Other', 'Own'].map(id => new Stack(app, id));
  const vpc = new Vpc(network, 'Vpc', { maxAzs: 2 });
  new FlueFargateService(own, 'Agents', { image: imageOf(own), database: databaseOf(own, vpc, other) });
  expect(Annotations.fromStack(own).findWarning('/Own/Agents', WARNING)).toHaveLength(count);
});
