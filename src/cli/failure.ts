/** What keeps a command from doing its work; the user reads the message as it stands, without a stack. */
export class CliFailure extends Error {
  public constructor(public readonly problem: string, public readonly wayOut: string) {
    super(`${problem}\n${wayOut}`);
    this.name = 'CliFailure';
  }
}

/** What the operating system says of a file, in words. */
const REASONS: { readonly [code: string]: string } = {
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'its file system is read-only',
  ENOENT: 'it does not exist',
  EEXIST: 'it exists already',
  ENOTDIR: 'a part of its path is a file',
  EISDIR: 'it is a directory',
  ENOTEMPTY: 'it is not empty',
  ELOOP: 'its symbolic links form a loop',
  ENAMETOOLONG: 'its name is too long',
  ENOSPC: 'the disk is full',
  EMFILE: 'too many files are open',
};
const WRITES = new Set(['mkdir', 'mkdtemp', 'write', 'rename', 'unlink', 'rm', 'rmdir', 'chmod', 'symlink', 'copyfile']);

/** The failure that an error of the operating system is to the user, or undefined for an error of another kind. */
export function failureOfSystem(error: unknown): CliFailure | undefined {
  const { code, syscall, path } = (error ?? {}) as NodeJS.ErrnoException;
  if (typeof code !== 'string' || typeof syscall !== 'string' || !/^E[A-Z0-9]+$/.test(code)) {
    return undefined;
  }
  const reason = REASONS[code] ?? `the system says ${code}`;
  return path === undefined
    ? new CliFailure(`A file cannot be ${WRITES.has(syscall) ? 'written' : 'read'}: ${reason}.`, 'Correct this directory, or pass another one.')
    : new CliFailure(`${path} cannot be ${WRITES.has(syscall) ? 'written' : 'read'}: ${reason}.`, 'Correct it, or pass another path.');
}

/** Why something failed, on one line. */
export function reasonOf(error: unknown): string {
  const message = failureOfSystem(error)?.problem.replace(/^.*? cannot be /, 'it cannot be ').replace(/\.$/, '')
    ?? (typeof (error as Error)?.message === 'string' ? (error as Error).message : String(error));
  return message.split('\n')[0];
}
