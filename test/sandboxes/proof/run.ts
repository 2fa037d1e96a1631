import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fences from './fences';
import { Fargate } from './machine';
import { Network } from './network';
import { ACCOUNT, DATABASE_PORT, REGION, synthesize, type Deployed } from './template';
import { AGENTS, end, FlueServer, serve } from './world';
import type { InitOptions } from '../../../src/cli/init/options';
import { writeAdapter } from '../../../src/cli/init/sandbox';
import { Ecs, type EcsTask } from '../ecs';
import { SdkError, walk } from '../state-machine';

/**
 * Runs the sandboxes of a real Flue agent as tasks of a synthesized template, and tries to get out of them: `run.ts FOLDER PREFIX`.
 *
 * Fargate, the VPC and the APIs of AWS are stand-ins. run.sh calls it in the network of the server.
 */

const [folder, prefix] = process.argv.slice(2) as [string, string];
const ROOT = join(__dirname, '..', '..', '..');
const IMAGE = 'localhost/flue-sandbox';
const SESSIONS = 50;
const LANES = 5;
const ORPHANS = 5;
const OWNER = `arn:aws:ecs:${REGION}:${ACCOUNT}:task/AgentsCluster`;

let passed = 0;
let failed = 0;

/** A problem is what differs from what must be. */
function check(name: string, found: unknown, expected: unknown = true): void {
  const [is, must] = [found, expected].map(value => JSON.stringify(value));
  if (is === must) {
    passed++;
    console.log(`ok   ${name}`);
  } else {
    failed++;
    console.log(`FAIL ${name}\n     expected ${must}\n     got      ${is}`);
  }
}

async function timed<T>(name: string, work: () => Promise<T> | T): Promise<T> {
  const started = Date.now();
  const result = await work();
  console.log(`     ${name}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return result;
}

async function until(holds: () => boolean, withinMs: number): Promise<boolean> {
  for (const last = Date.now() + withinMs; !holds(); await sleep(50)) {
    if (Date.now() > last) {
      return false;
    }
  }
  return true;
}

/** The app of a user, with the adapter that the command line writes. */
function buildApp(): string {
  const directory = join(folder, 'app');
  const modules = join(directory, 'node_modules');
  for (const file of ['package.json', 'package-lock.json', 'flue.config.ts', 'src/db.ts', 'src/providers.ts', 'src/lib/database-url.ts']) {
    cpSync(join(AGENTS, file), join(directory, file));
  }
  cpSync(join(__dirname, 'app'), directory, { recursive: true });
  const link = (from: string, name: string) => symlinkSync(join(from, 'node_modules', name), join(modules, name));
  mkdirSync(join(modules, '@aws-sdk'), { recursive: true });
  readdirSync(join(AGENTS, 'node_modules')).filter(name => name !== '@aws-sdk').forEach(name => link(AGENTS, name));
  link(ROOT, '@aws-sdk/client-ecs');
  writeAdapter({ directory, image: {} } as InitOptions, 'fargate');
  execFileSync(join(AGENTS, 'node_modules', 'node', 'bin', 'node'), [join(modules, '.bin', 'flue'), 'build', '--target', 'node'],
    { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
  return directory;
}

/** Builds the image that the template stages. */
function buildImage(assembly: string): void {
  const context = readdirSync(assembly).map(name => join(assembly, name)).find(name => /asset\.[0-9a-f]+$/.test(name) && readdirSync(name).includes('daemon.mjs'));
  execFileSync('podman', ['build', '--format', 'docker', '--pull=never', '--quiet', '--tag', IMAGE, context!], { stdio: ['ignore', 'ignore', 'inherit'] });
}

interface Found {
  readonly names: string[];
  readonly reached: string[];
  readonly reasons: { readonly [name: string]: string };
  /** What the metadata of the task said. */
  readonly told: string;
}

type Change = (deployed: Deployed) => void;
/** The value of the tag of a session. */
const tagOf = (id: string) => createHash('sha256').update(id).digest('hex').slice(0, 32);

/** What is taken away of the network, and what the same probes then reach. */
const OPEN: ReadonlyArray<readonly [string, readonly Change[], readonly string[]]> = [
  ['the rules that let nothing out', [fences.openEgress], ['another host of the VPC']],
  ['the rules of the groups, both ways', [fences.openEgress, fences.openIngress],
    ['the server', 'the database', 'another host of the VPC', 'another sandbox', 'another port of the registry']],
  ['the rules that let nothing out, and with a route', [fences.openEgress, fences.openRoute],
    ['another host of the VPC', 'the internet', 'the credentials of an instance']],
];
/** What is taken away of the task, and what the same probes then reach. */
const WEAK: ReadonlyArray<readonly [string, readonly Change[], readonly string[]]> = [
  ['with a role', [fences.giveRole], ['the credentials of a task']],
  ['with a secret', [fences.giveSecret], ['a secret in a variable']],
  ['with a root that can be written', [fences.makeWritable], ['a new file beside the workspace']],
  ['of the root user', [fences.makeRoot], ['the root user']],
  ['of the root user, with a root that can be written', [fences.makeRoot, fences.makeWritable],
    ['the root user', 'a file of the image', 'a new file beside the workspace']],
  ['with capabilities', [fences.keepCapabilities], ['a capability']],
];
/** The one place that a sandbox may reach. */
const MAY = ['the registry'];

class Proof {
  public static async begin(): Promise<{ readonly proof: Proof; close(): Promise<void> }> {
    const assembly = join(folder, 'cdk.out');
    const deployed = await timed('synthesize', () => synthesize(assembly));
    await timed('image of the sandbox', () => buildImage(assembly));
    const directory = await timed('app on Flue with the adapter', buildApp);
    const network = new Network(prefix, deployed);
    const { subnets: [subnet], groups } = deployed.server;
    network.add('server', { subnet, groups });
    const [[, { VPCSecurityGroups: databaseGroups }]] = deployed.of('AWS::RDS::DBInstance');
    network.add('database', { subnet: deployed.variables.SANDBOX_SUBNETS!.split(',')[0], groups: databaseGroups });
    const [[, registry]] = deployed.of('AWS::EC2::VPCEndpoint').filter(([, { VpcEndpointType }]) => VpcEndpointType === 'Interface');
    network.add('registry', { subnet: registry.SubnetIds[0], groups: registry.SecurityGroupIds });
    network.add('neighbour', { subnet });
    network.add('internet', { address: '203.0.113.10' });
    network.add('instance', { address: '169.254.169.254' });
    const tasks = join(folder, 'tasks');
    mkdirSync(tasks);
    const fargate: Fargate = new Fargate(IMAGE, network, tasks, deployed, task => ecs.ended(task));
    const ecs = new Ecs(fargate);
    const on = (host: string) => ({ of: network, host });
    const host = join(__dirname, 'hosts', 'host.mjs');
    const [database, model] = await timed('hosts', async () => Promise.all([
      serve(join(__dirname, 'hosts', 'database.mjs'), [network.addressOf('database'), String(DATABASE_PORT)], on('database')),
      serve(join(AGENTS, 'test', 'support', 'echo-model.ts'), []),
      serve(host, ['says', 'registry', '443', '8443'], on('registry')),
      serve(host, ['says', 'neighbour', '80'], on('neighbour')),
      serve(host, ['says', 'internet', '80'], on('internet')),
      serve(host, ['instance'], on('instance')),
      serve(host, ['tasks', join(tasks, 'metadata')], on('router')),
    ]));
    const { url, caFile } = JSON.parse(database.line) as { url: string; caFile: string };
    const endpoint = await ecs.listen();
    const environment = {
      ...deployed.variables,
      ...Object.fromEntries([...model.line.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value])),
      DATABASE_URL: url.replace('@localhost:', `@${network.addressOf('database')}:`).replace('sslmode=verify-full', 'sslmode=require'),
      NODE_EXTRA_CA_CERTS: caFile,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'stand-in',
      AWS_SECRET_ACCESS_KEY: 'stand-in',
      AWS_ENDPOINT_URL_ECS: endpoint,
    };
    const servers = new Map<number, FlueServer>();
    const serverOf = (index: number) => {
      const server = servers.get(index) ?? new FlueServer(directory, `${OWNER}/server-${index}`, 8080 + index, environment);
      servers.set(index, server);
      return server;
    };
    const proof = new Proof(deployed, network, fargate, ecs, endpoint, serverOf);
    return {
      proof,
      close: async () => {
        await Promise.all([...servers.values()].map(server => server.end('SIGKILL').catch(() => undefined)));
        await ecs.close();
        await end(database.child);
      },
    };
  }

  private readonly counts: number[] = [];

  private constructor(
    private readonly deployed: Deployed, private readonly network: Network, private readonly fargate: Fargate, private readonly ecs: Ecs,
    private readonly endpoint: string, private readonly serverOf: (index: number) => FlueServer,
  ) {}

  public async all(): Promise<void> {
    const first = this.serverOf(0);
    await timed('server', () => this.start(first));
    await timed('an agent at work', () => this.works(first));
    await timed('probes', () => this.isFenced(first));
    await timed('ends by itself', () => this.endsByItself(first));
    await timed('a server that is killed', () => this.isReaped(first));
    await timed(`${SESSIONS} sessions`, () => this.leavesNothing(this.serverOf(1)));
    const sorted = [...this.fargate.startMs].sort((a, b) => a - b);
    console.log(`     podman started ${sorted.length} sandboxes: median ${sorted[Math.floor(sorted.length / 2)]} ms, longest ${sorted.at(-1)} ms`);
  }

  /** Starts a server, whose task Amazon ECS then knows. */
  private async start(server: FlueServer): Promise<void> {
    await server.start();
    this.ecs.tasks.set(server.arn, {
      taskArn: server.arn,
      clusterArn: `arn:aws:ecs:${REGION}:${ACCOUNT}:cluster/AgentsCluster`,
      startedBy: 'service',
      tags: [],
      createdAt: Date.now() / 1000,
      lastStatus: 'RUNNING',
      desiredStatus: 'RUNNING',
      containers: [{}],
    });
  }

  private get sandboxes(): EcsTask[] {
    return this.ecs.running.filter(({ clusterArn }) => clusterArn === this.deployed.variables.SANDBOX_CLUSTER);
  }

  private async works(server: FlueServer): Promise<void> {
    const before = await this.fargate.left();
    check('no sandbox runs before it is used', this.sandboxes.length, 0);
    const began = Date.now();
    check('an agent runs a command in a sandbox, as the user `agent`', /uid=1000\(agent\).*\n\/workspace/s.test(await server.ask('first', 'run: id; pwd')));
    console.log(`     the first command of a conversation: ${((Date.now() - began) / 1000).toFixed(1)} s, with the start of its sandbox`);
    check('one sandbox runs, with what the template says', [this.sandboxes.length, this.sandboxes[0]!.tags.map(({ key }) => key)],
      [1, ['cdk-flue:sandbox', 'cdk-flue:session', 'cdk-flue:owner']]);
    await server.ask('first', `call: write ${JSON.stringify({ path: 'notes/a file', content: 'grüße\n' })}`);
    check('a file that the agent writes is there for its commands', (await server.ask('first', 'run: cat "notes/a file"')).includes('grüße'));
    check('a file of a command can be read by the agent', (await server.ask('first', `call: read ${JSON.stringify({ path: '/workspace/notes/a file' })}`)).includes('grüße'));
    check('a command that fails has its exit code', /7/.test(await server.ask('first', 'run: exit 7')));
    check('another conversation has another sandbox', (await server.ask('second', 'run: ls -A /workspace | wc -l')).trim().endsWith('0'));
    const [task] = this.sandboxes;
    check('the health check of the definition holds', await this.fargate.health(task!));
    check('and fails where nothing listens', await this.fargate.health(task!, '8081'), false);
    check('an init process is the first', (await server.ask('first', 'run: cat /proc/1/comm')).includes('node'), false);
    await Promise.all(['first', 'second'].map(id => server.over(id)));
    check('both end with their conversations', this.sandboxes.length, 0);
    check('and leave nothing', await this.fargate.left(), before);
    await this.streams();
  }

  /** A task of the test's own, whose token it knows. */
  private async streams(): Promise<void> {
    const token = randomBytes(16).toString('hex');
    const { SANDBOX_CLUSTER: cluster, SANDBOX_TASK_DEFINITION: taskDefinition, SANDBOX_SUBNETS, SANDBOX_SECURITY_GROUPS } = this.deployed.variables;
    const { tasks: [{ taskArn }] } = await this.call('RunTask', {
      cluster,
      taskDefinition,
      startedBy: 'test',
      tags: [],
      networkConfiguration: { awsvpcConfiguration: { subnets: SANDBOX_SUBNETS!.split(','), securityGroups: [SANDBOX_SECURITY_GROUPS], assignPublicIp: 'DISABLED' } },
      overrides: { containerOverrides: [{ name: 'sandbox', environment: [{ name: 'SANDBOX_TOKEN_SHA256', value: createHash('sha256').update(token).digest('hex') }] }] },
    }) as { tasks: [{ taskArn: string }] };
    await until(() => this.ecs.tasks.get(taskArn)!.lastStatus === 'RUNNING', 10_000);
    const { containers: [{ networkInterfaces: [{ privateIpv4Address: address }] }] } = this.ecs.tasks.get(taskArn) as unknown as
      { containers: [{ networkInterfaces: [{ privateIpv4Address: string }] }] };
    for (let tries = 0; tries < 100 && !(await fetch(`http://${address}:8080/health`).catch(() => undefined))?.ok; tries++) {
      await sleep(50);
    }
    const exec = (authorization: string) => new Promise<{ status: number; atMs: number[] }>((done, fail) => {
      const began = Date.now();
      const atMs: number[] = [];
      request({ host: address, port: 8080, method: 'POST', path: '/exec', headers: { authorization } }, response => {
        response.on('data', () => atMs.push(Date.now() - began)).on('end', () => done({ status: response.statusCode!, atMs }));
      }).once('error', fail).end(JSON.stringify({ command: 'echo first; sleep 1; echo last' }));
    });
    const { status, atMs } = await exec(`Bearer ${token}`);
    check('the output of a command comes while it runs', [status, atMs.at(-1)! - atMs[0]! > 800], [200, true]);
    check('a sandbox obeys nobody without its token', (await exec('Bearer another')).status, 401);
    await this.call('StopTask', { cluster, task: taskArn, reason: 'test' });
  }

  private async isFenced(server: FlueServer): Promise<void> {
    const script = readFileSync(join(__dirname, 'probe.mjs'), 'utf8');
    check('the server reaches its database, its registry and the internet', [
      await this.answers('http://203.0.113.10/'), await this.answers(`http://${this.network.addressOf('registry')}:443/`),
    ], [true, true]);

    await Promise.all(['fenced', 'other'].map(id => server.ask(id, 'run: true')));
    const places = JSON.stringify({
      server: `http://${this.network.addressOf('server')}:8080/health`,
      database: this.network.addressOf('database'),
      internet: 'http://203.0.113.10/',
      neighbour: `http://${this.network.addressOf('neighbour')}/`,
      other: `http://${this.addressOf('other')}:8080/health`,
      registry: this.network.addressOf('registry'),
    });
    const probe = async (id: string): Promise<Found> => {
      await server.ask(id, `call: write ${JSON.stringify({ path: '/tmp/probe.mjs', content: script })}`);
      const answer = await server.ask(id, `run: node /tmp/probe.mjs '${places}'`);
      const [found] = /\{"names.*\}/.exec(answer) ?? [];
      if (found === undefined) {
        throw new Error(`the probes of ${id} say nothing: ${answer}`);
      }
      return JSON.parse(found) as Found;
    };

    const fenced = await probe('fenced');
    check('from inside, nothing is reached but the port of the registry', fenced.reached, MAY);
    fenced.names.filter(name => !MAY.includes(name)).forEach(name => console.log(`     ${name}: ${fenced.reasons[name] ?? 'REACHED'}`));
    const seen = new Set<string>();
    const checkReach = (name: string, { reached }: Found, expected: readonly string[]) => {
      check(`${name}, the same probes reach ${expected.join(', ')}`, reached, [...MAY, ...expected].sort());
      reached.forEach(each => seen.add(each));
    };
    for (const [name, changes, expected] of OPEN) {
      this.network.fence(this.deployed.with(deployed => changes.forEach(change => change(deployed))));
      checkReach(`without ${name}`, await probe('fenced'), expected);
    }
    this.network.fence(this.deployed);
    const weak = await Promise.all(WEAK.map(([name, changes]) => {
      this.fargate.others.set(tagOf(name), this.deployed.with(deployed => changes.forEach(change => change(deployed))));
      return probe(name);
    }));
    WEAK.forEach(([name, , expected], index) => checkReach(`in a task ${name}`, weak[index]!, expected));
    check('each probe is shown to reach what it looks for where the fence is away', fenced.names.filter(name => !seen.has(name)), []);

    check('the metadata of the task hold no credentials', /AccessKey|SecretAccess|"Token"|Credential/i.test(fenced.told), false);
    const { Family, ContainerDefinitions: [{ Image, LogConfiguration }] } = this.deployed.sandbox;
    check('they name what docs/sandboxes.md says', [
      ACCOUNT, this.deployed.variables.SANDBOX_CLUSTER!, Family, Image, LogConfiguration.Options['awslogs-group']!,
    ].filter(name => !fenced.told.includes(name)), []);
    check('another host of the VPC does not reach a sandbox', this.neighbourReads('other'), 'nothing');
    this.network.fence(this.deployed.with(fences.openIngress));
    check('and does where the groups let everything in', this.neighbourReads('other'), 'ok');
    this.network.fence(this.deployed);
    await Promise.all(['fenced', 'other', ...WEAK.map(([name]) => name)].map(id => server.over(id)));
  }

  private taskOf(id: string): EcsTask {
    return this.sandboxes.find(({ tags }) => tags.some(({ value }) => value === tagOf(id)))!;
  }

  private addressOf(id: string): string {
    return this.fargate.addressOf(this.taskOf(id));
  }

  private neighbourReads(id: string): string {
    try {
      return execFileSync('nsenter', [
        `--net=${this.network.pathOf('neighbour')}`, 'curl', '--silent', '--max-time', '1.5', `http://${this.addressOf(id)}:8080/health`,
      ], { encoding: 'utf8' });
    } catch {
      return 'nothing';
    }
  }

  private async answers(url: string): Promise<boolean> {
    return fetch(url, { signal: AbortSignal.timeout(2000) }).then(({ ok }) => ok, () => false);
  }

  private async endsByItself(server: FlueServer): Promise<void> {
    const before = await this.fargate.left();
    this.fargate.others.set(tagOf('idle'), this.deployed.with(fences.shorten('SANDBOX_IDLE_SECONDS', 2)));
    this.fargate.others.set(tagOf('old'), this.deployed.with(fences.shorten('SANDBOX_MAX_LIFETIME_SECONDS', 5)));
    const long = server.ask('idle', 'run: sleep 4; echo done');
    await server.ask('old', 'run: (sleep 60 &) ; true');
    const old = this.taskOf('old');
    check('a sandbox that is younger than its lifetime runs', this.sandboxes.includes(old));
    check('a command that takes longer than the idle time is not cut', (await long).includes('done'));
    check('a sandbox ends when it is too old, with what it runs', await until(() => !this.sandboxes.includes(old), 6000));
    check('and another when it is idle', await until(() => this.sandboxes.length === 0, 6000));
    check('and both leave nothing', await this.fargate.left(), before);
  }

  /** Runs the state machine of the template. */
  private reap(): Promise<unknown> {
    return walk(this.deployed.reaper, async (action, input: { readonly [name: string]: never }) => {
      switch (action) {
        case 'ecs:listTasks':
        case 'ecs:describeTasks':
        case 'ecs:stopTask':
          return forStepFunctions(await this.call(action.replace(/^ecs:./, letter => letter.at(-1)!.toUpperCase()), forEcs(input) as object));
        case 'cloudwatch:putMetricData':
          this.counts.push((input as unknown as { MetricData: [{ Value: number }] }).MetricData[0].Value);
          return {};
        default:
          throw new Error(`the reaper has no way to ${action}`);
      }
    });
  }

  private async isReaped(killed: FlueServer): Promise<void> {
    const before = await this.fargate.left();
    const next = this.serverOf(1);
    await this.start(next);
    await Promise.all(Array.from({ length: ORPHANS }, (_, index) => killed.ask(`orphan-${index}`, 'run: (sleep 300 &) ; true')));
    await next.ask('kept', 'run: true');
    await this.reap();
    check('the reaper leaves the sandboxes of servers that run', [this.sandboxes.length, this.counts.at(-1)], [ORPHANS + 1, ORPHANS + 1]);
    await killed.end('SIGKILL');
    await sleep(1000);
    check('the sandboxes of a server that is killed go on', this.sandboxes.length, ORPHANS + 1);
    Object.assign(this.ecs.tasks.get(killed.arn)!, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED' });
    await this.reap();
    check('the reaper ends them, and counts the one of the next server', [this.sandboxes.length, this.counts.at(-1)], [1, 1]);
    check('which goes on with its work', (await next.ask('kept', 'run: echo still here')).includes('still here'));
    await next.over('kept');
    check('and all leave nothing', await this.fargate.left(), before);
  }

  private async leavesNothing(server: FlueServer): Promise<void> {
    const before = await this.fargate.left();
    const outputs: string[] = [];
    await Promise.all(Array.from({ length: LANES }, async (_, lane) => {
      for (let index = lane; index < SESSIONS; index += LANES) {
        const id = `session-${index}`;
        outputs[index] = await server.ask(id, `run: head -c 100000 /dev/urandom >/tmp/a; cp /tmp/a .; (sleep 300 &) ; echo ${index} >>ours; cat ours`);
        if (index % 10 === 3) {
          await this.fargate.crash(this.taskOf(id));
        } else {
          await server.over(id);
        }
      }
    }));
    check(`${SESSIONS} sessions each had a sandbox of their own`, outputs.map(output => output.trim()), outputs.map((_, index) => `tool said: ${index}`));
    await server.ask('last', 'run: true');
    check('a sandbox that runs is seen among what is left', (await this.fargate.left()).length > before.length);
    await server.over('last');
    check('nothing of them is left', await this.fargate.left(), before);
    check('and no task of them runs', this.sandboxes.length, 0);
  }

  private async call(action: string, input: object): Promise<object> {
    const response = await fetch(this.endpoint, {
      method: 'POST', headers: { 'x-amz-target': `AmazonEC2ContainerServiceV20141113.${action}` }, body: JSON.stringify(input),
    });
    const answer = await response.json() as { __type?: string };
    if (!response.ok) {
      throw new SdkError(`Ecs.${answer.__type}`);
    }
    return answer;
  }
}

/** The integrations of Step Functions name every field with a capital, and write times as text. */
function forStepFunctions(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    return value.map(each => forStepFunctions(each));
  }
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name[0]!.toUpperCase() + name.slice(1), forStepFunctions(each, name)]));
  }
  return key === 'createdAt' ? new Date(Number(value) * 1000).toISOString() : value;
}

function forEcs(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(forEcs);
  }
  return value !== null && typeof value === 'object'
    ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name[0]!.toLowerCase() + name.slice(1), forEcs(each)])) : value;
}

async function main(): Promise<void> {
  const { proof, close } = await Proof.begin();
  try {
    await proof.all();
  } finally {
    await close();
  }
}

process.once('SIGTERM', () => process.exit(143));
main().catch((error: Error) => {
  failed++;
  console.log(`FAIL it ended early\n${(error.stack ?? error.message).replace(/^/gm, '     ')}`);
}).finally(() => {
  rmSync(join(folder, 'app'), { recursive: true, force: true });
  console.log(`counted ${passed} ${failed}`);
  process.exit(failed === 0 ? 0 : 1);
});
