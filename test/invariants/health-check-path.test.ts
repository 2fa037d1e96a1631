import { Lazy, Stack } from 'aws-cdk-lib';
import { changed, judge, PARAMETER } from './judge';
import { container, express, fargate } from './templates';
import { HEALTH_CHECK_PATH, requireHealthCheckPath } from '../../src/invariants/health-check-path';

describe('guard', () => {
  const guard = (path: string) => () => requireHealthCheckPath(new Stack(undefined, 'Stack'), path);

  test.each(['/health', '/a', '/health?full=1', `/${'a'.repeat(1023)}`, Lazy.string({ produce: () => '/' })])('takes %.40s', path => {
    expect(guard(path)).not.toThrow();
  });

  test.each([
    ['/', '[Stack] `healthCheckPath` must be a path that the app defines, got: /. Name the route that your app.ts defines for it, such as `/health` (Flue-HealthCheckPath)'],
    ['health', '`healthCheckPath` must begin with a slash, got: health'],
    ['', '`healthCheckPath` must begin with a slash, got: '],
    ['https://example.com/health', '`healthCheckPath` must be a path without scheme or host, got: https://example.com/health'],
    ['//example.com/health', 'without scheme or host'],
    ['/he alth', 'must be at most 1024 characters without white space or fragment, got: /he alth'],
    ['/health#x', 'white space or fragment'],
    [`/${'a'.repeat(1024)}`, 'must be at most 1024 characters'],
  ])('refuses %.40s', (path, message) => {
    expect(guard(path)).toThrow(message);
  });
});

describe('rule', () => {
  const targetGroup = (properties: object) => changed(fargate(), ({ TargetGroup }) => { Object.assign(TargetGroup.Properties, properties); });

  test.each<[properties: object, expected: unknown]>([
    [{ HealthCheckPath: '/health' }, 'compliant'],
    [{ HealthCheckPath: '/' }, ['the health check requests /, where Flue answers 404']],
    [{ HealthCheckPath: { Ref: 'AWS::NoValue' } }, ['no health-check path is given']],
    [{ HealthCheckPath: PARAMETER }, 'compliant'],
    [{ HealthCheckPath: PARAMETER, Matcher: PARAMETER }, 'not applicable'],
    [{ Matcher: { HttpCode: '200' } }, 'compliant'],
    [{ Matcher: { HttpCode: '200-299' } }, 'compliant'],
    [{ Matcher: { HttpCode: '200,204' } }, 'compliant'],
    [{ Matcher: { HttpCode: '200-300' } }, ['[Matcher] the health check accepts 200-300 as healthy, must be within 200-299']],
    [{ Matcher: { HttpCode: '199-204' } }, ['[Matcher] the health check accepts 199-204 as healthy, must be within 200-299']],
    [{ Matcher: { HttpCode: '200,404' } }, ['[Matcher] the health check accepts 200,404 as healthy, must be within 200-299']],
    [{ HealthCheckPath: '/', Matcher: { HttpCode: '200-499' } }, [
      'the health check requests /, where Flue answers 404',
      '[Matcher] the health check accepts 200-499 as healthy, must be within 200-299',
    ]],
    [{ Protocol: 'TCP', HealthCheckPath: { Ref: 'AWS::NoValue' } }, 'not applicable'],
    [{ Protocol: 'TCP', HealthCheckProtocol: 'HTTP', HealthCheckPath: '/' }, ['the health check requests /, where Flue answers 404']],
    [{ Protocol: PARAMETER }, 'not applicable'],
  ])('a target group with %j', (properties, expected) => {
    expect(judge(HEALTH_CHECK_PATH, targetGroup(properties), 'TargetGroup')).toEqual(expected);
  });

  test.each<[path: unknown, expected: unknown]>([
    ['/health', 'compliant'],
    ['/', ['the health check requests /, where Flue answers 404']],
    [{ Ref: 'AWS::NoValue' }, ['no health-check path is given']],
    [PARAMETER, 'not applicable'],
  ])('an Express service that asks for %j', (path, expected) => {
    const template = changed(express(), ({ Express }) => { Express.Properties.HealthCheckPath = path; });
    expect(judge(HEALTH_CHECK_PATH, template, 'Express')).toEqual(expected);
  });

  test.each<[command: unknown, expected: unknown]>([
    [['CMD-SHELL', 'curl -f http://localhost:8080/health || exit 1'], 'compliant'],
    [['CMD-SHELL', 'curl -f http://localhost:8080/ || exit 1'], ['the health check of container server requests /, where Flue answers 404']],
    [['CMD-SHELL', 'wget -q http://127.0.0.1:8080'], ['the health check of container server requests /, where Flue answers 404']],
    [['CMD', 'node', 'healthcheck.mjs'], 'not applicable'],
    [PARAMETER, 'not applicable'],
  ])('a container that runs %j', (command, expected) => {
    const template = container(definition => { definition.HealthCheck = { Command: command }; });
    expect(judge(HEALTH_CHECK_PATH, template, 'TaskDefinition')).toEqual(expected);
  });
});
