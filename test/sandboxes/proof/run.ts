import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildApp, buildImage, IMAGE, impatient, type Major } from './build';
import { check, counted, spread, timed, until } from './check';
import * as fences from './fences';
import { Fargate } from './machine';
import { differsFromAws, missingInDocs } from './metadata';
import { Network } from './network';
import { callEcs, reap } from './reaper';
import { ACCOUNT, DATABASE_PORT, readDeployed, REGION, synthesize, type Deployed } from './template';
import { AGENTS, end, Flue0Server, Flue2Server, serve, type FlueServer } from './world';
import { Ecs, type EcsTask } from '../ecs';

/**
 * Runs the sandboxes of real Flue agents as tasks of a synthesized template, and tries to get out of them: `run.ts FOLDER PREFIX`.
 * With `hold BUILT` behind it, it only brings up what a run has built in the folder BUILT, and waits to be stopped.
 *
 * Fargate, the VPC and the APIs of AWS are stand-ins. run.sh calls it in the network of the server.
 */

const [folder, prefix, mode, built = folder] = process.argv.slice(2) as [string, string, 'hold' | undefined, string | undefined];
const ASSEMBLY = join(built, 'cdk.out');
const APPS: ReadonlyArray<readonly [Major, string]> = [[0, join(built, 'app-0')], [2, join(built, 'app-2')], [0, join(built, 'app-next')]];
const SESSIONS = 50;
const ORPHANS = 5;
const OWNER = `arn:aws:ecs:${REGION}:${ACCOUNT}:task/AgentsCluster`;
/** The servers: one of each version of Flue that is killed, and one that looks often. */
const SERVERS = { first: 0, second: 1, next: 2 } as const;

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
  ['without an init process', [fences.takeInit], ['a process that nobody buried']],
];
/** The one place that a sandbox may reach. */
const MAY = ['the registry'];

async function build(): Promise<void> {
  await timed('synthesize', () => synthesize(ASSEMBLY));
  await timed('image of the sandbox', () => buildImage(ASSEMBLY));
  await timed('apps on Flue 0.10 and 2 with the adapter', () => {
    const [[, first], [, second], [, next]] = APPS;
    buildApp(0, first);
    buildApp(2, second);
    impatient(first, next);
  });
}

class Proof {
  public static async begin(): Promise<{ readonly proof: Proof; close(): Promise<void> }> {
    const deployed = readDeployed(ASSEMBLY);
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
      STATE_FILE: join(folder, 'state.db'),
      DATABASE_URL: url.replace('@localhost:', `@${network.addressOf('database')}:`).replace('sslmode=verify-full', 'sslmode=require'),
      NODE_EXTRA_CA_CERTS: caFile,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'stand-in',
      AWS_SECRET_ACCESS_KEY: 'stand-in',
      AWS_ENDPOINT_URL_ECS: endpoint,
    };
    const servers = new Map<number, FlueServer>();
    const serverOf = (index: number) => {
      const [major, directory] = APPS[index]!;
      const kind = { 0: Flue0Server, 2: Flue2Server }[major];
      const server = servers.get(index) ?? new kind(directory, `${OWNER}/server-${index}`, 8080 + index, environment);
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

  private constructor(
    private readonly deployed: Deployed, private readonly network: Network, private readonly fargate: Fargate, private readonly ecs: Ecs,
    private readonly endpoint: string, private readonly serverOf: (index: number) => FlueServer,
  ) {}

  public async all(): Promise<void> {
    const [first, second, next] = [SERVERS.first, SERVERS.second, SERVERS.next].map(this.serverOf) as [FlueServer, FlueServer, FlueServer];
    await timed('servers', async () => {
      // two servers on Flue 0.10 that make their tables at once stand in each other's way
      await Promise.all([first, second].map(server => this.start(server)));
      await this.start(next);
    });
    await timed('an agent on Flue 0.10 at work', () => this.works('Flue 0.10', first));
    await timed('an agent on Flue 2 at work', () => this.works('Flue 2', second));
    await timed('output', () => this.streams());
    await timed('probes', () => this.isFenced(first));
    await timed('ends by itself', () => this.endsByItself(first));
    await timed('servers that are killed', () => this.isReaped([['Flue 0.10', first], ['Flue 2', second]], next));
    await timed(`${SESSIONS} sessions`, () => this.leavesNothing(next));
    console.log(`     podman started ${this.fargate.startMs.length} sandboxes: ${spread(this.fargate.startMs)}`);
  }

  /** Brings up what a stop of the test has to take away. */
  public async hold(): Promise<void> {
    const servers = [SERVERS.first, SERVERS.second].map(this.serverOf);
    await Promise.all(servers.map(server => this.start(server)));
    await Promise.all(servers.map(server => server.ask('held', 'run: (sleep 300 &) ; echo >kept')));
    console.log('holds');
    await sleep(600_000);
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

  private async works(flue: string, server: FlueServer): Promise<void> {
    const of = (name: string) => `${flue}: ${name}`;
    const before = await this.fargate.left();
    check(of('no sandbox runs before it is used'), this.sandboxes.length, 0);
    const began = Date.now();
    check(of('an agent runs a command in a sandbox, as the user `agent`'), /uid=1000\(agent\).*\n\/workspace/s.test(await server.ask('first', 'run: id; pwd')));
    console.log(`     the first command of a conversation: ${((Date.now() - began) / 1000).toFixed(1)} s, with the start of its sandbox`);
    check(of('one sandbox runs, with what the template says'), [this.sandboxes.length, this.sandboxes[0]!.tags.map(({ key }) => key)],
      [1, ['cdk-flue:sandbox', 'cdk-flue:session', 'cdk-flue:owner']]);
    check(of('it is the one of its server and its conversation'), this.sandboxes[0]!.tags.slice(1).map(({ value }) => value), [tagOf('first'), server.arn]);
    await server.ask('first', `call: write ${JSON.stringify({ path: 'notes/a file', content: 'grüße\n' })}`);
    check(of('a file that the agent writes is there for its commands'), (await server.ask('first', 'run: cat "notes/a file"')).includes('grüße'));
    check(of('a file of a command can be read by the agent'), (await server.ask('first', `call: read ${JSON.stringify({ path: '/workspace/notes/a file' })}`)).includes('grüße'));
    check(of('output that comes bit by bit arrives whole'), /1\n2\n3\n4/.test(await server.ask('first', 'run: for n in 1 2 3 4; do echo $n; sleep 0.2; done')));
    check(of('a command that fails has its exit code'), /\b73\b/.test(await server.ask('first', 'run: exit 73')));
    check(of('another conversation has another sandbox'), (await server.ask('second', 'run: ls -A /workspace | wc -l')).trim().endsWith('0'));
    check(of('which is the second'), this.sandboxes.length, 2);
    await Promise.all(['first', 'second'].map(id => server.over(id)));
    check(of('both end with their conversations'), this.sandboxes.length, 0);
    check(of('and leave nothing'), await this.fargate.left(), before);
  }

  /** A task of the test's own, whose token it knows. */
  private async streams(): Promise<void> {
    const token = randomBytes(16).toString('hex');
    const { SANDBOX_CLUSTER: cluster, SANDBOX_TASK_DEFINITION: taskDefinition, SANDBOX_SUBNETS, SANDBOX_SECURITY_GROUPS } = this.deployed.variables;
    const { tasks: [{ taskArn }] } = await callEcs(this.endpoint, 'RunTask', {
      cluster,
      taskDefinition,
      startedBy: 'test',
      tags: [],
      networkConfiguration: { awsvpcConfiguration: { subnets: SANDBOX_SUBNETS!.split(','), securityGroups: [SANDBOX_SECURITY_GROUPS], assignPublicIp: 'DISABLED' } },
      overrides: { containerOverrides: [{ name: 'sandbox', environment: [{ name: 'SANDBOX_TOKEN_SHA256', value: createHash('sha256').update(token).digest('hex') }] }] },
    }) as { tasks: [{ taskArn: string }] };
    const task = this.ecs.tasks.get(taskArn)!;
    await until(() => task.lastStatus === 'RUNNING', 10_000);
    const { containers: [{ networkInterfaces: [{ privateIpv4Address: address }] }] } = task as unknown as
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
    check('the health check of the definition holds', await this.fargate.health(task));
    check('and fails where nothing listens', await this.fargate.health(task, '8081'), false);
    check('a sandbox obeys nobody without its token', (await exec('Bearer another')).status, 401);
    await callEcs(this.endpoint, 'StopTask', { cluster, task: taskArn, reason: 'test' });
  }

  private async isFenced(server: FlueServer): Promise<void> {
    const script = readFileSync(join(__dirname, 'probe.mjs'), 'utf8');
    const reaches = async () => [
      await speaksPostgres(this.network.addressOf('database')), await this.answers('http://203.0.113.10/'), await this.answers(`http://${this.network.addressOf('registry')}:443/`),
    ];
    check('the server reaches its database, the internet and the registry', await reaches(), [true, true, true]);
    const { groups: [serverGroup] } = this.deployed.server;
    const [[, { VPCSecurityGroups: [databaseGroup] }]] = this.deployed.of('AWS::RDS::DBInstance');
    this.network.fence(this.deployed.with(fences.closeBetween(serverGroup!, databaseGroup)));
    check('and the others alone without the rule between the groups of both', await reaches(), [false, true, true]);
    this.network.fence(this.deployed);

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
    check('they have the fields that AWS documents, and no others', differsFromAws(fenced.told), []);
    check('docs/sandboxes.md says what these tell of an account', missingInDocs(), []);
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

  /** Kills servers, and has the state machine of the template look after what they left. */
  private async isReaped(killed: ReadonlyArray<readonly [string, FlueServer]>, next: FlueServer): Promise<void> {
    const before = await this.fargate.left();
    await next.ask('kept', 'run: true');
    for (const [flue, server] of killed) {
      const of = (name: string) => `${flue}: ${name}`;
      await Promise.all(Array.from({ length: ORPHANS }, (_, index) => server.ask(`orphan-${index}`, 'run: (sleep 300 &) ; true')));
      check(of('the reaper leaves the sandboxes of servers that run'), [await reap(this.deployed, this.endpoint), this.sandboxes.length], [ORPHANS + 1, ORPHANS + 1]);
      await server.end('SIGKILL');
      await sleep(1000);
      check(of('the sandboxes of a server that is killed go on'), this.sandboxes.length, ORPHANS + 1);
      Object.assign(this.ecs.tasks.get(server.arn)!, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED' });
      check(of('the reaper ends them, and counts the one of the next server'), [await reap(this.deployed, this.endpoint), this.sandboxes.length], [1, 1]);
      check(of('which goes on with its work'), (await next.ask('kept', 'run: echo still here')).includes('still here'));
    }
    await next.over('kept');
    check('and all leave nothing', await this.fargate.left(), before);
  }

  /** One after another: each is over before the next begins. */
  private async leavesNothing(server: FlueServer): Promise<void> {
    const before = await this.fargate.left();
    const outputs: string[] = [];
    const most: number[] = [];
    const tookMs: number[] = [];
    const kept: string[] = [];
    for (let index = 0; index < SESSIONS; index++) {
      const id = `session-${index}`;
      const began = Date.now();
      outputs.push(await server.ask(id, `run: head -c 100000 /dev/urandom >/tmp/a; cp /tmp/a .; (sleep 300 &) ; echo ${index} >>ours; cat ours`));
      most.push(this.sandboxes.length);
      if (index % 10 === 3) {
        await this.fargate.crash(this.taskOf(id));
      } else {
        await server.over(id);
      }
      tookMs.push(Date.now() - began);
      kept.push(...this.sandboxes.map(({ taskArn }) => `${taskArn} after ${id}`));
    }
    console.log(`     each session, from its first word to its end: ${spread(tookMs)}`);
    check(`${SESSIONS} sessions each had a sandbox of their own`, outputs.map(output => output.trim()), outputs.map((_, index) => `tool said: ${index}`));
    check('one at a time', [Math.max(...most), kept], [1, []]);
    await server.ask('last', 'run: true');
    check('a sandbox that runs is seen among what is left', (await this.fargate.left()).length > before.length);
    await server.over('last');
    check('nothing of them is left', await this.fargate.left(), before);
    check('and no task of them runs', this.sandboxes.length, 0);
  }
}

/** Asks for TLS, as a client of Postgres begins. */
function speaksPostgres(host: string): Promise<boolean> {
  return new Promise(done => {
    const socket = connect({ host, port: DATABASE_PORT });
    socket.setTimeout(2000, () => socket.destroy(new Error('no answer')));
    socket.once('connect', () => socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])));
    socket.once('data', data => {
      done(data.toString() === 'S');
      socket.destroy();
    }).once('error', () => done(false)).once('close', () => done(false));
  });
}

async function main(): Promise<void> {
  if (mode !== 'hold') {
    await build();
  }
  const { proof, close } = await Proof.begin();
  try {
    await (mode === 'hold' ? proof.hold() : proof.all());
  } finally {
    await close();
  }
}

process.once('SIGTERM', () => process.exit(143));
main().catch((error: Error) => {
  counted.failed++;
  console.log(`FAIL it ended early\n${(error.stack ?? error.message).replace(/^/gm, '     ')}`);
}).finally(() => {
  console.log(`counted ${counted.passed} ${counted.failed}`);
  process.exit(counted.failed === 0 ? 0 : 1);
});
