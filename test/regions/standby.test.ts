import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as flue from '../../src';
import { billingOf } from '../../src/cli/price/billing';
import { monthlyFloor } from '../../src/cli/price/monthly-floor';
import { buildRegions, snippetsOf } from '../deploy/regions';

/** The stacks of docs/regions.md, from its own snippets; `npm run verify:deploy` runs its commands. */
const SNAPSHOT = 'arn:aws:rds:eu-west-1:111122223333:snapshot:awsbackup:copyjob-1';

const promotedWith = (snapshot: string) => ({ 'server-eu-west-1': 'on', 'snapshot-eu-west-1': snapshot });

function stackOf(name: string, context: Record<string, string> = {}) {
  const app = new App({ context: { 'server-eu-central-1': 'on', 'serving': 'eu-central-1', ...context } });
  buildRegions(app, '111122223333', flue);
  const stack = app.node.findChild(name) as Stack;
  return { stack, template: Template.fromStack(stack) };
}

test('the page has the stack of a region, the record, and the records that a health check moves', () => {
  expect(snippetsOf(readFileSync(join(__dirname, '../../docs/regions.md'), 'utf8'))).toHaveLength(3);
});

test('waiting, it costs nothing beyond what is stored outside of it', () => {
  const json = stackOf('Agents-eu-west-1').template.toJSON();
  expect(monthlyFloor(json)).toEqual({ costs: [], total: 0, unpriced: [] });
  expect(Object.values<any>(json.Resources).filter(({ Type }) => billingOf(Type) === 'unknown')).toEqual([]);
});

test('promoted, it has a server on the state of the snapshot, and keeps what stood there', () => {
  const before = stackOf('Agents-eu-west-1').template.toJSON().Resources;
  const { stack, template } = stackOf('Agents-eu-west-1', promotedWith(SNAPSHOT));
  template.hasResourceProperties('AWS::RDS::DBInstance', { DBSnapshotIdentifier: SNAPSHOT, DeletionProtection: true });
  template.resourceCountIs('AWS::ECS::Service', 1);
  expect(template.toJSON().Resources).toMatchObject(before);
  expect(monthlyFloor(template.toJSON()).total).toBeGreaterThan(50);
  expect(new flue.FlueChecks(stack).validateScope(stack).violations.map(({ ruleName }) => ruleName)).toEqual([]);
});

test('a snapshot of the other region is refused before anything is deployed', () => {
  expect(() => stackOf('Agents-eu-west-1', promotedWith(SNAPSHOT.replace('eu-west-1', 'eu-central-1'))))
    .toThrow('`snapshot` must be in the region of the stack, eu-west-1, got: one in eu-central-1');
});

test.each([['eu-central-1', 'eu-west-1'], ['eu-west-1', 'eu-central-1']])('the plan of %s copies to the vault of %s', (region, other) => {
  stackOf(`Agents-${region}`, { [`server-${region}`]: 'on' }).template.hasResourceProperties('AWS::Backup::BackupPlan', {
    BackupPlan: {
      BackupPlanRule: Match.arrayWith([Match.objectLike({
        ScheduleExpression: 'cron(0 */6 * * ? *)',
        TargetBackupVault: 'agents',
        CopyActions: [{ DestinationBackupVaultArn: `arn:aws:backup:${other}:111122223333:backup-vault:agents`, Lifecycle: { DeleteAfterDays: 7 } }],
      })]),
    },
  });
});

test('the record follows what an operator says, and a health check tells, but moves nothing', () => {
  const { template } = stackOf('Route', { serving: 'eu-west-1' });
  template.hasResourceProperties('AWS::Route53::RecordSet', {
    ResourceRecords: ['eu-west-1.agents.example.com'], TTL: '60', HealthCheckId: Match.absent(), Failover: Match.absent(),
  });
  template.hasResourceProperties('AWS::Route53::HealthCheck', { HealthCheckConfig: Match.objectLike({ Type: 'HTTPS', ResourcePath: '/health' }) });
});

test('the health check that moves them asks the second server, and says the opposite', () => {
  const { template } = stackOf('Route', { routing: 'health' });
  template.hasResourceProperties('AWS::Route53::HealthCheck', {
    HealthCheckConfig: Match.objectLike({ FullyQualifiedDomainName: 'eu-west-1.agents.example.com', Inverted: true }),
  });
  template.hasResourceProperties('AWS::Route53::RecordSet', { Failover: 'PRIMARY', ResourceRecords: ['eu-central-1.agents.example.com'], HealthCheckId: Match.anyValue() });
  template.hasResourceProperties('AWS::Route53::RecordSet', { Failover: 'SECONDARY', ResourceRecords: ['eu-west-1.agents.example.com'], HealthCheckId: Match.absent() });
});
