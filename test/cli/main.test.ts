import { main } from '../../src/cli/main';

let output: { stdout: string; stderr: string };

beforeEach(() => {
  output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    jest.spyOn(process[name], 'write').mockImplementation(chunk => {
      output[name] += String(chunk);
      return true;
    });
  }
});
afterEach(() => jest.restoreAllMocks());

test('without a command it lists them', async () => {
  expect(await main([])).toBe(0);
  expect(output.stdout).toMatch(/Usage: cdk-flue <command>\n\n {2}rehearse {2}run a synthesized/);
});

test.each(['nope', 'constructor'])('an unknown command is an error: %s', async name => {
  expect(await main([name])).toBe(2);
  expect(output.stderr).toMatch(`Unknown command: ${name}`);
});

test('a command says how it is used', async () => {
  expect(await main(['rehearse', '--help'])).toBe(0);
  expect(output.stdout).toMatch('--secrets FILE');
});

test('what a command cannot do is said without a stack', async () => {
  expect(await main(['rehearse', '/nowhere'])).toBe(2);
  expect(output.stderr).toMatch(/^There is no cloud assembly in \/nowhere: it holds no manifest.json.\nRun `npx cdk synth`[^\n]*\n$/);
});
