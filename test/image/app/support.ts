import { AppDirectory, type AppDirectoryOptions } from '../../../src/image/app-directory';

/** Throws what the reader of an app refuses, as one sentence and the next. */
export function refuse(problem: string, way: string): never {
  throw new Error(`${problem}. ${way}`);
}

export function readApp(directory: string, options: AppDirectoryOptions = {}): AppDirectory {
  return new AppDirectory(refuse, directory, options);
}
