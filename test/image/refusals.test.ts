import * as fs from 'node:fs';
import * as path from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { newStack, removeFixtures, temporaryDirectory, write } from './fixtures';
import { REFUSALS, type Changes, type Given, type RefusalRow } from './refusals';
import { FlueImage, type FlueImageProps } from '../../src';
import { refusalsIn, saying } from '../support/sentences';

afterEach(removeFixtures);

test('every sentence with which an image refuses has a row', () => {
  const known = new Set(REFUSALS.map(({ says }) => says));
  const said = refusalsIn('src/image');
  expect(said.filter(({ says }) => !known.has(says))).toEqual([]);
  expect([...known].filter((says) => !said.some((refusal) => refusal.says === says))).toEqual([]);
});

function lay(root: string, changes: Changes): void {
  Object.keys(changes).forEach((name) => fs.rmSync(path.join(root, name), { force: true, recursive: true }));
  write(root, Object.fromEntries(Object.entries(changes).filter((entry): entry is [string, string] => entry[1] !== undefined)));
}

describe.each(REFUSALS.map((row) => [row.says, row] as const))('%s', (_, row) => {
  const { app = {}, folder = '', links = {}, step, unfollowed } = row;
  const asProps = (given: Given | undefined, root: string): Partial<FlueImageProps> => (typeof given === 'function' ? given(root) : given ?? {});

  test('says what was found and the step out, and the step leads out', () => {
    const root = temporaryDirectory();
    lay(root, app);
    Object.entries(links).forEach(([link, target]) => fs.symlinkSync(target, path.join(root, link)));
    const props: FlueImageProps = { directory: path.join(root, folder), ...asProps(row.props, root) };
    const attempt = (make: RefusalRow['make'], given: FlueImageProps): string | undefined => {
      try {
        (make ?? ((stack: Stack, all: FlueImageProps) => new FlueImage(stack, 'Image', all)))(newStack(), given);
        return undefined;
      } catch (error) {
        return (error as Error).message.replace(/ \(Flue-\w+\)$/, '');
      }
    };
    const message = attempt(row.make, props);
    expect(message).toMatch(saying(row.says));
    expect(message).toMatch(row.way);
    // one sentence for what was found, and one for the way
    expect(message).toMatch(/, got: [^]+\. [A-Z`]/);
    expect(step === undefined).toBe(unfollowed !== undefined);
    if (step !== undefined) {
      Object.keys(step.links === false ? links : {}).forEach((link) => fs.unlinkSync(path.join(root, link)));
      lay(root, step.app ?? {});
      const directory = 'directory' in asProps(row.props, root) ? root : props.directory;
      expect(attempt(step.make ?? row.make, { ...props, directory, ...asProps(step.props, root) })).toBeUndefined();
    }
  });
});
