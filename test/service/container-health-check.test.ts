import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { deployTimeDuration, imageOf, refusalOf } from './support';
import { FlueExpressService, FlueFargateService, type FlueFargateServiceProps } from '../../src';

function containerOf(
  props: Partial<FlueFargateServiceProps> = {}, Service: typeof FlueFargateService | typeof FlueExpressService = FlueFargateService,
): any {
  const stack = new Stack(new App(), 'Test');
  new Service(stack, 'Agents', { image: imageOf(stack, { port: 3000 }), containerHealthCheck: true, ...props });
  const [task] = Object.values<any>(Template.fromStack(stack).findResources('AWS::ECS::TaskDefinition'));
  return task.Properties.ContainerDefinitions.find(({ Name }: any) => Name === 'Main');
}

describe('the template', () => {
  test('has no health check of a container unless it is asked for', () => {
    expect(containerOf({ containerHealthCheck: undefined })).not.toHaveProperty('HealthCheck');
    expect(containerOf({ containerHealthCheck: false })).not.toHaveProperty('HealthCheck');
  });

  test('asks as often as the load balancer, and waits for the startup', () => {
    expect(containerOf({ healthCheckPath: '/live' }).HealthCheck).toEqual({
      Command: ['CMD', 'node', '-e', expect.any(String), '3000', '/live'], Interval: 15, Timeout: 5, Retries: 3, StartPeriod: 60,
    });
    expect(containerOf({}, FlueExpressService).HealthCheck).toMatchObject({ Interval: 30, Timeout: 5, Retries: 2, StartPeriod: 60 });
    expect(containerOf({ startupBudget: Duration.millis(1500) }).HealthCheck.StartPeriod).toBe(2);
  });

  test('waits for what ECS waits at most', () => {
    expect(containerOf({ startupBudget: Duration.seconds(300) }).HealthCheck.StartPeriod).toBe(300);
    expect(refusalOf(() => containerOf({ startupBudget: Duration.seconds(301) }))).toContain(
      '`startupBudget` must be at most 300 s with `containerHealthCheck`, got: 301 s. Leave `containerHealthCheck` out: the load balancer waits');
    expect(refusalOf(() => containerOf({ startupBudget: Duration.seconds(301), containerHealthCheck: false }))).toBe('');
  });

  test('takes a startup known only at deployment', () => {
    const container = containerOf({ startupBudget: deployTimeDuration(), healthCheckGracePeriod: Duration.seconds(200) });
    expect(container.HealthCheck.StartPeriod).toBe(77);
  });
});

describe('the command', () => {
  const running: ChildProcess[] = [];
  afterEach(() => running.splice(0).forEach(child => child.kill('SIGKILL')));

  /** Starts a server, and returns its port once it listens. */
  async function serve(answer: string): Promise<string> {
    const child = spawn(process.execPath, ['-e', `require("http").createServer((request, response) => { ${answer} }).listen(0, function () { console.log(this.address().port); })`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.push(child);
    return new Promise((resolve, reject) => {
      child.stdout!.once('data', data => resolve(String(data).trim()));
      child.once('exit', status => reject(new Error(`the server ended with ${status}`)));
    });
  }

  /** What ECS would see: the status of the command, or that it had to be killed. */
  function ask(port: string, timeout?: number): number | 'killed' {
    const { Environment, HealthCheck: { Command: [form, node, flag, code, , path], Timeout } } = containerOf();
    expect([form, node, flag]).toEqual(['CMD', 'node', '-e']);
    const environment = Object.fromEntries(Environment.map(({ Name, Value }: any) => [Name, Value]));
    const { status, signal } = spawnSync(process.execPath, [flag, code, port, path], { env: { ...environment, PATH: process.env.PATH }, timeout: timeout ?? 1000 * Timeout, killSignal: 'SIGKILL' });
    return signal ? 'killed' : status!;
  }

  test.each([[200, 0], [204, 0], [299, 0], [302, 1], [404, 1], [500, 1]])('an answer of %d is %d', async (status, code) => {
    expect(ask(await serve(`response.writeHead(request.url === "/health" ? ${status} : 418).end();`), 60_000)).toBe(code);
  });

  test('a server that does not listen yet, or no longer, fails', async () => {
    const port = await serve('response.end();');
    expect(ask(port, 60_000)).toBe(0);
    const [server] = running;
    await new Promise(resolve => {
      server!.once('exit', resolve);
      server!.kill('SIGKILL');
    });
    expect(ask(port, 60_000)).toBe(1);
  });

  test('a server whose event loop hangs is found', async () => {
    const port = await serve('setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));');
    // the first question hangs it, as a prompt would
    expect(ask(port)).toBe('killed');
    expect(ask(port)).toBe('killed');
  });
});
