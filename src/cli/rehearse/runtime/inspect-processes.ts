import type * as fs from 'node:fs';
import type { Inspection } from './runtime';

/**
 * Reads the process table of Linux.
 *
 * Its text is also run inside containers, so it uses nothing from outside itself.
 *
 * @param files the file system module
 * @param root the process whose descendants are meant, or undefined for every process but this one
 */
export function inspectProcesses(files: typeof fs, root: number | undefined): Inspection {
  const read = (path: string): string => {
    try {
      return files.readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  };
  const field = (status: string, name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  const all = files.readdirSync('/proc').filter(name => /^\d+$/.test(name)).map(Number)
    .map(pid => ({ pid, status: read(`/proc/${pid}/status`), command: read(`/proc/${pid}/comm`).trim() }))
    .map(entry => ({ ...entry, parent: field(entry.status, 'PPid') }));
  const family = new Set<number>(root === undefined ? all.map(({ pid }) => pid).filter(pid => pid !== process.pid) : [root]);
  for (let size = 0; root !== undefined && size !== family.size;) {
    size = family.size;
    all.filter(({ parent }) => family.has(parent)).forEach(({ pid }) => family.add(pid));
  }
  const members = all.filter(({ pid }) => family.has(pid));

  const inodes = new Set<string>();
  for (const { pid } of members) {
    try {
      for (const descriptor of files.readdirSync(`/proc/${pid}/fd`)) {
        const inode = /^socket:\[(\d+)\]$/.exec(files.readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1];
        if (inode) {
          inodes.add(inode);
        }
      }
    } catch {
      // it has ended, or belongs to someone else
    }
  }
  const LISTEN = '0A';
  const listeners = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(table => read(table).split('\n').slice(1))
    .map(line => line.trim().split(/\s+/))
    .filter(columns => columns[3] === LISTEN && inodes.has(columns[9]))
    .map(columns => {
      const [address, port] = columns[1].split(':');
      const shown = /^0+$/.test(address) ? '*' : address === '0100007F' ? '127.0.0.1' : /^0{24}01000000$/.test(address) ? '::1' : address;
      return `${shown}:${parseInt(port, 16)}`;
    });
  return {
    residentMiB: members.reduce((sum, { status }) => sum + field(status, 'VmRSS'), 0) / 1024,
    userIds: [...new Set(members.filter(({ command }) => !/init|tini|catatonit/.test(command)).map(({ status }) => field(status, 'Uid')))],
    listeners: [...new Set(listeners)],
  };
}
