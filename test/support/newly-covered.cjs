// What test files of this worker have counted so far: for each source file and each counter whether it was ever above zero.
const known = new Map();

/** The counters of a file, in an order that is the same each time. */
const countersOf = ({ s, f, b }) => [...Object.values(s), ...Object.values(f), ...Object.values(b).flat()];

/**
 * Of the coverage of a test file, the source files in which it ran what no test file of this worker ran before it. Jest copies, sends and merges what a
 * worker says of each source file, again for each test file, and then asks only what was ever run.
 */
exports.newlyCovered = coverage => Object.fromEntries(Object.entries(coverage).filter(([file, found]) => {
  const counters = countersOf(found);
  const before = known.get(file);
  if (before === undefined) known.set(file, counters.map(count => count > 0));
  else if (!counters.some((count, index) => count > 0 && !before[index])) return false;
  else counters.forEach((count, index) => { before[index] ||= count > 0; });
  return true;
}));
