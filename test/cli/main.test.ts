import { captureOutput } from './capture-output';
import { main } from '../../src/cli/main';

const output = captureOutput();

test('without a command it lists them', async () => {
  expect(await main([])).toBe(0);
  expect(output.stdout).toMatch(/Usage: cdk-flue <command>\n\n {2}rehearse +run a synthesized/);
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

test('with --json the same is a document', async () => {
  expect(await main(['rehearse', '/nowhere', '--json'])).toBe(2);
  expect(JSON.parse(output.stdout)).toEqual({ error: expect.stringMatching(/^There is no cloud assembly in/), fix: expect.stringMatching('npx cdk synth'), exitCode: 2 });
  expect(output.stderr).toMatch(/^There is no cloud assembly/);
});

describe('an error that nobody expects', () => {
  const broken = async (...options: string[]): Promise<number> => {
    jest.spyOn(performance, 'now').mockImplementation(() => { throw new Error('unlikely'); });
    return main(['rehearse', 'cdk.out', ...options]);
  };

  test('is one sentence and the address for reports', async () => {
    expect(await broken()).toBe(70);
    expect(output.stderr).toMatch(/^[^\n]*: unlikely\n[^\n]*https:\/\/github\.com\/cdk-flue\/cdk-flue\/issues\b[^\n]*--debug[^\n]*\n$/);
  });
  test('is a document with --json, and has its stack with --debug', async () => {
    expect(await broken('--json', '--debug')).toBe(70);
    expect(JSON.parse(output.stdout)).toMatchObject({ error: expect.stringContaining('unlikely'), exitCode: 70 });
    expect(output.stderr).toMatch(/\n {4}at /);
  });
});
