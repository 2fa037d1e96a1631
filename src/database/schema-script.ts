import * as fs from 'node:fs';
import * as path from 'node:path';
import type { IFlueDatabase } from './database';
import { FlueSchema } from './flue-schema';

/** What makes a schema, and how a box runs it. */
export const SCHEMA_SCRIPTS = path.join(__dirname, '..', '..', 'assets', 'database');

let script: string | undefined;

/**
 * The program that makes a schema, without comments and indentation: a task definition has an end. The parentheses keep validators of
 * templates from reading `${name}` as a parameter of `Fn::Sub`.
 */
export function schemaScript(): string {
  return script ??= fs.readFileSync(path.join(SCHEMA_SCRIPTS, 'schema.mjs'), 'utf8').split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('//'))
    .join('\n')
    .replace(/\$\{([\w.]+)\}/g, '${($1)}');
}

/** The schema that a server keeps its state in; undefined where it has a database to itself. */
export function schemaOf(database?: IFlueDatabase): FlueSchema | undefined {
  return database instanceof FlueSchema ? database : undefined;
}
