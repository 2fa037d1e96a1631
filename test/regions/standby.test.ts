import { App, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as backup from 'aws-cdk-lib/aws-backup';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { FlueBackups, FlueChecks, FlueDatabase, FlueFargateService, FlueNetwork } from '../../src';
import { billingOf } from '../../src/cli/price/billing';
import { monthlyFloor } from '../../src/cli/price/monthly-floor';
import { imageOf } from '../service/support';

/** The stack of docs/regions.md: a network that costs nothing, and with a snapshot the database and the server. */
class Standby extends Stack {
  public constructor(app: App, id: string, { snapshot, ...props }: StackProps & { readonly snapshot?: string }) {
    super(app, id, props);
    const { vpc } = new FlueNetwork(this, 'Network');
    if (snapshot !== undefined) {
      const database = new FlueDatabase(this, 'Database', { vpc, snapshot });
      new FlueFargateService(this, 'Agents', { image: imageOf(this, { caBundlePath: '/ca.pem' }), vpc, database });
    }
  }
}

const SNAPSHOT = 'arn:aws:rds:eu-west-1:111111111111:snapshot:agents-standby';

function templateOf(snapshot?: string) {
  const stack = new Standby(new App(), 'Standby', { env: { account: '111111111111', region: 'eu-west-1' }, snapshot });
  return { stack, template: Template.fromStack(stack) };
}

test('waiting, it costs nothing beyond what is stored outside of it', () => {
  const json = templateOf().template.toJSON();
  expect(monthlyFloor(json)).toEqual({ costs: [], total: 0, unpriced: [] });
  expect(Object.values<any>(json.Resources).filter(({ Type }) => billingOf(Type) === 'unknown')).toEqual([]);
});

test('promoted, it has a server on the state of the snapshot, and keeps what stood there', () => {
  const before = templateOf().template.toJSON().Resources;
  const { stack, template } = templateOf(SNAPSHOT);
  template.hasResourceProperties('AWS::RDS::DBInstance', { DBSnapshotIdentifier: SNAPSHOT, DeletionProtection: true });
  template.resourceCountIs('AWS::ECS::Service', 1);
  expect(template.toJSON().Resources).toMatchObject(before);
  expect(monthlyFloor(template.toJSON()).total).toBeGreaterThan(50);
  expect(new FlueChecks(stack).validateScope(stack).violations.map(({ ruleName }) => ruleName)).toEqual([]);
});

test('the plan of the first region copies its snapshots to a vault of the second one', () => {
  const stack = new Stack(new App(), 'Data', { env: { account: '111111111111', region: 'eu-central-1' } });
  const database = new FlueDatabase(stack, 'Database', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0 }) });
  const vault = 'arn:aws:backup:eu-west-1:111122223333:backup-vault:agents';
  new FlueBackups(stack, 'Backups', { databases: [database] }).plan.addRule(new backup.BackupPlanRule({
    scheduleExpression: events.Schedule.cron({ hour: '*/6', minute: '0' }),
    deleteAfter: Duration.days(7),
    copyActions: [{ destinationBackupVault: backup.BackupVault.fromBackupVaultArn(stack, 'Elsewhere', vault), deleteAfter: Duration.days(7) }],
  }));
  Template.fromStack(stack).hasResourceProperties('AWS::Backup::BackupPlan', {
    BackupPlan: {
      BackupPlanRule: Match.arrayWith([Match.objectLike({
        ScheduleExpression: 'cron(0 */6 * * ? *)', CopyActions: [{ DestinationBackupVaultArn: vault, Lifecycle: { DeleteAfterDays: 7 } }],
      })]),
    },
  });
});

test('the record follows what an operator says, and a health check tells, but moves nothing', () => {
  const stack = new Stack(new App({ context: { host: 'second-lb.eu-west-1.elb.amazonaws.com' } }), 'Route');
  const zone = route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.com' });
  const host: string = stack.node.getContext('host');
  new route53.CnameRecord(stack, 'Record', { zone, recordName: 'agents', domainName: host, ttl: Duration.minutes(1) });
  new route53.HealthCheck(stack, 'Health', {
    type: route53.HealthCheckType.HTTPS, fqdn: 'agents.example.com', resourcePath: '/health', requestInterval: Duration.seconds(30), failureThreshold: 3,
  });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Route53::RecordSet', { ResourceRecords: [host], TTL: '60', HealthCheckId: Match.absent(), Failover: Match.absent() });
  template.hasResourceProperties('AWS::Route53::HealthCheck', { HealthCheckConfig: Match.objectLike({ Type: 'HTTPS', ResourcePath: '/health' }) });
});
