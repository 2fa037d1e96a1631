import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { COLUMNS, discard, type Prepared } from './columns';
import { Commands } from './commands';
import { Layers } from './layers';
import { environmentIn, Lockfiles } from './lockfiles';
import type { Files } from '../image/fixtures';
import { LAYOUTS, type Layout } from '../image/layouts';
import '../support/only-synthesize.cjs';

/**
 * Tries every layout of an app: synthesized, built by the steps of the provided Dockerfile, rehearsed.
 *
 * Words of the command line choose layouts by a part of their name. Needs the npm registry. With LOCKFILES=new the package managers write the lockfiles first.
 */

/** As many as a small machine has processors. */
const AT_ONCE = 2;

interface Row {
  readonly layout: Layout;
  readonly cells: string[];
  failure?: string;
  seconds: number;
}

const words = process.argv.slice(2);
const chosen = LAYOUTS.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
const workplace = mkdtempSync(join(tmpdir(), 'cdk-flue-layouts-'));
const environment = environmentIn(workplace);
const lockfiles = new Lockfiles(workplace, environment, process.env.LOCKFILES === 'new');

const layers = new Layers(workplace);
/** How many layouts have a lockfile. */
const users = new Map<string, number>();

/** The lockfiles of a repository. */
function lockfilesOf(files: Files): string[] {
  return Object.entries(files).filter(([name]) => /(^|\/)(package-lock\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lock)$/.test(name)).map(([, text]) => text);
}

async function prepare(layout: Layout, commands: Commands): Promise<Prepared> {
  const files = await lockfiles.complete(layout);
  const isShared = lockfilesOf(files).some((text) => (users.get(text) ?? 0) > 1);
  return { layout, files, workplace: mkdtempSync(join(workplace, 'layout-')), environment, layers, isShared, commands };
}

async function row(layout: Layout, commands: Commands): Promise<Row> {
  const started = Date.now();
  const result: Row = { layout, cells: [], seconds: 0 };
  let prepared: Prepared | undefined;
  try {
    prepared = await prepare(layout, commands);
    for (const column of COLUMNS) {
      result.cells.push(await column.try(prepared) ?? '-');
    }
  } catch (error) {
    result.cells.push('FAILED');
    result.failure = (error as Error).message;
  } finally {
    if (prepared) {
      await discard(prepared);
    }
  }
  result.seconds = Math.round((Date.now() - started) / 1000);
  process.stderr.write(`${result.failure === undefined ? 'ok  ' : 'FAIL'} ${layout.name} (${result.seconds} s)\n${result.failure === undefined ? '' : `${result.failure}\n`}`);
  return result;
}

async function main(): Promise<void> {
  const rows: Row[] = [];
  for (const layout of chosen) {
    // one that cannot be locked fails in its own row
    const files = await lockfiles.complete(layout).catch(() => ({}));
    lockfilesOf(files).forEach((text) => users.set(text, (users.get(text) ?? 0) + 1));
  }
  const queue = [...chosen];
  const worker = async (): Promise<void> => {
    const commands = new Commands();
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      rows.push(await row(next, commands));
    }
    commands.end();
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  } finally {
    await promisify(execFile)('rm', ['-rf', workplace]);
  }
  rows.sort((a, b) => LAYOUTS.indexOf(a.layout) - LAYOUTS.indexOf(b.layout));
  const table = [['layout', ...COLUMNS.map(({ name }) => name), 's'], ...rows.map(({ layout, cells, seconds }) => [layout.name, ...COLUMNS.map((_, index) => cells[index] ?? ''), `${seconds}`])];
  const widths = table[0].map((_, index) => Math.max(...table.map((line) => line[index].length)));
  process.stdout.write(`\n${table.map((line) => line.map((cell, index) => cell.padEnd(widths[index])).join('  ').trimEnd()).join('\n')}\n`);
  const failed = rows.filter(({ failure }) => failure !== undefined).length;
  process.stdout.write(`\n${rows.length - failed} passed, ${failed} failed\n`);
  process.exitCode = failed > 0 || rows.length === 0 ? 1 : 0;
}

void main();
