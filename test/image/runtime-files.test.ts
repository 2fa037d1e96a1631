import { appDirectory, BUILT_0, FLUE_0, newBuild, newImage, removeFixtures, stagedDockerfile, stagedFiles, type Files } from './fixtures';
import type { FlueImageProps } from '../../src';

afterEach(removeFixtures);

const READ: Files = { 'AGENTS.md': '# Agents', '.agents/skills/greet/SKILL.md': 'Greet.', '.agents/.env': 'A=1', 'prompts/a.md': 'A', 'prompts/deep/b.md': 'B', 'README.md': '' };
const imageOf = (props: Partial<FlueImageProps> = {}, files: Files = {}) => newImage(appDirectory(FLUE_0, { ...READ, ...files }), props);
const copied = (image: ReturnType<typeof imageOf>) => [...stagedDockerfile(image).matchAll(/^COPY --from=build \/app\/(\S+) \.\/(\S*)$/gm)].map(([, from, to]) => [from, to]);

test('what Flue reads from the working directory is in the image', () => {
  expect(copied(imageOf())).toEqual([['package.json', ''], ['.agents', '.agents'], ['AGENTS.md', 'AGENTS.md'], ['dist', 'dist']]);
  expect(copied(newImage(appDirectory()))).toEqual([['package.json', ''], ['dist', 'dist']]);
});

test('what `include` names is in the image, too, whatever .dockerignore says', () => {
  const image = imageOf({ include: ['prompts/'] }, { '.dockerignore': '*.md\n**/*.md\nprompts\n.agents\n' });
  expect(copied(image)).toContainEqual(['prompts', 'prompts']);
  expect(stagedFiles(image)).toEqual(expect.arrayContaining(['AGENTS.md', '.agents/skills/greet/SKILL.md', 'prompts/a.md', 'prompts/deep/b.md']));
  expect(stagedFiles(image)).not.toEqual(expect.arrayContaining(['README.md']));
  expect(stagedFiles(image)).not.toEqual(expect.arrayContaining(['.agents/.env']));
});

test('a folder without files is left out', () => {
  expect(copied(imageOf({ include: ['secrets'] }, { 'secrets/token': 'x' }))).not.toContainEqual(['secrets', 'secrets']);
});

test.each([['/etc/hosts'], ['../other'], ['missing'], ['.'], ['']])('`include` is refused with %p', (given) => {
  expect(() => imageOf({ include: [given] })).toThrow(/`include` must name what is in `directory`, got: .*as in `include: \['prompts'\]`/);
});

test('`include` is refused with what never enters an image, and beside an own Dockerfile', () => {
  expect(() => imageOf({ include: ['.env'] }, { '.env': 'A=1' })).toThrow(/`include` must not name what never enters an image, got: \.env/);
  expect(() => imageOf({ include: ['prompts'] }, { Dockerfile: 'FROM node:22\nUSER node\nCMD ["node", "dist/server.mjs"]\n' })).toThrow(/`include` must be left out when the app has a Dockerfile of its own/);
});

test('a build without a container carries what Flue reads', () => {
  expect(stagedFiles(newBuild(appDirectory(BUILT_0, READ)))).toEqual(expect.arrayContaining(['AGENTS.md', '.agents/skills/greet/SKILL.md']));
});
