import { existsSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Bench } from '../lib/bench';
import { COMPILER, LOWEST_PEERS, install, project } from '../lib/npm';
import { run } from '../lib/shell';
import { NODE_APPS, commonJs, source } from '../lib/sources';
import { checkStarters, share } from '../lib/starters';

const STRICT = {
  compilerOptions: {
    target: 'ES2022',
    module: 'node16',
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: true,
    // The declarations of the library are part of what is checked.
    skipLibCheck: false,
    outDir: 'out',
  },
  include: ['*.ts'],
};

/** The tarball in a fresh project outside the repository, on the lowest versions of its peers. */
export async function nodeLane(bench: Bench): Promise<void> {
  const { report } = bench;
  const { cwd } = project(bench, 'node');
  await bench.copy('examples/agents', join(cwd, 'examples/agents'));
  await bench.copy('examples/typescript', join(cwd, 'examples/typescript'));
  if (!await report.check('npm: install', async () => {
    await install([bench.artefact('js', '.tgz'), ...LOWEST_PEERS, ...COMPILER], { cwd });
    return LOWEST_PEERS.join(', ');
  })) return;

  for (const app of NODE_APPS) {
    writeFileSync(join(cwd, `${app}.ts`), source(app));
    writeFileSync(join(cwd, `${app}.mjs`), source(app));
    writeFileSync(join(cwd, `${app}.cjs`), commonJs(app));
  }
  writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify(STRICT));
  const compiled = await report.check('npm: TypeScript strict, compile', async () => {
    await run(join(cwd, 'node_modules/.bin/tsc'), [], { cwd });
  });
  await report.check('npm: TypeScript 6, strict, types', async () => {
    return (await run(process.execPath, [join(__dirname, '../lib/types.cjs')], { cwd })).trim();
  });

  // What the compiler writes is CommonJS.
  const forms: [string, string, string][] = [compiled ? ['TypeScript strict, CommonJS', 'out/', '.js'] : ['CommonJS', '', '.cjs'], ['ESM', '', '.mjs']];
  for (const [form, folder, ending] of forms) {
    for (const app of NODE_APPS) {
      const file = [`${folder}${app}${ending}`];
      await report.check(`npm: ${form}, ${app}`, async () => bench.mustEqual(app, await bench.synthesize('node', file, cwd)));
    }
  }
  const example = join(cwd, 'examples/typescript');
  await report.check('npm: examples/typescript', async () => bench.mustEqual('example', await bench.synthesize('node', ['bin/agents.ts'], example)));
  await report.check('npm: examples/typescript, types', async () => {
    await run('npm', ['run', 'typecheck'], { cwd: example });
  });
  await checkStarters(bench, 'npm', {
    language: 'typescript',
    command: join(cwd, 'node_modules/.bin/cdk-flue'),
    // What the starter names itself, and the tarball in place of the release.
    prepare: async (starter, first) => {
      if (first === undefined) await install([bench.artefact('js', '.tgz')], { cwd: starter });
      else share('node_modules', starter, first);
    },
    // The Node that the starter brings along.
    program: ['node_modules/.bin/node'],
    types: ['npm', 'run', 'typecheck'],
    entry: 'bin/agents.ts',
    judged: ['ec2', 'fargate'],
  });
  await report.check('npm: npx cdk synth, with the Node of the machine', async () => {
    const ofMachine = { PATH: process.env.PATH!.split(delimiter).filter(entry => !entry.includes('node_modules')).join(delimiter) };
    const starter = join(bench.place('init-typescript-express'), 'cdk');
    await run('npx', ['cdk', 'synth', '--quiet', '--no-notices'], { cwd: starter, env: ofMachine });
    if (!existsSync(join(starter, 'cdk.out/FlueExpressStack.template.json'))) throw new Error('It wrote no template');
    const [machine, own] = await Promise.all([run('node', ['--version'], { cwd: starter, env: ofMachine }), run('npx', ['node', '--version'], { cwd: starter, env: ofMachine })]);
    return `${machine.trim()} on the machine, ${own.trim()} of the starter`;
  });
}
