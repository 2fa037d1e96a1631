import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AuroraPostgresEngineVersion, PostgresEngineVersion } from 'aws-cdk-lib/aws-rds';
import { AwsSolutionsChecks, type NagPack } from 'cdk-nag';
import { newDatabase, type DatabaseProps } from './helpers';
import { FlueChecks } from '../../src/checks/flue-checks';
import { FlueDatabaseEngine } from '../../src/database/flue-database-engine';

function findingsOf(pack: (app: App) => NagPack, props: DatabaseProps): string[] {
  const app = new App();
  newDatabase(props, new Stack(app, 'Stack'));
  return [...new Set(pack(app).validateScope(app).violations.map(violation => violation.ruleName))].sort();
}

const aurora = FlueDatabaseEngine.auroraServerless();

test.each<[string, DatabaseProps, string[]]>([
  // one zone, the default port, and no rotation: each a decision that the docs explain
  ['RDS', {}, ['AwsSolutions-RDS11', 'AwsSolutions-RDS3', 'AwsSolutions-SMG4']],
  ['RDS in two zones', { engine: FlueDatabaseEngine.postgres({ multiAz: true }), port: 6543 }, ['AwsSolutions-SMG4']],
  ['Aurora', { engine: aurora }, ['AwsSolutions-RDS6', 'AwsSolutions-SMG4']],
  // the rule does not know that a snapshot brings its encryption
  ['RDS from a snapshot', { snapshot: 'before-upgrade' }, ['AwsSolutions-RDS11', 'AwsSolutions-RDS2', 'AwsSolutions-RDS3', 'AwsSolutions-SMG4']],
  ['Aurora with IAM', { engine: aurora, iamAuthentication: true }, ['AwsSolutions-SMG4']],
])('AwsSolutions finds on %s', (_, props, expected) => {
  expect(findingsOf(app => new AwsSolutionsChecks(app), props)).toEqual(expected);
});

test.each<[string, DatabaseProps]>([
  ['RDS', {}],
  ['Aurora', { engine: aurora }],
  ['an old RDS', { engine: FlueDatabaseEngine.postgres({ version: PostgresEngineVersion.VER_14 }) }],
  ['an old Aurora', { engine: FlueDatabaseEngine.auroraServerless({ version: AuroraPostgresEngineVersion.VER_16_13, readers: 1 }) }],
  ['RDS from a snapshot', { snapshot: 'before-upgrade' }],
  ['Aurora from a snapshot', { engine: aurora, snapshot: 'before-upgrade' }],
  ['a database that stays', { removalPolicy: RemovalPolicy.RETAIN, backupRetention: Duration.days(1) }],
])('FlueChecks finds nothing on %s', (_, props) => {
  expect(findingsOf(app => new FlueChecks(app), props)).toEqual([]);
});

test('FlueChecks finds a database that is thrown away', () => {
  expect(findingsOf(app => new FlueChecks(app), { removalPolicy: RemovalPolicy.DESTROY })).toContainEqual(expect.stringContaining('Flue-PrivateDatabase'));
});
