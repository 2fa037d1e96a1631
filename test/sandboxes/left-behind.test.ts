import { Daemon } from './daemon/daemon';
import { SdkError, walk, type Machine } from './state-machine';
import { reaperDefinition } from '../../src/sandboxes/reaper';

const CLUSTER = 'arn:aws:ecs:eu-west-1:111111111111:cluster/sandboxes';
const LIFETIME = 3600;
const machine = reaperDefinition({ pool: 'Pool', clusterArn: CLUSTER, clusterName: 'sandboxes', family: 'sandbox', maxLifetimeSeconds: LIFETIME }) as Machine;

interface Sandbox {
  readonly arn: string;
  readonly owner?: string;
  readonly ageSeconds: number;
  readonly stop?: () => Promise<unknown>;
}

/** What runs on AWS, as the integrations of Step Functions answer. */
class Aws {
  public readonly stopped: string[] = [];
  public readonly counts: number[] = [];
  public unstoppable = '';

  public constructor(
    private sandboxes: readonly Sandbox[],
    private readonly servers: { readonly [arn: string]: string } = {},
    private readonly instances: readonly string[] = [],
  ) {}

  public run(): Promise<unknown> {
    return walk(machine, (action, input) => this.answer(action, input));
  }

  private answer(action: string, input: { readonly [name: string]: never }): unknown {
    switch (action) {
      case 'ecs:listTasks': {
        const { Cluster, Family, DesiredStatus, MaxResults, NextToken = '0' } = input as unknown as { [name: string]: string };
        expect([Cluster, Family, DesiredStatus]).toEqual([CLUSTER, 'sandbox', 'RUNNING']);
        const [from, to] = [Number(NextToken), Number(NextToken) + Number(MaxResults)];
        return { TaskArns: this.sandboxes.slice(from, to).map(({ arn }) => arn), ...to < this.sandboxes.length ? { NextToken: `${to}` } : {} };
      }
      case 'ecs:describeTasks': {
        const { Cluster, Tasks } = input as unknown as { Cluster: string; Tasks: string[] };
        expect(Tasks.length).toBeGreaterThan(0);
        return { Tasks: Cluster === CLUSTER ? Tasks.map(arn => this.described(arn)) : this.serversOf(Cluster, Tasks) };
      }
      case 'ec2:describeInstances': {
        const [{ Values }] = (input as unknown as { Filters: [{ Values: string[] }] }).Filters;
        const found = this.instances.filter(id => Values.includes(id));
        return { Reservations: found.length > 0 ? [{ Instances: found.map(InstanceId => ({ InstanceId })) }] : [] };
      }
      case 'ecs:stopTask':
        return this.stop((input as unknown as { Task: string }).Task);
      case 'cloudwatch:putMetricData':
        this.counts.push((input as unknown as { MetricData: [{ Value: number }] }).MetricData[0].Value);
        return {};
      default:
        throw new Error(`the reaper has no way to ${action}`);
    }
  }

  private described(arn: string): object {
    const { owner, ageSeconds } = this.sandboxes.find(sandbox => sandbox.arn === arn)!;
    const tags = owner === undefined ? [] : [{ Key: 'cdk-flue:owner', Value: owner }];
    return { TaskArn: arn, CreatedAt: new Date(Date.now() - ageSeconds * 1000).toISOString(), Tags: [{ Key: 'cdk-flue:sandbox', Value: 'Pool' }, ...tags] };
  }

  private serversOf(cluster: string, arns: string[]): object[] {
    if (cluster === 'deleted') {
      throw new SdkError('Ecs.ClusterNotFoundException');
    }
    return arns.flatMap(TaskArn => this.servers[TaskArn] === undefined ? [] : [{ TaskArn, LastStatus: this.servers[TaskArn] }]);
  }

  private async stop(arn: string): Promise<object> {
    if (arn === this.unstoppable) {
      throw new SdkError('Ecs.InvalidParameterException');
    }
    await this.sandboxes.find(sandbox => sandbox.arn === arn)!.stop?.();
    this.sandboxes = this.sandboxes.filter(sandbox => sandbox.arn !== arn);
    this.stopped.push(arn);
    return {};
  }
}

const server = (name: string, cluster = 'agents') => `arn:aws:ecs:eu-west-1:111111111111:task/${cluster}/${name}`;
const sandbox = (arn: string, owner?: string, ageSeconds = 60): Sandbox => ({ arn, owner, ageSeconds });

test('the five sandboxes of a server that was killed are ended, and those of the next one stay', async () => {
  const daemons = await Promise.all(Array.from({ length: 6 }, () => Daemon.start()));
  const aws = new Aws(daemons.map((daemon, index) => ({
    ...sandbox(`sandbox-${index}`, server(index < 5 ? 'killed' : 'next')), stop: () => daemon.stop(),
  })), { [server('killed')]: 'STOPPED', [server('next')]: 'RUNNING' });
  await aws.run();
  expect(await Promise.all(daemons.slice(0, 5).map(({ exit }) => exit))).toEqual([0, 0, 0, 0, 0]);
  expect((await daemons[5]!.call('GET', '/health')).status).toBe(200);
  expect(aws.counts).toEqual([1]);
  await daemons[5]!.stop();
});

test.each<[string, Sandbox, boolean]>([
  ['of a server that runs', sandbox('a', server('up')), false],
  ['of a server that starts', sandbox('a', server('starts')), false],
  ['of a server that stops, while it may still speak', sandbox('a', server('stops')), false],
  ['of a server that ECS has forgotten', sandbox('a', server('forgotten')), true],
  ['of a server whose cluster is gone', sandbox('a', server('up', 'deleted')), true],
  ['of an instance that runs', sandbox('a', 'i-1'), false],
  ['of an instance that is gone', sandbox('a', 'i-2'), true],
  ['of nobody that is known', sandbox('a', 'unknown'), false],
  ['without an owner', sandbox('a'), false],
  ['at the end of its lifetime', sandbox('a', server('up'), LIFETIME + 60), false],
  ['past its lifetime', sandbox('a', server('up'), LIFETIME + 180), true],
  ['of nobody, past its lifetime', sandbox('a', undefined, LIFETIME + 180), true],
])('a sandbox %s', async (_, one, isStopped) => {
  const aws = new Aws([one], { [server('up')]: 'RUNNING', [server('starts')]: 'PROVISIONING', [server('stops')]: 'STOPPING' }, ['i-1']);
  await aws.run();
  expect([aws.stopped, aws.counts]).toEqual([isStopped ? ['a'] : [], [isStopped ? 0 : 1]]);
});

test('no sandbox at all is counted as none', async () => {
  const aws = new Aws([]);
  await aws.run();
  expect(aws.counts).toEqual([0]);
});

test('every page is read', async () => {
  const aws = new Aws(Array.from({ length: 60 }, (_, index) => sandbox(`sandbox-${index}`, server(index % 2 === 0 ? 'up' : 'gone'))), { [server('up')]: 'RUNNING' });
  await aws.run();
  expect([aws.stopped.length, aws.counts]).toEqual([30, [30]]);
});

test('one that cannot be stopped keeps none of the others, and is counted', async () => {
  const aws = new Aws([sandbox('a', 'i-2'), sandbox('b', 'i-2'), sandbox('c', 'i-2')]);
  aws.unstoppable = 'b';
  await aws.run();
  expect([aws.stopped, aws.counts]).toEqual([['a', 'c'], [1]]);
});
