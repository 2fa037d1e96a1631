import { readdirSync } from 'node:fs';
import { appDirectory, newImage, removeFixtures } from './fixtures';
import { LAYOUTS } from './layouts';
import { KEPT, keptNameOf } from '../layouts/lockfiles';

afterEach(removeFixtures);

test('enough layouts are tried, under names of their own', () => {
  expect(LAYOUTS.length).toBeGreaterThanOrEqual(30);
  expect(new Set(LAYOUTS.map(({ name }) => name)).size).toBe(LAYOUTS.length);
});

test('each has a lockfile of its manifests; `npm run generate:lockfiles` writes them', () => {
  expect(readdirSync(KEPT).sort()).toEqual([...new Set(LAYOUTS.map(keptNameOf).filter((name) => name !== undefined))].sort());
});

describe.each(LAYOUTS.filter(({ refused }) => refused !== undefined).map((layout) => [layout.name, layout] as const))('%s', (_, { files, folder, props, refused }) => {
  const imageOf = (changes: object, more: object) => newImage(`${appDirectory(files, { ...changes })}/${folder ?? ''}`, { ...props, ...more });

  test('is refused with a way out that works', () => {
    expect(() => imageOf({}, {})).toThrow(refused!.message);
    expect(() => imageOf(refused!.follow.files ?? {}, refused!.follow.props ?? {})).not.toThrow();
  });
});
