import { CliFailure, reasonOf } from './failure';
import { readText } from '../image/app/files';

/** What to say of a file that cannot be read; the reason goes between the two. */
export interface Unreadable {
  readonly wayOut: string;
  problem(reason: string): string;
}

/** The text of a file, without a byte order mark. */
export function readFile(file: string, unreadable: Unreadable): string {
  return attempt(() => readText(file), unreadable);
}

/** The JSON in a file. */
export function readJsonFile(file: string, unreadable: Unreadable): unknown {
  return attempt(() => JSON.parse(readText(file)) as unknown, unreadable);
}

function attempt<T>(read: () => T, { problem, wayOut }: Unreadable): T {
  try {
    return read();
  } catch (error) {
    throw new CliFailure(problem(reasonOf(error)), wayOut);
  }
}
