import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from './shell';

/** The templates of an assembly, by stack, each as text. */
export type Templates = ReadonlyMap<string, string>;

const SUFFIX = '.template.json';
const TREE_METADATA = /^aws:(cdk:path|asset:)/;

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

function withoutTreeMetadata(entries: [string, Json][]): [string, Json][] {
  return entries.flatMap(([key, value]): [string, Json][] => {
    if (key !== 'Metadata' || typeof value !== 'object' || value === null || Array.isArray(value)) return [[key, value]];
    const kept = Object.entries(value).filter(([name]) => !TREE_METADATA.test(name));
    return kept.length === 0 ? [] : [[key, Object.fromEntries(kept)]];
  });
}

/** Sorted, without what depends on the language, the place and the time: tree metadata, asset hashes, the end of a preview. */
export function normalise(value: Json): Json {
  if (typeof value === 'string') return value.replace(/\b[0-9a-f]{64}\b/g, '<hash>').replace(/^at\([\d:T-]+\)$/, 'at(<time>)');
  if (Array.isArray(value)) return value.map(normalise);
  if (typeof value !== 'object' || value === null) return value;
  const entries = withoutTreeMetadata(Object.entries(value)).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, entry]) => [key, normalise(entry)]));
}

export function readTemplates(assembly: string): Templates {
  const files = readdirSync(assembly).filter(file => file.endsWith(SUFFIX)).sort();
  return new Map(files.map(file => [
    file.slice(0, -SUFFIX.length),
    `${JSON.stringify(normalise(JSON.parse(readFileSync(join(assembly, file), 'utf8')) as Json), undefined, 2)}\n`,
  ]));
}

/** What differs, as a unified diff; empty when nothing does. */
export async function diff(expected: Templates, actual: Templates, workspace: string): Promise<string> {
  const differing = [...new Set([...expected.keys(), ...actual.keys()])].filter(stack => expected.get(stack) !== actual.get(stack));
  let found = '';
  for (const [side, templates] of [['expected', expected], ['actual', actual]] as const) {
    mkdirSync(join(workspace, side), { recursive: true });
    differing.forEach(stack => writeFileSync(join(workspace, side, stack), templates.get(stack) ?? ''));
  }
  for (const stack of differing) {
    const args = ['diff', '--no-index', '--no-color', join('expected', stack), join('actual', stack)];
    found += (await attempt('git', args, { cwd: workspace })).output;
  }
  return found;
}
