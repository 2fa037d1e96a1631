/** Whether some path matches both patterns, in which `*` is any text and `?` any character; whatever its case. */
export function canBothMatch(one: string, other: string): boolean {
  const [left, right] = [one.toLowerCase(), other.toLowerCase()];
  const known = new Map<number, boolean>();
  const matches = (i: number, j: number): boolean => {
    const key = i * (right.length + 1) + j;
    const answer = known.get(key) ?? compare(i, j);
    known.set(key, answer);
    return answer;
  };
  const compare = (i: number, j: number): boolean => {
    if (left[i] === '*') {
      return matches(i + 1, j) || (j < right.length && matches(i, j + 1));
    }
    if (right[j] === '*') {
      return matches(i, j + 1) || (i < left.length && matches(i + 1, j));
    }
    if (i === left.length || j === right.length) {
      return i === left.length && j === right.length;
    }
    return (left[i] === right[j] || left[i] === '?' || right[j] === '?') && matches(i + 1, j + 1);
  };
  return matches(0, 0);
}

/** The agent path below which a pattern reaches: some id stands where it matches. */
export function agentPathReachedBy(pattern: string, agentPaths: readonly string[]): string | undefined {
  return agentPaths.find(agentPath => canBothMatch(pattern, `${agentPath}?*`));
}
