/** Shorter names are too near to each other for a guess. */
const SHORTEST = 4;
/** From this length on, two slips of the pen still tell which name was meant. */
const LONG = 8;

/** The name that was probably meant; undefined where none is near. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const [best] = names.map(candidate => ({ candidate, steps: stepsBetween(plain(name), plain(candidate)) }))
    .filter(({ candidate, steps }) => steps <= allowed(Math.min(name.length, candidate.length)))
    .sort((one, other) => one.steps - other.steps);
  return best?.candidate;
}

function allowed(length: number): number {
  return length < SHORTEST ? 0 : length < LONG ? 1 : 2;
}

/** `memory_limit_mib` and `MemoryLimitMiB` are memoryLimitMiB. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '');
}

/** How many letters must be put in, left out, changed or swapped with the next one. */
function stepsBetween(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= one.length; row++) {
    rows[row] = [row];
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      rows[row][column] = Math.min(
        rows[row - 1][column] + 1, rows[row][column - 1] + 1, rows[row - 1][column - 1] + (isSame ? 0 : 1),
        ...isSwapped ? [rows[row - 2][column - 2] + 1] : [],
      );
    }
  }
  return rows[one.length][other.length];
}
