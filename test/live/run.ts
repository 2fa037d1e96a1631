import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { CERTIFICATE, synthesize } from './app';
import { deleteCertificates, importCertificate } from './certificate';
import { cdk, Cloud, startEmulator, stopChildren, type Environment } from './cloud';
import { Deployment } from './deployment';
import { commandFor, destroyRun } from './destroy';
import { parseOptions, Refusal, USAGE, type Options } from './options';
import { describePlan } from './plan';
import { PROBES } from './probes';
import { nameOf, publishable, renderReport, type Report, type Result } from './report';
import { deployAndAsk, destroyAndAsk } from './session';
import { HOSTS, prefixOf, stacksOf } from './stacks';
import * as library from '../../src';

const ROOT = join(__dirname, '../..');
const OWN_ADDRESS = 'https://checkip.amazonaws.com';
const BOOTSTRAP = '/cdk-bootstrap/hnb659fds/version';
const EMULATED_IMAGE = 'registry.example.com/agents:1';
const EMULATED_PEER = '203.0.113.7/32';
const MARK = { holds: 'ok     ', broken: 'FAILED ', skipped: 'skipped' };

/** Why a run ends before its probes are through. */
class Ended extends Error {}

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(options: Options, work: string): Promise<number> {
  const env = await environmentOf(options, work);
  const region = env.AWS_REGION!;
  const run = options.run ?? randomBytes(4).toString('hex');
  const image = options.image ?? (options.emulated ? EMULATED_IMAGE : undefined);
  const peer = options.emulated ? EMULATED_PEER : options.from ?? `${(await (await fetch(OWN_ADDRESS)).text()).trim()}/32`;
  const cloud = new Cloud({
    ...env,
    DEPLOYED_TO: options.emulated ? 'emulator' : 'aws',
    STACK_PREFIX: prefixOf(run),
    DEPLOYED_OTHERWISE: JSON.stringify({ protected: false, peer, drain: '15', image: image?.split('/').pop() ?? '' }),
  });
  const pause = options.emulated ? async () => undefined : async (seconds: number) => { await sleep(seconds * 1000); };
  if (options.destroy) {
    const { gone, left: stacks } = await destroyRun(cloud.call, options.run, pause, say);
    const left = [...stacks, ...await deleteCertificates(cloud.call, options.run, pause)];
    left.forEach(it => say(`left: ${it}`));
    say(`${gone.length} destroyed, ${left.length} left`);
    return left.length > 0 ? 1 : 0;
  }
  const { Account: account } = await cloud.call('sts', 'get_caller_identity') as { Account: string };
  await requireBootstrap(cloud, env, account, region, options.emulated);

  const outdir = join(work, 'app');
  const all = await synthesize(library, { run, outdir, image, peer });
  const templates = new Map([...all].filter(([name]) => stacksOf(options.hosts).some(stack => name === prefixOf(run) + stack)));
  say(describePlan({ ...options, run, account, region, templates }));
  if (!options.yes && !await agrees()) {
    say('Nothing was created.');
    return 2;
  }
  return deployed(options, { run, work, env, region, cloud, outdir, pause });
}

interface Started {
  readonly run: string;
  readonly work: string;
  readonly env: Environment;
  readonly region: string;
  readonly cloud: Cloud;
  readonly outdir: string;
  readonly pause: (seconds: number) => Promise<void>;
}

/** From here on something is created: whatever happens, it is destroyed, or the command that does is printed. */
async function deployed(options: Options, { run, work, env, region, cloud, outdir, pause }: Started): Promise<number> {
  const started = Date.now();
  const ending = new AbortController();
  const command = commandFor(run, region);
  say(`If this process is killed, this destroys what it made:\n  ${command}\n`);
  const interrupt = (signal: NodeJS.Signals) => {
    if (ending.signal.aborted) {
      say(`\nYou interrupted it again. This destroys what is left:\n  ${command}`);
      stopChildren();
      process.exit(130);
    }
    say(`\n${signal}: it ends, and destroys what it made. Once more, and it stops at once.`);
    ending.abort(new Ended('it was interrupted.'));
  };
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  signals.forEach(signal => process.on(signal, interrupt));
  const budget = setTimeout(() => ending.abort(new Ended(`its ${options.minutes} minutes were over.`)), options.minutes * 60_000);
  const results: Result[] = [];
  const secrets: string[] = [];
  const note = (result: Result) => {
    results.push(result);
    say(`${MARK[result.outcome]} ${[result.host, result.probe].filter(Boolean).join(' ')}: ${result.says}`);
  };
  let ended: string | undefined;
  try {
    const parameters = options.hosts.includes('signin')
      ? [`${prefixOf(run)}${HOSTS.signin}:${CERTIFICATE}=${await importCertificate(cloud.call, run, work)}`]
      : [];
    const deployment = new Deployment(run, outdir, env, cloud.call, ending.signal, parameters);
    await deployAndAsk({
      ...options,
      run,
      cloud,
      signal: ending.signal,
      note,
      deployment: {
        deploy: (...args) => deployment.deploy(...args),
        world: (...args) => deployment.world(...args),
        token: async () => {
          const token = await deployment.token();
          secrets.push(token);
          return token;
        },
      },
    });
  } catch (error) {
    ended = (error as Error).message;
    say(`It ends early: ${ended}`);
  }
  clearTimeout(budget);
  if (options.keep) {
    note({ probe: 'destruction', outcome: 'skipped', says: '--keep was passed', seconds: 0 });
    say(`Everything is left running. This destroys it:\n  ${command}`);
  } else {
    try {
      note(await destroyAndAsk(cloud.call, run, pause, say));
    } catch (error) {
      note({ probe: 'destruction', outcome: 'broken', says: (error as Error).message, seconds: 0 });
      say(`It could not be destroyed. This does it:\n  ${command}`);
    }
  }
  const version = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;
  write(options.report, publishable({
    date: new Date().toISOString().slice(0, 10),
    emulated: options.emulated,
    region,
    hosts: options.hosts,
    library: version,
    minutes: Math.ceil((Date.now() - started) / 60_000),
    results,
    ...ended === undefined ? {} : { ended },
  }, secrets));
  const count = (outcome: Result['outcome']) => results.filter(result => result.outcome === outcome).length;
  say(`${count('holds')} passed, ${count('broken') + (ended === undefined ? 0 : 1)} failed, ${count('skipped')} skipped`);
  return count('broken') > 0 || ended !== undefined ? 1 : 0;
}

function write(directory: string, report: Report): void {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, nameOf(report));
  writeFileSync(`${path}.json`, `${JSON.stringify(report, undefined, 2)}\n`);
  writeFileSync(`${path}.md`, renderReport(report));
  say(`The report is ${path}.md`);
}

async function environmentOf({ emulated, region }: Options, work: string): Promise<Environment> {
  if (emulated) {
    return process.env.EMULATOR === undefined ? startEmulator(work) : JSON.parse(process.env.EMULATOR) as Environment;
  }
  const chosen = region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  if (chosen === undefined) {
    throw new Refusal('No region is known: pass --region, or set AWS_REGION.');
  }
  return { ...process.env, AWS_REGION: chosen, AWS_DEFAULT_REGION: chosen };
}

async function requireBootstrap(cloud: Cloud, env: Environment, account: string, region: string, emulated: boolean): Promise<void> {
  try {
    await cloud.call('ssm', 'get_parameter', { Name: BOOTSTRAP });
  } catch (error) {
    if (!(error as Error).message.includes('ParameterNotFound')) throw error;
    if (!emulated) {
      throw new Refusal(`The CDK has no bootstrap stack in ${region}: run npx cdk bootstrap aws://${account}/${region}.`);
    }
    const { ok, output } = await cdk(['bootstrap', `aws://${account}/${region}`], env);
    if (!ok) throw new Error(output);
  }
}

async function agrees(): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new Refusal('Nobody is there to agree: pass --yes.');
  }
  const asking = createInterface(process.stdin, process.stdout);
  const answer = await asking.question('Create it? [y/N] ');
  asking.close();
  return /^y(es)?$/i.test(answer.trim());
}

async function begin(): Promise<number> {
  const work = mkdtempSync(join(tmpdir(), 'flue-live-'));
  try {
    const options = parseOptions(process.argv.slice(2), PROBES.map(({ name }) => name));
    if (options.help) {
      process.stdout.write(USAGE);
      return 0;
    }
    return await main(options, work);
  } catch (error) {
    process.stderr.write(`${error instanceof Refusal ? error.message : (error as Error).stack}\n`);
    return 2;
  } finally {
    stopChildren();
    rmSync(work, { recursive: true, force: true });
  }
}

void begin().then(code => process.exit(code));
