import { App, Duration, Stack, TimeZone } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Peer, SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ScheduleExpression, TimeWindow } from 'aws-cdk-lib/aws-scheduler';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import {
  FlueAuth, FlueDatabase, FlueEc2Service, FlueEventTarget, FlueExposure, FlueExpressService, FlueFargateService,
  FlueJwtClaim, FlueShardedService, FlueWebhookVerifier,
  type FlueFargateServiceProps, type FlueInboxOptions, type FlueService,
} from '../../src';
import { imageOf, refusalOf } from '../service/support';
import { expectTemplateSnapshot } from '../support/snapshot';

const stackOf = () => new Stack(new App(), 'Test', { env: { account: '111111111111', region: 'eu-central-1' } });

function agentsIn(stack: Stack, props: Partial<FlueFargateServiceProps> = {}): FlueFargateService {
  return new FlueFargateService(stack, 'Agents', { ...props, image: props.image ?? imageOf(stack) });
}

function inboxOf(options?: FlueInboxOptions, props?: Partial<FlueFargateServiceProps>) {
  const stack = stackOf();
  const agents = agentsIn(stack, props);
  const inbox = agents.addInbox(options);
  return { stack, agents, inbox, template: () => Template.fromStack(stack) };
}

const ON_FLUE_2 = (stack: Stack) => ({ image: Object.assign(imageOf(stack), { flueMajor: 2 }) });
const functionOf = (template: Template) => Object.values(template.findResources('AWS::Lambda::Function', { Properties: { Handler: 'deliver.handler' } }))[0].Properties;
const queuesOf = (template: Template) => Object.entries(template.findResources('AWS::SQS::Queue'));

describe('the queues of an inbox', () => {
  test('are FIFO but for the undelivered, encrypted, TLS only, and keep events for 14 days', () => {
    const template = inboxOf().template();
    const queues = queuesOf(template);
    expect(queues).toHaveLength(3);
    expect(queues.filter(([, { Properties }]) => Properties.FifoQueue === undefined).map(([id]) => id)).toEqual([expect.stringMatching(/^AgentsInboxUndelivered/)]);
    for (const [, { Properties }] of queues) {
      expect(Properties).toMatchObject({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 14 * 86400 });
    }
    template.resourcePropertiesCountIs('AWS::SQS::QueuePolicy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })]) },
    }, 3);
  });

  test('do not count deployments as failures', () => {
    const [queue] = queuesOf(inboxOf().template()).filter(([, { Properties }]) => Properties.RedrivePolicy);
    expect(queue[1].Properties.RedrivePolicy.maxReceiveCount).toBe(1000);
  });

  test.each([[Duration.minutes(10), 600], [Duration.minutes(14), 840], [Duration.seconds(30), 30]])(
    'hide an event for longer than the function works on it: %s', (longestRun, seconds) => {
      const template = inboxOf({}, { longestRun }).template();
      const { Timeout, Environment: { Variables } } = functionOf(template);
      const [[, queue]] = queuesOf(template).filter(([, { Properties }]) => Properties.RedrivePolicy);
      expect(Variables.REQUEST_SECONDS).toBe(`${seconds}`);
      expect(Timeout).toBeGreaterThan(seconds);
      expect(Timeout).toBeLessThanOrEqual(900);
      expect(queue.Properties.VisibilityTimeout).toBeGreaterThan(Timeout);
    });
});

describe('the function of an inbox', () => {
  test('gets one event at a time, and says itself which failed', () => {
    inboxOf({ maxConcurrency: 25 }).template().hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 1, FunctionResponseTypes: ['ReportBatchItemFailures'], ScalingConfig: { MaximumConcurrency: 25 },
    });
  });

  test('may read its queue, write its dead letters and read its token, and nothing else', () => {
    const { stack, template } = inboxOf({ token: undefined });
    expect(stack).toBeDefined();
    const policies = (of: Template) => Object.entries(of.findResources('AWS::IAM::Policy')).filter(([id]) => id.includes('Inbox')).flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
    const statements = policies(template());
    expect(statements.flatMap(({ Action }: { Action: string[] }) => Action).filter((action: string) => !action.startsWith('sqs:'))).toEqual([]);
    expect(JSON.stringify(statements)).not.toContain('"*"');
    const other = stackOf();
    agentsIn(other).addInbox({ token: new Secret(other, 'Token') });
    expect(policies(Template.fromStack(other)).flatMap(({ Action }: { Action: string[] }) => Action)).toContain('secretsmanager:GetSecretValue');
  });

  test('knows the token by its ARN alone', () => {
    const stack = stackOf();
    agentsIn(stack).addInbox({ token: new Secret(stack, 'Token'), tokenField: 'api' });
    const { Environment: { Variables } } = functionOf(Template.fromStack(stack));
    expect(Variables.CREDENTIAL_ARN).toEqual({ Ref: expect.stringMatching(/^Token/) });
    expect(Variables.CREDENTIAL_FIELD).toBe('api');
  });

  test('sends again what may have begun only on Flue 2', () => {
    const two = stackOf();
    agentsIn(two, ON_FLUE_2(two)).addInbox();
    expect(functionOf(Template.fromStack(two)).Environment.Variables).toMatchObject({ REPEATS: 'true', FLUE_MAJOR: '2', REQUEST_SECONDS: '60' });
    expect(functionOf(inboxOf().template()).Environment.Variables).toMatchObject({ REPEATS: 'false', FLUE_MAJOR: '0' });
    expect(functionOf(inboxOf({ repeatInterrupted: true }).template()).Environment.Variables.REPEATS).toBe('true');
  });

  test('is on the internet for a public server', () => {
    expect(functionOf(inboxOf().template()).VpcConfig).toBeUndefined();
    expect(functionOf(inboxOf({}, { exposure: FlueExposure.cloudFront() }).template()).VpcConfig).toBeUndefined();
  });

  test('is in the VPC of an internal server, and its load balancer admits it', () => {
    const { template, stack } = inboxOf({}, { exposure: FlueExposure.internal() });
    expect(functionOf(template()).VpcConfig.SubnetIds).toHaveLength(2);
    template().hasResourceProperties('AWS::EC2::SecurityGroupIngress', { Description: 'inbox of the Flue server', FromPort: 80, ToPort: 80 });
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('needs VPC endpoints'));
  });

  test('needs no warning in private subnets with a way out', () => {
    const stack = stackOf();
    const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2 });
    agentsIn(stack, { vpc, exposure: FlueExposure.internal() }).addInbox();
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('needs VPC endpoints'));
    expect(JSON.stringify(functionOf(Template.fromStack(stack)).VpcConfig)).toContain('PrivateSubnet');
  });
});

const VARIANTS: [string, (stack: Stack) => FlueService][] = [
  ['Fargate', stack => agentsIn(stack)],
  ['Express', stack => new FlueExpressService(stack, 'Agents', { image: imageOf(stack) })],
  ['EC2', stack => new FlueEc2Service(stack, 'Agents', { image: imageOf(stack), domainName: 'agents.example.com' })],
];

describe.each(VARIANTS)('an inbox on %s', (_, serve) => {
  test('posts to the URL of the service', () => {
    const stack = stackOf();
    const service = serve(stack);
    service.addSchedule('Nightly', { schedule: ScheduleExpression.rate(Duration.hours(1)), target: FlueEventTarget.agent('assistant', { message: 'Go.' }) });
    expect(functionOf(Template.fromStack(stack)).Environment.Variables.SERVER_URL).toEqual(stack.resolve(service.url));
  });

  test('has a redrive command', () => {
    const stack = stackOf();
    const service = serve(stack);
    service.addInbox();
    expect(service.addOperatorCommands().redriveEvents).toMatch(/^aws sqs start-message-move-task --region eu-central-1 --source-arn /);
  });
});

const INTERNAL: [string, (stack: Stack, vpc: Vpc) => FlueService | FlueShardedService][] = [
  ['Fargate', (stack, vpc) => new FlueFargateService(stack, 'Agents', { image: imageOf(stack), vpc, exposure: FlueExposure.internal() })],
  ['Express', (stack, vpc) => new FlueExpressService(stack, 'Agents', { image: imageOf(stack), vpc, vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS } })],
  ['shards', (stack, vpc) => new FlueShardedService(stack, 'Agents', { image: imageOf(stack), vpc, exposure: FlueExposure.internal(), database: new FlueDatabase(stack, 'Database', { vpc }), shards: 2 })],
];

describe.each(INTERNAL)('an inbox of an internal server on %s', (platform, serve) => {
  test('delivers from the private subnets of its VPC, and webhooks and rules need none', () => {
    const stack = stackOf();
    const service = serve(stack, new Vpc(stack, 'Vpc', { maxAzs: 2 }));
    const inbox = service.addInbox();
    inbox.addWebhook('/github', { agentName: 'triage', verify: FlueWebhookVerifier.github(new Secret(stack, 'GitHub')) });
    inbox.addEventPattern('Orders', { eventPattern: { source: ['acme.orders'] }, agentName: 'clerk' });
    const template = Template.fromStack(stack);
    const { VpcConfig, Environment: { Variables } } = functionOf(template);
    expect(JSON.stringify(VpcConfig.SubnetIds)).toMatch(/VpcPrivateSubnet1.*VpcPrivateSubnet2/);
    expect(Variables.SERVER_URL).toEqual(stack.resolve(service.url));
    const receivers = Object.values(template.findResources('AWS::Lambda::Function')).filter(({ Properties }) => /^receive\./.test(Properties.Handler));
    expect(receivers.map(({ Properties }) => Properties.VpcConfig)).toEqual([undefined, undefined]);
    const admitted = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress')).filter(({ Properties }) => Properties.Description === 'inbox of the Flue server');
    // ECS manages the security group of the load balancer of Express
    expect(admitted).toHaveLength(platform === 'Express' ? 0 : 1);
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('needs VPC endpoints'));
  });
});

test.each(['public', 'internal'])('the inbox of shards that are %s has one door: the load balancer finds the shard of a conversation', exposure => {
  const stack = stackOf();
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2 });
  const fleet = new FlueShardedService(stack, 'Agents', {
    image: imageOf(stack), vpc, database: new FlueDatabase(stack, 'Database', { vpc }), shards: 4, exposure: exposure === 'public' ? FlueExposure.open() : FlueExposure.internal(),
  });
  const inbox = fleet.addInbox();
  const template = Template.fromStack(stack);
  expect(Object.values(template.findResources('AWS::Lambda::Function', { Properties: { Handler: 'deliver.handler' } }))).toHaveLength(1);
  expect(functionOf(template).VpcConfig === undefined).toBe(exposure === 'public');
  expect(fleet.addOperatorCommands()[0].redriveEvents).toContain('start-message-move-task');
  expect(stack.resolve(inbox.queue.queueArn)).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/Queue/), 'Arn'] });
});

describe('what an inbox refuses', () => {
  const jwt = (publicPaths?: string[]) => FlueAuth.jwt({ issuer: 'https://id.example.com', jwksEndpoint: 'https://id.example.com/keys', claims: [FlueJwtClaim.singleString('aud', 'a')], publicPaths });

  test.each<[string, FlueInboxOptions, RegExp]>([
    ['too few at once', { maxConcurrency: 1 }, /`maxConcurrency` must be a whole number from 2 to 1000, got: 1\./],
    ['too many at once', { maxConcurrency: 1001 }, /`maxConcurrency` must be .*, got: 1001\./],
    ['too short a time', { retryFor: Duration.seconds(59) }, /`retryFor` must be 60–259200 whole seconds, got: 59 s\./],
    ['too long a time', { retryFor: Duration.seconds(259201) }, /`retryFor` must be .*, got: 259201 s\./],
    ['a field without a secret', { tokenField: 'api' }, /`token` must be given with `tokenField`, got: none\./],
    ['a prefix that ends in a slash', { pathPrefix: '/inbox/' }, /`pathPrefix` must be .*, got: \/inbox\/\./],
    ['a prefix without a slash', { pathPrefix: 'inbox' }, /`pathPrefix` must be .*, got: inbox\./],
    ['subnets without a VPC', { vpcSubnets: { subnetType: SubnetType.PUBLIC } }, /`vpc` must be given with `vpcSubnets`, got: none\./],
    ['an empty list of groups', { securityGroups: [] }, /`securityGroups` must be a list of 1–5 security groups, got: 0\./],
  ])('%s', (_, options, message) => {
    const stack = stackOf();
    const agents = agentsIn(stack);
    const before = agents.node.findAll().length;
    expect(refusalOf(() => agents.addInbox(options))).toMatch(message);
    expect(agents.node.findAll()).toHaveLength(before);
  });

  test.each([[2, 2], [1000, 1000]])('nothing at the edge of `maxConcurrency`: %d', (maxConcurrency, expected) => {
    inboxOf({ maxConcurrency }).template().hasResourceProperties('AWS::Lambda::EventSourceMapping', { ScalingConfig: { MaximumConcurrency: expected } });
  });

  test.each([[60], [259200]])('nothing at the edge of `retryFor`: %d s', seconds => {
    expect(functionOf(inboxOf({ retryFor: Duration.seconds(seconds) }).template()).Environment.Variables.RETRY_SECONDS).toBe(`${seconds}`);
  });

  test('a run that a function cannot wait for, unless Flue 2 answers at once', () => {
    const stack = stackOf();
    expect(refusalOf(() => agentsIn(stack, { longestRun: Duration.seconds(841) }).addInbox())).toMatch(/`longestRun` must be at most 840 s with an inbox, got: 841 s\./);
    const other = stackOf();
    expect(refusalOf(() => agentsIn(other, { longestRun: Duration.seconds(841), ...ON_FLUE_2(other) }).addInbox())).toBe('');
  });

  test('an authentication that turns it away', () => {
    const secured = (publicPaths: string[] | undefined, options: (stack: Stack) => FlueInboxOptions) => {
      const stack = stackOf();
      return refusalOf(() => agentsIn(stack, { certificate: new Certificate(stack, 'Certificate', { domainName: 'agents.example.com' }), auth: jwt(publicPaths) }).addInbox(options(stack)));
    };
    expect(secured(undefined, () => ({}))).toMatch(/`publicPaths` of `auth` must let the inbox pass, got: none for \/agents\/…\./);
    expect(secured(['/hooks/*'], stack => ({ pathPrefix: '/inbox', token: new Secret(stack, 'Token') }))).toMatch(/must let the inbox pass, got: none for \/inbox\/agents\/…\./);
    expect(secured(['/inbox/*'], () => ({ pathPrefix: '/inbox' }))).toMatch(/`token` must be given with `auth`, got: none\./);
    expect(secured(['/inbox/*'], stack => ({ pathPrefix: '/inbox', token: new Secret(stack, 'Token') }))).toBe('');
  });

  test('an exposure that does not admit it', () => {
    const exposure = FlueExposure.toPeers(Peer.ipv4('198.51.100.0/24'));
    expect(refusalOf(() => inboxOf({}, { exposure }))).toMatch(/`exposure` must admit the inbox, got: FlueExposure.toPeers\(…\)\./);
    const stack = stackOf();
    expect(refusalOf(() => agentsIn(stack, { exposure }).addInbox({ vpc: new Vpc(stack, 'Out') }))).toBe('');
    const box = stackOf();
    expect(refusalOf(() => new FlueEc2Service(box, 'Box', { image: imageOf(box) }).addInbox())).toMatch(/`exposure` must admit the inbox/);
  });

  test('groups without a VPC', () => {
    const stack = stackOf();
    const group = SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-11111111');
    expect(refusalOf(() => agentsIn(stack).addInbox({ securityGroups: [group] }))).toMatch(/`vpc` must be given with `securityGroups`, got: none\./);
  });

  test('a further shard, while all shards have one inbox', () => {
    const stack = stackOf();
    const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0 });
    const fleet = new FlueShardedService(stack, 'Agents', { image: imageOf(stack), database: new FlueDatabase(stack, 'Database', { vpc }), shards: 2 });
    expect(refusalOf(() => fleet.services[1].addInbox())).toMatch(/`addInbox\(\)` must be called on the sharded service/);
    fleet.addInbox();
    fleet.addSchedule('Nightly', { schedule: ScheduleExpression.rate(Duration.hours(1)), target: FlueEventTarget.agent('assistant', { message: 'Go.' }) });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::SQS::Queue', 3);
    expect(functionOf(template).Environment.Variables.SERVER_URL).toEqual(stack.resolve(fleet.url));
  });

  test('a second one', () => {
    const { agents } = inboxOf();
    expect(refusalOf(() => agents.addInbox())).toMatch(/`addInbox\(\)` must be called once/);
  });
});

test('programs may put events into the queue', () => {
  const { stack, inbox, template } = inboxOf();
  inbox.grantSend(new Role(stack, 'Producer', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }));
  template().hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: { Statement: [Match.objectLike({ Action: ['sqs:SendMessage', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl'] })] },
    PolicyName: Match.stringLikeRegexp('Producer'),
  });
});

test('the alarms are for dead letters, for what waits, and for what never came', () => {
  const { stack, inbox, template } = inboxOf({});
  expect(inbox.alarms).toHaveLength(3);
  for (const queue of ['DeadLetters', 'Undelivered']) {
    template().hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateNumberOfMessagesVisible', Threshold: 1, Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [Match.stringLikeRegexp(`^AgentsInbox${queue}`), 'QueueName'] } }],
    });
  }
  template().hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'ApproximateAgeOfOldestMessage', Threshold: 3600 });
  Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('notify no one'));
});

test('metrics take how to look at them', () => {
  const { inbox } = inboxOf();
  expect(inbox.metricDeadLetters({ period: Duration.minutes(1) })).toMatchObject({ metricName: 'ApproximateNumberOfMessagesVisible', statistic: 'Maximum' });
  expect(inbox.metricUndelivered()).toMatchObject({ metricName: 'ApproximateNumberOfMessagesVisible', statistic: 'Maximum' });
  expect(inbox.metricOldestEventAge()).toMatchObject({ metricName: 'ApproximateAgeOfOldestMessage', statistic: 'Maximum' });
  expect(() => inbox.connections).toThrow(/VPC/);
});

test('a minimal inbox', () => {
  expectTemplateSnapshot(inboxOf().template());
});

test.each([[true, 3], [false, 0]])('with a key (%s) every function of an inbox writes an encrypted log, and the key admits CloudWatch Logs once', (given, encrypted) => {
  const stack = stackOf();
  const logEncryptionKey = given ? new Key(stack, 'Key') : undefined;
  const inbox = agentsIn(stack, { logEncryptionKey }).addInbox({ logEncryptionKey });
  inbox.addWebhook('/hooks/github', { agentName: 'triage', verify: FlueWebhookVerifier.github(new Secret(stack, 'GitHub')) });
  inbox.addEventPattern('Orders', { eventPattern: { source: ['acme.orders'] }, agentName: 'clerk' });
  const template = Template.fromStack(stack);
  const groups = Object.entries(template.findResources('AWS::Logs::LogGroup')).filter(([id]) => id.startsWith('AgentsInbox'));
  expect(groups).toHaveLength(3);
  expect(groups.filter(([, { Properties }]) => Properties.KmsKeyId !== undefined)).toHaveLength(encrypted);
  const statements = Object.values(template.findResources('AWS::KMS::Key')).flatMap(({ Properties }) => Properties.KeyPolicy.Statement as { Sid?: string; Principal: { Service?: string } }[]);
  expect(statements.filter(({ Principal }) => Principal.Service?.startsWith('logs.'))).toHaveLength(given ? 1 : 0);
});

test('a maximal inbox', () => {
  const stack = stackOf();
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2 });
  const agents = agentsIn(stack, { vpc, exposure: FlueExposure.internal() });
  const inbox = agents.addInbox({
    token: new Secret(stack, 'Token'),
    tokenField: 'api',
    pathPrefix: '/inbox',
    vpc,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
    securityGroups: [new SecurityGroup(stack, 'Group', { vpc })],
    maxConcurrency: 5,
    retryFor: Duration.hours(6),
    repeatInterrupted: true,
    topic: new Topic(stack, 'Topic', { enforceSSL: true }),
    logRetention: RetentionDays.THREE_MONTHS,
    logEncryptionKey: new Key(stack, 'LogKey', { enableKeyRotation: true }),
  });
  agents.addSchedule('Nightly', {
    schedule: ScheduleExpression.cron({ hour: '3', minute: '0', timeZone: TimeZone.EUROPE_BERLIN }),
    target: FlueEventTarget.agent('assistant', { message: 'Write the report of the day.', conversationId: 'nightly' }),
    description: 'The report of the day',
    enabled: false,
    start: new Date('2027-01-01T00:00:00Z'),
    end: new Date('2028-01-01T00:00:00Z'),
    timeWindow: TimeWindow.flexible(Duration.minutes(15)),
  });
  inbox.addSchedule('Check', {
    schedule: ScheduleExpression.rate(Duration.minutes(5)),
    target: FlueEventTarget.workflow('deployment-check', { input: { holdSeconds: 0 } }),
  });
  expectTemplateSnapshot(Template.fromStack(stack));
});
