import * as fs from 'node:fs';
import * as path from 'node:path';
import type { IFlueDatabase } from './database';
import { FlueDatabase } from './flue-database';
import { FlueSchema } from './flue-schema';
import type { SchemaBootstrap } from './schema-server';

const ASSETS = path.join(__dirname, '..', '..', 'assets');
/** What makes a schema, and how a box runs it. */
export const SCHEMA_SCRIPTS = path.join(ASSETS, 'database');

/** What a program does at the end, by the file that says it; the first one is all of its file. */
const ENDS = { schema: undefined, logins: path.join('rotation', 'logins.mjs'), drop: path.join('cleanup', 'drop.mjs') };

const scripts = new Map<keyof typeof ENDS, string>();

/** The program that makes a schema, or the logins of a password that rotates. */
export function schemaScript(rotates = false): string {
  return programOf(rotates ? 'logins' : 'schema');
}

/** The program that drops the schemas of a stack that is gone. */
export function dropScript(): string {
  return programOf('drop');
}

/**
 * A program for Postgres, without comments and indentation: a task definition has an end. The parentheses keep validators of templates from
 * reading `${name}` as a parameter of `Fn::Sub`.
 */
function programOf(end: keyof typeof ENDS): string {
  const known = scripts.get(end);
  if (known !== undefined) {
    return known;
  }
  const schema = fs.readFileSync(path.join(SCHEMA_SCRIPTS, 'schema.mjs'), 'utf8');
  // all speak to Postgres by the same functions, and differ in what they do at the end
  const file = ENDS[end];
  const source = file === undefined ? schema : `${schema.slice(0, schema.indexOf('\ntry {'))}\n${fs.readFileSync(path.join(ASSETS, file), 'utf8')}`;
  const script = source.split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('//'))
    .join('\n')
    .replace(/\$\{([\w.]+)\}/g, '${($1)}');
  scripts.set(end, script);
  return script;
}

/** What has to be made before a server starts: a schema, or logins; undefined where a database is ready as it is. */
export function bootstrapOfDatabase(database?: IFlueDatabase): SchemaBootstrap | undefined {
  return database instanceof FlueSchema || database instanceof FlueDatabase ? database._bootstrap : undefined;
}
