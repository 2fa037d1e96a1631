import * as ts from 'typescript';
import { renderAdapter } from '../../src/cli/init/sandbox';

export interface ExecOptions { cwd?: string; env?: Record<string, string>; timeout?: number; timeoutMs?: number; signal?: AbortSignal }

/** What an adapter gives to Flue. */
export interface Driver {
  exec(command: string, options?: ExecOptions): Promise<{ stdout: string; stderr: string; exitCode: number }>;
  readFile(path: string): Promise<string>;
  readFileBuffer(path: string): Promise<Uint8Array>;
  writeFile(path: string, content: string | Uint8Array): Promise<void>;
  stat(path: string): Promise<object>;
  readdir(path: string): Promise<string[]>;
  exists(path: string): Promise<boolean>;
  mkdir(path: string, options?: { recursive?: boolean }): Promise<void>;
  rm(path: string, options?: { recursive?: boolean; force?: boolean }): Promise<void>;
}

/** What an adapter gives to the app. */
export interface Adapter {
  of(id: string): Promise<Driver>;
  endSandbox(id: string): Promise<void>;
  /** An event of Flue. */
  emit(event: { instanceId?: string }): void;
}

const FACTORIES = { 'fargate': 'fargateSandbox', 'code-interpreter': 'codeInterpreterSandbox' };

/** An adapter as the app would load it, between a Flue that adds nothing and the real client of AWS. */
export function loadAdapter(major: number, kind: keyof typeof FACTORIES): Adapter {
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
  // a sandbox of a test starts and ends at once, so nobody need wait a second for it
  const adapter = renderAdapter(major, kind).replace('POLL_MS = 1_000', 'POLL_MS = 250');
  const { outputText } = ts.transpileModule(adapter, { compilerOptions });
  const subscribers: Array<(event: object) => void> = [];
  const wrap = (driver: Driver) => driver;
  const observe = (subscriber: (event: object) => void) => subscribers.push(subscriber);
  const flue = { observe, createSandboxSessionEnv: wrap, sandboxFromDriver: wrap };
  const exports = {} as Record<string, (...given: unknown[]) => unknown>;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-require-imports
  new Function('require', 'exports', outputText)((name: string): unknown => name === '@flue/runtime' ? flue : require(name), exports);
  const factory = exports[FACTORIES[kind]]!() as Record<string, (options: { id: string }) => Promise<Driver>>;
  return {
    of: id => factory[major === 0 ? 'createSessionEnv' : 'createSandbox']!({ id }),
    endSandbox: id => exports.endSandbox!(id) as Promise<void>,
    emit: event => subscribers.forEach(subscriber => subscriber(event)),
  };
}
