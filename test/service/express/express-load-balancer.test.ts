import * as http from 'http';
import type { AddressInfo } from 'net';

interface Call {
  readonly command: string;
  readonly input: { [name: string]: unknown };
}

const calls: Call[] = [];
let currentTimeout = '60';
let actions: object[] = [];
let failures: Error[] = [];

const WEIGHTED = { Type: 'forward', ForwardConfig: { TargetGroups: [{ TargetGroupArn: 'one', Weight: 100 }, { TargetGroupArn: 'two', Weight: 0 }] } };
const DENIED = { name: 'AccessDeniedException', message: 'not allowed' };

jest.mock('@aws-sdk/client-elastic-load-balancing-v2', () => {
  const command = (name: string) => class {
    public readonly name = name;
    public constructor(public readonly input: { [name: string]: unknown }) {}
  };
  return {
    DescribeRulesCommand: command('DescribeRules'),
    DescribeLoadBalancerAttributesCommand: command('DescribeLoadBalancerAttributes'),
    ModifyLoadBalancerAttributesCommand: command('ModifyLoadBalancerAttributes'),
    ModifyTargetGroupAttributesCommand: command('ModifyTargetGroupAttributes'),
    ElasticLoadBalancingV2Client: class {
      public async send({ name, input }: { name: string; input: Call['input'] }) {
        calls.push({ command: name, input });
        const failure = failures.shift();
        if (failure) {
          throw failure;
        }
        return name === 'DescribeRules' ? { Rules: [{ Actions: actions }] } : { Attributes: [{ Key: 'idle_timeout.timeout_seconds', Value: currentTimeout }] };
      }
    },
  };
}, { virtual: true });

// eslint-disable-next-line @typescript-eslint/no-require-imports
const { handler } = require('../../../assets/express/load-balancer-timers');

const answers: Array<{ [name: string]: string }> = [];
let server: http.Server;
let status = 200;

beforeAll(async () => {
  const wait = global.setTimeout;
  jest.spyOn(global, 'setTimeout').mockImplementation((then, ms, ...more) => wait(then, ms === 8000 ? 0 : ms, ...more));
  server = http.createServer((request, response) => {
    let body = '';
    request.on('data', chunk => { body += chunk; });
    request.on('end', () => {
      answers.push(JSON.parse(body));
      response.writeHead(status).end();
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => new Promise(resolve => server.close(resolve)));

beforeEach(() => {
  calls.length = 0;
  answers.length = 0;
  currentTimeout = '60';
  actions = [WEIGHTED];
  failures = [];
  status = 200;
});

function event(requestType: string, more: object = {}) {
  return {
    RequestType: requestType,
    ResponseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'Timers',
    ResourceProperties: { LoadBalancerArn: 'lb', ListenerRuleArn: 'rule', IdleTimeoutSeconds: '660', DeregistrationDelaySeconds: '15' },
    ...more,
  };
}

test.each(['Create', 'Update'])('%s raises the idle timeout and sets the delay of every target group', async requestType => {
  await handler(event(requestType));
  expect(calls).toEqual([
    { command: 'DescribeLoadBalancerAttributes', input: { LoadBalancerArn: 'lb' } },
    { command: 'ModifyLoadBalancerAttributes', input: { LoadBalancerArn: 'lb', Attributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '660' }] } },
    { command: 'DescribeRules', input: { RuleArns: ['rule'] } },
    ...['one', 'two'].map(arn => ({
      command: 'ModifyTargetGroupAttributes',
      input: { TargetGroupArn: arn, Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '15' }] },
    })),
  ]);
  expect(answers).toEqual([{
    Status: 'SUCCESS', Reason: 'done', StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Timers', PhysicalResourceId: 'Timers',
  }]);
});

test.each([['659', 1], ['660', 0], ['4000', 0]])('an idle timeout of %s s, perhaps a neighbour\'s, is changed %d times', async (current, changes) => {
  currentTimeout = current;
  await handler(event('Create'));
  expect(calls.filter(call => call.command === 'ModifyLoadBalancerAttributes')).toHaveLength(changes);
});

test('Delete leaves everything as it is and keeps the physical id', async () => {
  await handler(event('Delete', { PhysicalResourceId: 'before' }));
  expect(calls).toEqual([]);
  expect(answers[0]).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'before' });
});

function modifiedGroups(): unknown[] {
  return calls.filter(call => call.command === 'ModifyTargetGroupAttributes').map(call => call.input.TargetGroupArn);
}

test.each<[string, object[], string[]]>([
  ['one group without weights', [{ Type: 'forward', TargetGroupArn: 'one' }], ['one']],
  ['a group that stands in both places', [{ ...WEIGHTED, TargetGroupArn: 'one' }], ['one', 'two']],
  ['an action before the one that forwards', [{ Type: 'jwt-validation' }, WEIGHTED], ['one', 'two']],
])('the groups are those of the rule: %s', async (_, ofRule, groups) => {
  actions = ofRule;
  await handler(event('Create'));
  expect(modifiedGroups()).toEqual(groups);
});

test('a rule that forwards nowhere yet is asked again, then named', async () => {
  actions = [];
  await handler(event('Create'));
  expect(calls.filter(call => call.command === 'DescribeRules')).toHaveLength(10);
  expect(answers[0]).toMatchObject({ Status: 'FAILED', Reason: 'NoTargetGroup: the listener rule rule forwards to no target group' });
});

test.each([[9, 'SUCCESS', 'done'], [10, 'FAILED', 'AccessDeniedException: not allowed']])('a call denied %d times', async (times, Status, Reason) => {
  failures = Array.from({ length: times }, () => Object.assign(new Error(), DENIED));
  await handler(event('Create'));
  expect(answers[0]).toMatchObject({ Status, Reason });
});

test('any other failure is told at once', async () => {
  failures = [Object.assign(new Error('gone'), { name: 'LoadBalancerNotFoundException' })];
  await handler(event('Create'));
  expect(calls).toHaveLength(1);
  expect(answers[0]).toMatchObject({ Status: 'FAILED', Reason: 'LoadBalancerNotFoundException: gone' });
});

test('an answer that CloudFormation refuses fails the invocation', async () => {
  status = 403;
  await expect(handler(event('Create'))).rejects.toThrow('CloudFormation answered 403');
});
