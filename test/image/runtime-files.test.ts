import { appDirectory, BUILT_0, FLUE_0, newBuild, newImage, removeFixtures, stagedDockerfile, stagedFiles, warningsOf, type Files } from './fixtures';
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

describe('what the source reads from the working directory', () => {
  const reading = (code: string): Files => ({ ...READ, 'templates/mail.html': '', 'data/a.json': '{}', 'skills/a/SKILL.md': '', 'src/read.ts': code });
  const missing = (construct: Parameters<typeof warningsOf>[0]) => warningsOf(construct).map((text) => /^The source reads (.*) from the working directory.*\[ack: cdk-flue:FlueImage\.filesNotInImage\]$/.exec(text)?.[1]);

  test.each<[string, string]>([
    ['readFileSync("templates/mail.html", "utf8")', 'templates/mail.html'],
    ['await fs.promises.readFile("./templates/mail.html" as string)', 'templates/mail.html'],
    ['await readFile(path.join(process.cwd(), "data", `${name}.json`))', 'data'],
    ['readFileSync(`templates/${name}.html`)', 'templates'],
    ['const root = resolve("data"); readdirSync(root)', 'data'],
    ['createReadStream(process.cwd() + "/data/a.json")', 'data/a.json'],
    ['Bun.file("data/a.json"); readFileSync("README.md")', 'README.md, data/a.json'],
  ])('is named where the image lacks it: %s', (code, expected) => {
    expect(missing(newImage(appDirectory(FLUE_0, reading(code))))).toEqual([expected]);
    expect(missing(newBuild(appDirectory(BUILT_0, reading(code))))).toEqual([expected]);
    expect(missing(newImage(appDirectory(FLUE_0, reading(code)), { include: expected.split(', ') }))).toEqual([]);
    expect(missing(newBuild(appDirectory(BUILT_0, reading(code)), { include: expected.split(', ') }))).toEqual([]);
  });

  test.each(['readFileSync("made/at-run-time.json")', 'readFileSync("/etc/hosts")', 'readFileSync(file)', 'readFileSync(new URL("../data/a.json", import.meta.url))', 'readFileSync("AGENTS.md")',
    'writeFileSync("data/a.json", "")', 'readFileSync("package.json")', 'readFileSync(join(import.meta.dirname, "data"))', 'enum A { B } readFileSync("data/a.json")'])('is nothing in %s', (code) => {
    expect(missing(newImage(appDirectory(FLUE_0, reading(code))))).toEqual([]);
  });

  test('brings the folders of prompts and skills along', () => {
    const image = newImage(appDirectory(FLUE_0, reading('readFileSync(`prompts/${name}.md`); readdirSync("./skills")')));
    expect(copied(image)).toEqual(expect.arrayContaining([['prompts', 'prompts'], ['skills', 'skills']]));
    expect(missing(image)).toEqual([]);
    expect(stagedFiles(newBuild(appDirectory(BUILT_0, reading('readFileSync("prompts/a.md")'))))).toContain('prompts/deep/b.md');
  });

  test.each<[string, string[]]>([
    ['COPY . .', []],
    ['COPY data ./data', []],
    ['COPY --from=build /app/data ./data', []],
    ['COPY --from=build /app ./', []],
    ['COPY package.json ./', ['data/a.json']],
    ['COPY --from=build /app/dist ./dist\nCOPY --from=build /app/node_modules ./node_modules', ['data/a.json']],
  ])('is judged by the copies of an own Dockerfile: %s', (lines, expected) => {
    const dockerfile = `FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nFROM node:22\nWORKDIR /app\n${lines}\nUSER node\nCMD ["node", "dist/server.mjs"]\n`;
    expect(missing(newImage(appDirectory(FLUE_0, { ...reading('readFileSync("data/a.json")'), Dockerfile: dockerfile })))).toEqual(expected);
  });

  const LOCAL = 'import { local } from "@flue/runtime/node";\n';
  const DESK: Files = { 'desk/AGENTS.md': '', 'desk/.agents/skills/b/SKILL.md': '', 'desk/notes.md': '' };

  test.each<[string, string]>([
    ['a text', `${LOCAL}useSandbox(local({ cwd: "./desk" }))`],
    ['the working directory and a folder', `${LOCAL}const at = join(process.cwd(), "desk"); useSandbox(local({ env: {}, cwd: at }))`],
    ['a constant, with its types', `${LOCAL}const cwd: string = resolve("desk"); export default createAgent(() => ({ sandbox: local({ cwd }) }))`],
    ['another name of it', 'import { local as host } from "@flue/runtime/node";\nhost({ cwd: "desk" })'],
    ['the module of it', 'import * as node from "@flue/runtime/node";\nnode.local({ cwd: "desk" })'],
  ])('is in the image where `local()` is given %s', (_, code) => {
    const image = newImage(appDirectory(FLUE_0, { ...reading(code), ...DESK }));
    expect(copied(image)).toEqual(expect.arrayContaining([['AGENTS.md', 'AGENTS.md'], ['desk/AGENTS.md', 'desk/AGENTS.md'], ['desk/.agents', 'desk/.agents']]));
    expect(copied(image)).not.toContainEqual(['desk/notes.md', 'desk/notes.md']);
    expect(missing(image)).toEqual([]);
    expect(stagedFiles(newBuild(appDirectory(BUILT_0, { ...reading(code), ...DESK })))).toEqual(expect.arrayContaining(['desk/AGENTS.md', 'desk/.agents/skills/b/SKILL.md']));
  });

  test.each<[string, string, string, string[]]>([
    ['its own directory', `${LOCAL}local()`, 'COPY package.json ./', ['.agents, AGENTS.md']],
    ['its own directory, with variables', `${LOCAL}local({ env: {} })`, 'COPY package.json AGENTS.md ./', ['.agents']],
    ['another directory', `${LOCAL}local({ cwd: "desk" })`, 'COPY .agents ./.agents\nCOPY AGENTS.md ./', ['desk/.agents, desk/AGENTS.md']],
    ['one that is copied', `${LOCAL}local({ cwd: "desk" })`, 'COPY desk ./desk', []],
    ['one of which only the beginning is known', `${LOCAL}local({ cwd: \`desk/\${id}\` })`, 'COPY package.json ./', ['desk']],
    ['one that nobody knows', `${LOCAL}local({ cwd: process.env.DESK })`, 'COPY package.json ./', []],
    ['options that nobody knows', `${LOCAL}local(options)`, 'COPY package.json ./', []],
    ['a function of another module', 'import { local } from "./local";\nlocal({ cwd: "desk" })', 'COPY package.json ./', []],
  ])('is named where an own Dockerfile leaves it out, of `local()` in %s', (_, code, lines, expected) => {
    const dockerfile = `FROM node:22\nWORKDIR /app\n${lines}\nUSER node\nCMD ["node", "dist/server.mjs"]\n`;
    expect(missing(newImage(appDirectory(FLUE_0, { ...reading(code), ...DESK, Dockerfile: dockerfile })))).toEqual(expected);
  });
});
