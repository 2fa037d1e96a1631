import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');

/** What remark says of the links in Markdown files, and its exit status. */
function follow(files: string[]): { status: number | null; said: string } {
  const { status, stderr } = spawnSync(process.execPath, [
    join(ROOT, 'node_modules/remark-cli/cli.js'), '--rc-path', join(__dirname, 'remark.mjs'), '--no-stdout', '--quiet', '--frail', '--no-color', ...files,
  ], { cwd: ROOT, encoding: 'utf8' });
  return { status, said: stderr };
}

test('every link in a Markdown file leads to a file, and every anchor to a heading', () => {
  expect(tracked).toEqual(expect.arrayContaining(['README.md', 'RULES.md', 'API.md', 'docs/README.md', 'docs/decisions/README.md']));
  expect(follow(tracked)).toEqual({ status: 0, said: '' });
});

const HERE = 'https://github.com/cdk-flue/cdk-flue/blob/main';
const LEADS_SOMEWHERE = [
  '../checks.md#the-rules', '#page', '../../API.md#cdk-flue.FlueImage', `${HERE}/docs/checks.md#the-rules`, `${HERE}/LICENSE`, 'https://example.com/nowhere',
];
const BROKEN = [
  '../nowhere.md', '../checks.md#nowhere', '#nowhere', '../../API.md#cdk-flue.Nowhere', `${HERE}/docs/nowhere.md`, `${HERE}/docs/checks.md#nowhere`,
];

test('what leads nowhere is found, in a table too, and nothing else', () => {
  const directory = mkdtempSync(join(ROOT, 'docs/.links-'));
  const page = join(directory, 'page.md');
  const links = [...LEADS_SOMEWHERE, ...BROKEN];
  try {
    writeFileSync(page, ['# Page', '', ...links.map(link => `[x](${link})`), '', '| a |', '| --- |', '| [x](../nowhere.md) |', ''].join('\n'));
    const { status, said } = follow([page]);
    expect(status).toBe(1);
    const lines = [...said.matchAll(/^(\d+):\d+-/gm)].map(([, line]) => Number(line));
    const first = 3 + LEADS_SOMEWHERE.length;
    expect(lines).toEqual([...BROKEN.map((_, index) => first + index), first + BROKEN.length + 3]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
