import { accessSync, constants, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Where Linux keeps files in memory, which takes small ones several times faster than a disk. */
const MEMORY = '/dev/shm';

/** The folder for temporary files: in memory where there is room for so many bytes, twice, and else that of the machine. */
export function roomy(bytes) {
  try {
    accessSync(MEMORY, constants.W_OK);
    const { bavail, bsize } = statfsSync(MEMORY);
    return Math.min(bavail * bsize, process.availableMemory()) >= 2 * bytes ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}
