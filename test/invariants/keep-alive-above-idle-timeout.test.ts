import { execFileSync } from 'child_process';
import { Duration } from 'aws-cdk-lib';
import { changed, judge, PARAMETER } from './judge';
import { customized, express, fargate } from './templates';
import { KEEP_ALIVE_ABOVE_IDLE_TIMEOUT, KEEP_ALIVE_PRELOAD_PATTERN, KEEP_ALIVE_PRELOAD_PREFIX, keepAlivePreload } from '../../src/invariants/keep-alive-above-idle-timeout';

describe('preload', () => {
  const preload = keepAlivePreload(Duration.seconds(670));

  test('is one word that names its milliseconds', () => {
    expect(preload.startsWith(KEEP_ALIVE_PRELOAD_PREFIX)).toBe(true);
    expect(preload).not.toMatch(/[\s"]/);
    expect(KEEP_ALIVE_PRELOAD_PATTERN.exec(preload)![1]).toBe('670000');
  });

  test('raises the keep-alive of a server of the process', () => {
    const script = `
      const http = require('http');
      const server = http.createServer((_, response) => response.end()).listen(0, async () => {
        const ask = () => fetch('http://127.0.0.1:' + server.address().port);
        // the first answer is already on its way when the keep-alive is raised
        await ask();
        const response = await ask();
        console.log(response.headers.get('keep-alive'));
        server.closeAllConnections();
        server.close();
      });`;
    const run = (options: string) => execFileSync(process.execPath, ['-e', script], { env: { ...process.env, NODE_OPTIONS: options }, encoding: 'utf8' }).trim();
    expect(run(preload)).toBe('timeout=670');
    expect(run('')).not.toBe('timeout=670');
  });
});

describe('rule', () => {
  const options = (value: unknown, idle: unknown = '660') => changed(fargate(), ({ TaskDefinition, LoadBalancer }) => {
    const [container] = TaskDefinition.Properties.ContainerDefinitions;
    container.Environment = value === undefined ? [] : [{ Name: 'NODE_OPTIONS', Value: value }];
    LoadBalancer.Properties.LoadBalancerAttributes = idle === null ? [] : [{ Key: 'idle_timeout.timeout_seconds', Value: idle }];
  });
  const above = (seconds: number) => keepAlivePreload(Duration.seconds(seconds));
  const node = ['container server leaves the keep-alive at Node\'s default, below the idle timeout of Stack/Template/LoadBalancer'];

  test.each([
    ['above', above(661), '660', 'compliant'],
    ['equal', above(660), '660', ['container server keeps idle connections for 660 s, must be above the 660 s of Stack/Template/LoadBalancer']],
    ['above the implicit timeout', above(61), null, 'compliant'],
    ['equal to the implicit timeout', above(60), null, ['container server keeps idle connections for 60 s, must be above the 60 s of Stack/Template/LoadBalancer']],
    ['among other options', `--max-old-space-size=400 ${above(661)}`, '660', 'compliant'],
    ['left at the default', undefined, '660', node],
    ['left at the default by other options', '--max-old-space-size=400', '660', node],
    ['left to another preload', '--import=/app/keep-alive.mjs', '660', 'not applicable'],
    ['known only at deployment', PARAMETER, '660', 'not applicable'],
    ['below an idle timeout known only at deployment', above(10), PARAMETER, 'not applicable'],
  ])('a keep-alive %s', (_, value, idle, expected) => {
    expect(judge(KEEP_ALIVE_ABOVE_IDLE_TIMEOUT, options(value, idle), 'TaskDefinition')).toEqual(expected);
  });

  test('a preload in the command may set it', () => {
    const template = changed(options(undefined), ({ TaskDefinition }) => {
      TaskDefinition.Properties.ContainerDefinitions[0].Command = ['node', '--import', './keep-alive.mjs', 'dist/server.mjs'];
    });
    expect(judge(KEEP_ALIVE_ABOVE_IDLE_TIMEOUT, template, 'TaskDefinition')).toBe('not applicable');
  });

  test('a file of variables may set it', () => {
    const template = changed(options(undefined), ({ TaskDefinition }) => {
      TaskDefinition.Properties.ContainerDefinitions[0].EnvironmentFiles = [{ Type: 's3', Value: 'arn:aws:s3:::bucket/agents.env' }];
    });
    expect(judge(KEEP_ALIVE_ABOVE_IDLE_TIMEOUT, template, 'TaskDefinition')).toBe('not applicable');
  });

  test('without a load balancer there is nothing to outlast', () => {
    const template = changed(options(undefined), ({ Service }) => { delete Service.Properties.LoadBalancers; });
    expect(judge(KEEP_ALIVE_ABOVE_IDLE_TIMEOUT, template, 'TaskDefinition')).toBe('not applicable');
  });

  test('a load balancer of another app is not known', () => {
    const template = changed(options(undefined), ({ Service }) => { Service.Properties.LoadBalancers[0].TargetGroupArn = PARAMETER; });
    expect(judge(KEEP_ALIVE_ABOVE_IDLE_TIMEOUT, template, 'TaskDefinition')).toBe('not applicable');
  });

  test('Express Mode always has a load balancer, of a timeout no template shows', () => {
    expect(judge(KEEP_ALIVE_ABOVE_IDLE_TIMEOUT, express(), 'Express')).toBe('not applicable');
    expect(judge(KEEP_ALIVE_ABOVE_IDLE_TIMEOUT, customized({ 'idle_timeout.timeout_seconds': '669' }), 'Express')).toBe('compliant');
    expect(judge(KEEP_ALIVE_ABOVE_IDLE_TIMEOUT, customized({ 'idle_timeout.timeout_seconds': '670' }), 'Express')).toEqual([
      'container Main keeps idle connections for 670 s, must be above the 670 s of the load balancer of Stack/Template/Express',
    ]);
    const template = changed(express(), ({ Express }) => { Express.Properties.PrimaryContainer.Environment = []; });
    expect(judge(KEEP_ALIVE_ABOVE_IDLE_TIMEOUT, template, 'Express')).toEqual([
      'container Main leaves the keep-alive at Node\'s default, below the idle timeout of the load balancer of Stack/Template/Express',
    ]);
  });
});

test.each<[options: unknown]>([
  ['{{resolve:ssm:/flue/node-options}}'],
  [{ 'Fn::Join': [' ', ['--max-old-space-size=400', '{{resolve:ssm:/flue/node-options}}']] }],
  [{ 'Fn::If': ['Condition', '--import=data:text/javascript,server.keepAliveTimeout=670000', '--max-old-space-size=400'] }],
])('options of which a part is not known: %j', options => {
  const template = changed(fargate(), ({ TaskDefinition }, whole) => {
    whole.Conditions = { Condition: { 'Fn::Equals': [PARAMETER, 'yes'] } };
    TaskDefinition.Properties.ContainerDefinitions[0].Environment[2].Value = options;
  });
  expect(judge(KEEP_ALIVE_ABOVE_IDLE_TIMEOUT, template, 'TaskDefinition')).toBe('not applicable');
});
