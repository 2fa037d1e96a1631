import { spawn } from 'node:child_process';
import { join } from 'node:path';

export const ROOT = join(__dirname, '../../..');

export interface RunOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

export interface Finished {
  readonly status: number;
  readonly output: string;
}

/** Runs a program to its end and returns what it wrote, whatever its status. */
export function attempt(program: string, args: string[], { cwd, env }: RunOptions): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', chunk => { output += chunk; });
    child.stderr.on('data', chunk => { output += chunk; });
    child.on('error', reject);
    child.on('close', status => resolve({ status: status ?? 1, output }));
  });
}

/** Runs a program to its end and returns what it wrote; throws when it fails. */
export async function run(program: string, args: string[], options: RunOptions): Promise<string> {
  const { status, output } = await attempt(program, args, options);
  if (status !== 0) {
    throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${tail(output)}`);
  }
  return output;
}

/** A program that the repository has installed. */
export function tool(name: string): string {
  return join(ROOT, 'node_modules/.bin', name);
}

/** Runs a script of the repository. */
export function script(name: string): Promise<string> {
  return run(tool('ts-node'), ['--project', 'tsconfig.dev.json', '--transpile-only', `scripts/${name}.ts`], { cwd: ROOT });
}

export function tail(output: string, lines = 60): string {
  return output.trimEnd().split('\n').slice(-lines).join('\n');
}

/** Whether the program is there and answers. */
export async function answers(program: string, args: string[]): Promise<boolean> {
  try {
    return (await attempt(program, args, { cwd: process.cwd() })).status === 0;
  } catch {
    return false;
  }
}
