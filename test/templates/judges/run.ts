import { spawnSync } from 'node:child_process';

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

/** Runs a program to its end; throws only when it cannot be started or is killed. */
export function run(program: string, args: string[]): Ran {
  const { error, status, signal, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024, stdio: ['ignore', 'pipe', 'pipe'] });
  if (error) throw error;
  if (status === null) throw new Error(`${program} was ended by ${signal}`);
  return { stdout, stderr, status };
}
