import * as fs from 'node:fs';
import * as path from 'node:path';
import type { IFlueDatabase } from './database';
import { FlueDatabase } from './flue-database';
import { FlueSchema } from './flue-schema';
import type { SchemaBootstrap } from './schema-server';

const ASSETS = path.join(__dirname, '..', '..', 'assets');
/** What makes a schema, and how a box runs it. */
export const SCHEMA_SCRIPTS = path.join(ASSETS, 'database');

const scripts = new Map<boolean, string>();

/**
 * The program that makes a schema, or the logins of a password that rotates, without comments and indentation: a task definition has an
 * end. The parentheses keep validators of templates from reading `${name}` as a parameter of `Fn::Sub`.
 */
export function schemaScript(rotates = false): string {
  const known = scripts.get(rotates);
  if (known !== undefined) {
    return known;
  }
  const schema = fs.readFileSync(path.join(SCHEMA_SCRIPTS, 'schema.mjs'), 'utf8');
  // both speak to Postgres by the same functions, and differ in what they do at the end
  const source = rotates ? `${schema.slice(0, schema.indexOf('\ntry {'))}\n${fs.readFileSync(path.join(ASSETS, 'rotation', 'logins.mjs'), 'utf8')}` : schema;
  const script = source.split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('//'))
    .join('\n')
    .replace(/\$\{([\w.]+)\}/g, '${($1)}');
  scripts.set(rotates, script);
  return script;
}

/** What has to be made before a server starts: a schema, or logins; undefined where a database is ready as it is. */
export function bootstrapOfDatabase(database?: IFlueDatabase): SchemaBootstrap | undefined {
  return database instanceof FlueSchema || database instanceof FlueDatabase ? database._bootstrap : undefined;
}
