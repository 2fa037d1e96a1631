import { App, NestedStack, RemovalPolicies, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { FlueChecks, FlueDatabase, FlueExpiry, FlueFargateService, FlueNetwork } from '../../src';
import { monthlyFloor } from '../../src/cli/price/monthly-floor';
import { imageOf, refusalOf } from '../service/support';
import { stopClock } from '../support/clock';
import { expectTemplateSnapshot } from '../support/snapshot';

const AT = new Date('2099-03-01T12:30:15Z');
const newStack = (terminationProtection = false) => new Stack(new App(), 'Preview', { env: { account: '111111111111', region: 'eu-west-1' }, terminationProtection });
const keeps = (stack: Stack) => Annotations.fromStack(stack).findWarning('/Preview/Expiry', Match.stringLikeRegexp('stay')).map(({ entry }) => String(entry.data));

test('maximal expiry', () => {
  const stack = newStack();
  const { node, schedule } = new FlueExpiry(stack, 'Expiry', { at: AT });
  expect(node.defaultChild).toBe(schedule);
  expect(new FlueChecks(stack.node.root).validateScope(stack.node.root).violations).toEqual([]);
  expectTemplateSnapshot(Template.fromStack(stack));
});

test('its schedule deletes the stack that it is in, once', () => {
  const stack = newStack();
  new FlueExpiry(stack, 'Expiry', { at: AT });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Scheduler::Schedule', {
    ScheduleExpression: 'at(2099-03-01T12:30:15)',
    ScheduleExpressionTimezone: 'Etc/UTC',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: {
      Arn: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':scheduler:::aws-sdk:cloudformation:deleteStack']] },
      Input: { 'Fn::Join': ['', ['{"StackName":"', { Ref: 'AWS::StackId' }, '"}']] },
    },
  });
});

test('its role may do that and nothing else, for Scheduler of this account', () => {
  const stack = newStack();
  new FlueExpiry(stack, 'Expiry', { at: AT });
  const template = Template.fromStack(stack);
  const policies = Object.values(template.findResources('AWS::IAM::Policy')).map(({ Properties }) => Properties.PolicyDocument.Statement);
  expect(policies).toEqual([[{ Effect: 'Allow', Action: 'cloudformation:DeleteStack', Resource: { Ref: 'AWS::StackId' } }]]);
  const roles = Object.values(template.findResources('AWS::IAM::Role')).map(({ Properties }) => Properties);
  expect(roles).toEqual([{
    Description: 'Deletes the stack that it is in',
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{
        Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'scheduler.amazonaws.com' }, Condition: { StringEquals: { 'aws:SourceAccount': '111111111111' } },
      }],
    },
  }]);
});

describe('a preview', () => {
  const preview = (database: { deletionProtection?: boolean }) => {
    const stack = newStack();
    const { vpc } = new FlueNetwork(stack, 'Network');
    new FlueFargateService(stack, 'Agents', { vpc, image: imageOf(stack), database: new FlueDatabase(stack, 'Database', { vpc, ...database }) });
    new FlueExpiry(stack, 'Expiry', { at: AT });
    return stack;
  };

  test('with the defaults of production cannot be deleted', () => {
    expect(() => Template.fromStack(preview({}))).toThrow(/must be one that CloudFormation can delete, got: deletion protection of Preview\/Database\/Instance\/Resource\. Turn it off/);
  });

  test('without protection keeps what has a policy', () => {
    const [warning] = keeps(preview({ deletionProtection: false }));
    expect(warning).toMatch(/^CloudFormation deletes the stack, and these stay: .*Database\/Instance/);
  });

  test('whose policies let go leaves nothing', () => {
    const stack = preview({ deletionProtection: false });
    RemovalPolicies.of(stack).destroy();
    expect(keeps(stack)).toEqual([]);
    const policies = Object.values<{ DeletionPolicy?: string }>(Template.fromStack(stack).toJSON().Resources).map(({ DeletionPolicy }) => DeletionPolicy ?? 'Delete');
    expect(new Set(policies)).toEqual(new Set(['Delete']));
  });
});

test('the preview of docs/previews.md costs about 2 USD a day, and leaves nothing', () => {
  const stack = newStack();
  const { vpc } = new FlueNetwork(stack, 'Network', { flowLogs: false });
  const state = new FlueDatabase(stack, 'State', { vpc, deletionProtection: false });
  new FlueFargateService(stack, 'Agents', { image: imageOf(stack), vpc, database: state, cpu: 256, memoryLimitMiB: 512 });
  RemovalPolicies.of(stack).destroy();
  new FlueExpiry(stack, 'Expiry', { at: AT });
  expect(keeps(stack)).toEqual([]);
  const { total, unpriced } = monthlyFloor(Template.fromStack(stack).toJSON());
  expect([Math.round(total / 30), unpriced]).toEqual([2, []]);
});

test('what is added, and what is let go, after the expiry counts too', () => {
  const stack = newStack();
  new FlueExpiry(stack, 'Expiry', { at: AT });
  new LogGroup(stack, 'Logs');
  expect(keeps(stack)[0]).toContain('these stay: Logs/Resource.');
});

describe('a schema of a database that exists', () => {
  const preview = (removalPolicy?: RemovalPolicy) => {
    const stack = newStack();
    const shared = FlueDatabase.fromAdministratorSecret(stack, 'Shared', { administrator: Secret.fromSecretNameV2(stack, 'Master', 'master'), host: 'db.example.com', databaseName: 'app' });
    shared.addSchema('Agents', { removalPolicy });
    new FlueExpiry(stack, 'Expiry', { at: AT });
    return stack;
  };

  test.each([undefined, RemovalPolicy.RETAIN])('stays with the policy %s', policy => {
    expect(keeps(preview(policy))[0]).toContain('these stay: Shared/Schemas/Agents. You may go on paying for them. Let go of them with');
  });

  test('goes with DESTROY', () => {
    expect(keeps(preview(RemovalPolicy.DESTROY))).toEqual([]);
  });

  test('of a new database goes with that', () => {
    const stack = newStack();
    new FlueDatabase(stack, 'State', { vpc: new Vpc(stack, 'Vpc'), deletionProtection: false, removalPolicy: RemovalPolicy.DESTROY }).addSchema('Agents');
    new FlueExpiry(stack, 'Expiry', { at: AT });
    expect(keeps(stack)).toEqual([]);
  });
});

describe('it refuses', () => {
  test.each([[new Date(0), '1970-01-01T00:00:00.000Z'], [new Date(NaN), 'no time'], [new Date('+010000-01-01T00:00:00Z'), '+010000-01-01T00:00:00.000Z']])('a time that is not to come: %s', (at, got) => {
    expect(refusalOf(() => new FlueExpiry(newStack(), 'Expiry', { at }))).toContain(`\`at\` must be a time to come, before the year 10000, got: ${got}. Count it from now`);
  });

  test('a second one in a stack, and takes one in another', () => {
    const stack = newStack();
    new FlueExpiry(stack, 'Expiry', { at: AT });
    expect(refusalOf(() => new FlueExpiry(stack, 'Again', { at: AT }))).toContain(
      '[Preview/Again] `scope` must be in a stack without another FlueExpiry, got: one with Preview/Expiry. The earlier one would delete the stack');
    expect(refusalOf(() => new FlueExpiry(new Stack(stack, 'Other'), 'Expiry', { at: AT }))).toBe('');
  });

  test('what only looks like a time', () => {
    expect(refusalOf(() => new FlueExpiry(newStack(), 'Expiry', { at: Object.create(Date.prototype) as Date }))).toContain('`at` must be a Date, got: a Date. Make one with');
  });

  test.each<[string, (stack: Stack, isOn: boolean) => unknown]>([
    ['a table', (stack, deletionProtection) => new Table(stack, 'Kept', { partitionKey: { name: 'id', type: AttributeType.STRING }, deletionProtection })],
    ['a user pool', (stack, deletionProtection) => new UserPool(stack, 'Kept', { deletionProtection })],
  ])('%s with deletion protection, and takes one without', (_, make) => {
    const synthesize = (isOn: boolean) => {
      const stack = newStack();
      new FlueExpiry(stack, 'Expiry', { at: AT });
      make(stack, isOn);
      return () => Template.fromStack(stack);
    };
    expect(synthesize(true)).toThrow('got: deletion protection of Preview/Kept/Resource.');
    expect(synthesize(false)).not.toThrow();
  });

  test('this second, and takes the next', () => {
    const clock = stopClock(AT);
    try {
      expect(refusalOf(() => new FlueExpiry(newStack(), 'Expiry', { at: AT }))).toContain('got: 2099-03-01T12:30:15.000Z');
      expect(refusalOf(() => new FlueExpiry(newStack(), 'Expiry', { at: new Date(AT.getTime() + 1000) }))).toBe('');
    } finally {
      clock.mockRestore();
    }
  });

  test('a nested stack', () => {
    const nested = new NestedStack(newStack(), 'Nested');
    expect(refusalOf(() => new FlueExpiry(nested, 'Expiry', { at: AT }))).toMatch(/`scope` must be in a stack of its own, got: the nested stack Preview\/Nested\./);
  });

  test('a stack with termination protection', () => {
    const stack = newStack(true);
    new FlueExpiry(stack, 'Expiry', { at: AT });
    expect(() => Template.fromStack(stack)).toThrow(/can delete, got: terminationProtection\./);
  });

  test.each([[true, /deletion protection of Preview\/LoadBalancer\/Resource/], [false, undefined]])('a load balancer with deletion protection: %s', (deletionProtection, message) => {
    const stack = newStack();
    new ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc: new Vpc(stack, 'Vpc'), deletionProtection });
    new FlueExpiry(stack, 'Expiry', { at: AT });
    const synthesize = () => Template.fromStack(stack);
    if (message) expect(synthesize).toThrow(message);
    else expect(synthesize).not.toThrow();
  });
});
