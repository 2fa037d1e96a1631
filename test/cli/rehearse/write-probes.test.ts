import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from '../../../src/cli/main';
import { parseOptions } from '../../../src/cli/rehearse/options';
import { Probes } from '../../../src/cli/rehearse/probes';
import { FLUE_0, FLUE_2, removeFixtures, temporaryDirectory, write } from '../../image/fixtures';
import { captureOutput } from '../capture-output';

const output = captureOutput();

afterEach(() => {
  removeFixtures();
});

const AGENT = { 'src/agents/helper.ts': 'export const route = async (_c, next) => next();\n' };

test('what is written is what a rehearsal reads', async () => {
  const directory = write(temporaryDirectory(), { ...FLUE_0, ...AGENT });
  expect(await main(['rehearse', '--write-probes', '--app', directory])).toBe(0);
  expect(output.stdout).toMatch(/rehearse\.json\nRead it before you rehearse/);
  const probes = Probes.read(undefined, [directory]);
  expect(probes.get('write', name => name)).toEqual({
    method: 'POST', path: '/agents/helper/state-id', headers: { 'content-type': 'application/json' }, body: '{"message":"remember this"}',
  });
  expect(probes.get('stream', name => name)).toMatchObject({ path: '/agents/helper/rehearsal-id' });
});

test('what no file of the app tells is said, and goes with nothing else', async () => {
  const config = 'import { flue } from \'@flue/vite\';\nexport default { plugins: [flue()], build: { outDir: process.env.OUT } };\n';
  const router = 'import { createAgentRouter } from \'@flue/runtime/routing\';\napp.route(\'/agents\', createAgentRouter());\n';
  const directory = write(temporaryDirectory(), { ...FLUE_2, 'vite.config.ts': config, 'src/app.ts': router, 'src/agents/a.ts': '\'use agent\';\nexport function A() {}\nA.agentName = \'a\';\n' });
  const written = ['rehearse', '--write-probes', '--app', directory];
  expect(await main(written)).toBe(2);
  expect(output.stderr).toContain('Here, `outputDirectory` is --output-directory.\n');
  expect([await main([...written, '--output-directory', 'dist']), output.stderr]).toEqual([0, expect.any(String)]);
  expect(await main(['rehearse', '--app', directory, '--output-directory', 'dist'])).toBe(2);
  expect(output.stderr).toMatch(/--output-directory goes with --write-probes alone\.\n.*pass it to FlueImage/);
});

test('a file that exists is left alone', async () => {
  const directory = write(temporaryDirectory(), { ...FLUE_0, ...AGENT, 'rehearse.json': 'mine' });
  expect(await main(['rehearse', '--write-probes', '--app', directory, '--json'])).toBe(2);
  expect(JSON.parse(output.stdout)).toMatchObject({ error: expect.stringMatching(/^Nothing was written, because .*rehearse\.json exists\.$/) });
  expect(readFileSync(join(directory, 'rehearse.json'), 'utf8')).toBe('mine');
});

test('an app without routes gets none', async () => {
  const directory = write(temporaryDirectory(), FLUE_2);
  expect(await main(['rehearse', '--write-probes', '--app', directory])).toBe(2);
  expect(output.stderr).toMatch(/ no route .*\nWrite rehearse\.json yourself/);
  expect(existsSync(join(directory, 'rehearse.json'))).toBe(false);
});

test('the app of the service is found by the assembly, which is where cdk.json says', () => {
  const home = process.cwd();
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'cdk'));
  try {
    process.chdir(join(directory, 'cdk'));
    expect(parseOptions([]).assembly).toBe('cdk.out');
    writeFileSync('cdk.json', '{"app": "node bin/agents.ts", "output": ".cdk.out"}');
    expect(parseOptions([]).assembly).toBe('.cdk.out');
    expect(parseOptions(['other']).assembly).toBe('other');
    writeFileSync('cdk.json', 'null');
    expect(parseOptions([]).assembly).toBe('cdk.out');
  } finally {
    process.chdir(home);
  }
});
