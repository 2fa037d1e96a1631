import { App, Lazy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { FlueFargateService, FlueWebhookVerifier, type FlueWebhookOptions } from '../../src';
import { imageOf, refusalOf } from '../service/support';
import { expectTemplateSnapshot } from '../support/snapshot';

function inboxIn() {
  const stack = new Stack(new App(), 'Test', { env: { account: '111111111111', region: 'eu-central-1' } });
  return { stack, inbox: new FlueFargateService(stack, 'Agents', { image: imageOf(stack) }).addInbox() };
}

const refused = (path: string, options: Partial<FlueWebhookOptions> = {}) => refusalOf(() => inboxIn().inbox.addWebhook(path, { agentName: 'triage', ...options }));

test('a webhook is a POST route of one HTTP API, whose function may send to the queue and read its secret', () => {
  const { stack, inbox } = inboxIn();
  const url = inbox.addWebhook('/github', { agentName: 'triage', verify: FlueWebhookVerifier.github(new Secret(stack, 'GitHub')) });
  inbox.addWebhook('/stripe', { agentName: 'billing', verify: FlueWebhookVerifier.stripe(new Secret(stack, 'Stripe')) });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::ApiGatewayV2::Api', 1);
  template.hasResourceProperties('AWS::ApiGatewayV2::Route', { RouteKey: 'POST /github', AuthorizationType: 'NONE' });
  expect(JSON.stringify(stack.resolve(url))).toMatch(/ApiEndpoint.*\/github/);
  const policies = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) => /GithubReceiver/.test(id));
  const actions = policies.flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement).flatMap(({ Action }: { Action: string[] }) => Action);
  expect(actions.sort()).toEqual(['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage']);
  Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('no verifier'));
});

test('the function knows the secret by its ARN alone', () => {
  const { stack, inbox } = inboxIn();
  inbox.addWebhook('/slack', { agentName: 'triage', verify: FlueWebhookVerifier.slack(new Secret(stack, 'Slack')), conversationField: 'event.channel' });
  Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
    Handler: 'receive.handler',
    Environment: { Variables: { CREDENTIAL_ARN: { Ref: Match.stringLikeRegexp('^Slack') }, WEBHOOK: '{"agentName":"triage","conversationField":"event.channel","verify":{"scheme":"slack"}}' } },
  });
});

test('a webhook without a verifier is a warning', () => {
  const { stack, inbox } = inboxIn();
  inbox.addWebhook('/open', { agentName: 'triage' });
  Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('Anyone on the internet can send events to /open'));
});

test.each<[string, Partial<FlueWebhookOptions>, RegExp]>([
  ['github', {}, /`path` must be .*, got: github\./],
  ['/', {}, /`path` must be /],
  ['/a b', {}, /`path` must be /],
  ['/{proxy+}', {}, /`path` must be /],
  [Lazy.string({ produce: () => '/a' }), {}, /`path` must be known at synthesis/],
  ['/a', { agentName: 'a/b' }, /`agentName` must be .*, got: a\/b\./],
  ['/a', { conversationId: 'a b' }, /`conversationId` must be /],
  ['/a', { conversationField: 'a b' }, /`conversationField` must be /],
  ['/a', { conversationId: 'a', conversationField: 'b' }, /`conversationField` must be left out with `conversationId`, got: both\./],
])('%s with %j is refused', (path, options, message) => {
  expect(refused(path, options)).toMatch(message);
});

test('a second webhook at one path is refused', () => {
  const { inbox } = inboxIn();
  inbox.addWebhook('/a', { agentName: 'triage' });
  expect(refusalOf(() => inbox.addWebhook('/a', { agentName: 'triage' }))).toMatch(/must be called once for each path, got: \/a again/);
});

test('maximal webhooks', () => {
  const { stack, inbox } = inboxIn();
  inbox.addWebhook('/hooks/fixed', {
    agentName: 'triage',
    conversationId: 'hooks',
    verify: FlueWebhookVerifier.hmac({
      secret: new Secret(stack, 'Key'), header: 'X-Signature', prefix: 'sha256=', timestampHeader: 'X-Timestamp', idField: 'event.id',
    }),
  });
  inbox.addWebhook('/hooks/named', { agentName: 'triage', conversationField: 'event.channel', verify: FlueWebhookVerifier.slack(new Secret(stack, 'Slack')) });
  expectTemplateSnapshot(Template.fromStack(stack));
});
