import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { cdk, Cloud, startEmulator, stopChildren, type Environment } from './cloud';

/** A deployment of the box takes about so long here, after which its probes and its destruction follow. */
const LONGEST_MS = 30_000;
const READY = 'If this process is killed';
const SIGNALS = ['SIGINT', 'SIGKILL', 'SIGTERM'] as const;

/** What is in the emulator that a run could leave: names, by kind. */
async function everythingIn({ call }: Cloud): Promise<string[]> {
  const kinds: [string, string, (answer: any) => unknown[]][] = [
    ['cloudformation', 'describe_stacks', answer => answer.Stacks.map((it: any) => it.StackName)],
    ['ec2', 'describe_vpcs', answer => answer.Vpcs.map((it: any) => it.VpcId)],
    ['ec2', 'describe_volumes', answer => answer.Volumes.filter((it: any) => it.State !== 'deleted').map((it: any) => it.VolumeId)],
    ['ec2', 'describe_addresses', answer => answer.Addresses.map((it: any) => it.PublicIp)],
    ['ec2', 'describe_launch_templates', answer => answer.LaunchTemplates.map((it: any) => it.LaunchTemplateId)],
    ['autoscaling', 'describe_auto_scaling_groups', answer => answer.AutoScalingGroups.map((it: any) => it.AutoScalingGroupName)],
    ['rds', 'describe_db_instances', answer => answer.DBInstances.map((it: any) => it.DBInstanceIdentifier)],
    ['secretsmanager', 'list_secrets', answer => answer.SecretList.map((it: any) => it.Name)],
    ['logs', 'describe_log_groups', answer => answer.logGroups.map((it: any) => it.logGroupName)],
    ['sns', 'list_topics', answer => answer.Topics.map((it: any) => it.TopicArn)],
    ['iam', 'list_roles', answer => answer.Roles.map((it: any) => it.RoleName)],
    ['cloudwatch', 'describe_alarms', answer => answer.MetricAlarms.map((it: any) => it.AlarmName)],
  ];
  const found: string[] = [];
  for (const [service, operation, names] of kinds) {
    found.push(...names(await call(service, operation)).map(name => `${operation}: ${name}`));
  }
  return found.sort();
}

/** The runs that are alive. */
const runs = new Set<ChildProcess>();

function start(env: Environment, work: string, args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, ['--require', 'ts-node/register/transpile-only', join(__dirname, 'run.ts'), '--emulated', '--yes', '--report', join(work, 'report'), ...args], {
    env: { ...process.env, EMULATOR: JSON.stringify(env) }, stdio: ['ignore', 'pipe', 'inherit'],
  });
  runs.add(child);
  child.on('exit', () => runs.delete(child));
  return child;
}

interface Killed {
  readonly signal: string;
  readonly after: number;
  /** Whether the run had said how to destroy what it makes. */
  readonly begun: boolean;
}

/** Ends a run at a random moment after it has begun to create; destroys what a run that had no time for it has left. */
async function kill(env: Environment, work: string, number: number): Promise<Killed> {
  const run = `kill${number}`;
  const signal = SIGNALS[number % SIGNALS.length];
  const after = randomInt(LONGEST_MS);
  const child = start(env, work, ['--only', 'box', '--run', run]);
  const exited = once(child, 'exit');
  let begun = false;
  for await (const line of createInterface(child.stdout!)) {
    begun = line.startsWith(READY);
    if (begun) break;
  }
  child.stdout!.resume();
  await Promise.race([sleep(after), exited]);
  child.kill(signal);
  await exited;
  if (signal === 'SIGKILL') {
    const destroys = start(env, work, ['--destroy', '--run', run]);
    destroys.stdout!.resume();
    await once(destroys, 'exit');
  }
  return { signal, after, begun };
}

async function main(count: number): Promise<number> {
  const work = mkdtempSync(join(tmpdir(), 'flue-kills-'));
  let failed = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      runs.forEach(run => run.kill('SIGKILL'));
      stopChildren();
      rmSync(work, { recursive: true, force: true });
      process.exit(130);
    });
  }
  try {
    const env = await startEmulator(work);
    const cloud = new Cloud({ ...env, DEPLOYED_TO: 'emulator' });
    await cdk(['bootstrap', `aws://111122223333/${env.AWS_REGION}`], env);
    const before = await everythingIn(cloud);
    for (let number = 0; number < count; number++) {
      const { signal, after, begun } = await kill(env, work, number);
      const left = (await everythingIn(cloud)).filter(name => !before.includes(name));
      if (!begun) left.push('the run ended before it created anything');
      failed += left.length > 0 ? 1 : 0;
      process.stdout.write(`${left.length > 0 ? 'FAILED' : 'ok    '} ${signal} ${(after / 1000).toFixed(1)} s after the beginning leaves nothing\n${left.map(name => `         ${name}\n`).join('')}`);
    }
    // The look can see a leftover, or it would prove nothing.
    await cloud.call('sns', 'create_topic', { Name: 'left' });
    const planted = (await everythingIn(cloud)).filter(name => !before.includes(name));
    failed += planted.length > 0 ? 0 : 1;
    process.stdout.write(`${planted.length > 0 ? 'ok    ' : 'FAILED'} a planted leftover is seen\n`);
    process.stdout.write(`${count + 1 - failed} passed, ${failed} failed\n`);
  } finally {
    stopChildren();
    rmSync(work, { recursive: true, force: true });
  }
  return failed > 0 ? 1 : 0;
}

void main(Number(process.argv[2] ?? 10)).then(code => process.exit(code));
