import { readFileSync } from 'node:fs';

/** Milliseconds in a tick of the kernel's clock. */
const TICK_MS = 10;

/** The processor time that these processes have used so far, in milliseconds. */
export function cpuOf(router: number, servers: readonly number[]): { readonly router: number; readonly servers: number } {
  return { router: usedBy(router), servers: servers.reduce((sum, pid) => sum + usedBy(pid), 0) };
}

function usedBy(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // the name of the program comes second, in parentheses
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
