import { COMMAND_REFUSALS, REFUSED_AGAIN } from './refusals';
import { directoryWith } from './rehearse/support';
import { refusalsIn, saying } from '../support/sentences';

let printed = '';

beforeEach(() => {
  printed = '';
  for (const name of ['stdout', 'stderr'] as const) {
    jest.spyOn(process[name], 'write').mockImplementation(chunk => {
      printed += String(chunk);
      return true;
    });
  }
});
afterEach(() => jest.restoreAllMocks());

test('every sentence with which init and rehearse refuse has a row', () => {
  const known = new Set(COMMAND_REFUSALS.map(({ says }) => says));
  const said = refusalsIn('src/cli/init', 'src/cli/app', 'src/cli/assembly', 'src/cli/rehearse');
  expect(said.filter(({ says }) => !known.has(says))).toEqual([]);
  expect([...known].filter(says => !said.some(refusal => refusal.says === says))).toEqual([]);
});

describe.each(COMMAND_REFUSALS.filter(({ unfollowed }) => unfollowed === undefined).map(row => [row.says, row] as const))('%s', (says, { files = {}, meet, way, step }) => {
  test('says what was found and the step out, and the step leads out', async () => {
    const directory = directoryWith(files);
    const failure = await Promise.resolve().then(() => meet(directory)).then(() => '', (error: Error) => error.message === REFUSED_AGAIN ? printed : error.message);
    // a sentence that is computed is told by its way out
    if (!/[`$(]\w|^found/.test(says) || says.includes('${…}')) {
      expect(failure).toMatch(saying(says));
    }
    expect(failure.trim()).toMatch(way);
    expect(failure.trim().split('\n').length).toBeGreaterThan(1);
    await step!(directory);
  });
});

test('what no test follows is said', () => {
  COMMAND_REFUSALS.forEach(({ step, unfollowed }) => expect(step === undefined).toBe(unfollowed !== undefined));
});
