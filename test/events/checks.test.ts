import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { FlueChecks, FlueDashboard, FlueEventTarget, FlueExposure, FlueFargateService, FlueWebhookVerifier, type FlueInbox, type FlueFargateServiceProps } from '../../src';
import { monthlyFloor } from '../../src/cli/price/monthly-floor';
import { PRICES } from '../../src/cli/price/prices';
import { imageOf } from '../service/support';

function violations(props: Partial<FlueFargateServiceProps>, withInbox: boolean): string[] {
  const app = new App();
  const stack = new Stack(app, 'Test', { env: { account: '111111111111', region: 'eu-central-1' } });
  const agents = new FlueFargateService(stack, 'Agents', { image: imageOf(stack), ...props });
  if (withInbox) {
    const inbox = agents.addInbox({ token: new Secret(stack, 'Token'), topic: new Topic(stack, 'Topic', { enforceSSL: true }) });
    inbox.addSchedule('Nightly', { schedule: ScheduleExpression.rate(Duration.days(1)), target: FlueEventTarget.agent('assistant', { message: 'Go.' }) });
    inbox.addEventPattern('Orders', { eventPattern: { source: ['acme.orders'] }, agentName: 'clerk' });
    inbox.addWebhook('/github', { agentName: 'triage', verify: FlueWebhookVerifier.github(new Secret(stack, 'GitHub')) });
  }
  return new FlueChecks().validateScope(app).violations.map(({ ruleName, violatingResources }) => `${ruleName} ${violatingResources[0].constructPath}`);
}

test.each([['public', FlueExposure.open()], ['internal', FlueExposure.internal()]])('FlueChecks finds nothing in the inbox of a server that is %s', (_, exposure) => {
  expect(violations({ exposure }, true)).toEqual(violations({ exposure }, false));
});

test('the dashboard shows what waits, and what will never go', () => {
  const stack = new Stack(new App(), 'Test');
  const agents = new FlueFargateService(stack, 'Agents', { image: imageOf(stack) });
  agents.addInbox();
  const { dashboard } = new FlueDashboard(stack, 'Dashboard', { services: [agents] });
  const body = JSON.stringify(stack.resolve((dashboard.node.defaultChild as unknown as { dashboardBody: string }).dashboardBody));
  expect(body).toContain('Dead letters');
  expect(body).toContain('Oldest event');
});

test('the price of an inbox is that of its alarms until there are events, and each of its resources has one', () => {
  const floorOf = (withInbox: boolean) => {
    const stack = new Stack(new App(), 'Test', { env: { account: '111111111111', region: 'us-east-1' } });
    const agents = new FlueFargateService(stack, 'Agents', { image: imageOf(stack) });
    const secret = Secret.fromSecretNameV2(stack, 'GitHub', 'github');
    if (withInbox) {
      agents.addSchedule('Nightly', { schedule: ScheduleExpression.rate(Duration.days(1)), target: FlueEventTarget.agent('assistant', { message: 'Go.' }) });
    }
    const [inbox] = withInbox ? [agents.node.findChild('Inbox') as FlueInbox] : [];
    inbox?.addWebhook('/github', { agentName: 'triage', verify: FlueWebhookVerifier.github(secret) });
    inbox?.addEventPattern('Orders', { eventPattern: { source: ['acme.orders'] }, agentName: 'clerk' });
    return monthlyFloor(Template.fromStack(stack).toJSON());
  };
  const [before, after] = [floorOf(false), floorOf(true)];
  expect(after.unpriced).toEqual(before.unpriced);
  expect(after.total - before.total).toBeCloseTo(3 * PRICES.alarmMonth, 6);
});
