import { chmodSync, chownSync, cpSync, existsSync, lstatSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Asks in a session that stays open. */
export type Ask = (text: string) => Promise<{ [column: string]: unknown }>;

const LABEL = 'backup_label';
/** The log is copied last: with it, Postgres makes the copy consistent when it starts. */
const LOG = 'pg_wal';
const ATTEMPTS = 3;

/** Copies the data of a Postgres that runs, by the low-level API for base backups (PostgreSQL manual, continuous archiving). */
export async function baseBackup(ask: Ask, data: string, copy: string): Promise<number> {
  await ask('SELECT pg_backup_start(\'restore drill\', true)');
  copied(data, copy, source => ![LOG, 'postmaster.pid'].includes(basename(source)));
  const { labelfile } = await ask('SELECT labelfile FROM pg_backup_stop(false)');
  copied(join(data, LOG), join(copy, LOG));
  writeFileSync(join(copy, LABEL), String(labelfile), { mode: 0o600 });
  belongTo(copy, statSync(data));
  chmodSync(copy, 0o700);
  return sizeOf(copy);
}

/** A server removes files while they are copied; it must then be copied anew. */
function copied(source: string, target: string, filter?: (source: string) => boolean): void {
  for (let attempt = 1; ; attempt++) {
    try {
      cpSync(source, target, { recursive: true, filter });
      return;
    } catch (error) {
      if (attempt === ATTEMPTS || (error as NodeJS.ErrnoException).code !== 'ENOENT' || !existsSync(source)) {
        throw error;
      }
      rmSync(target, { recursive: true, force: true });
    }
  }
}

function entriesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).map(name => join(directory, name));
}

/** Postgres does not start with data of another user, which is what a copy by root is. */
function belongTo(directory: string, { uid, gid }: { readonly uid: number; readonly gid: number }): void {
  [directory, ...entriesOf(directory)].forEach(path => chownSync(path, uid, gid));
}

function sizeOf(directory: string): number {
  return entriesOf(directory).map(path => lstatSync(path)).reduce((sum, entry) => sum + (entry.isFile() ? entry.size : 0), 0);
}
