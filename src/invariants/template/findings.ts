import type { Finding } from '../invariant';

/** Puts the answers of several questions together: not applicable only where none of them has an answer. */
export function allOf(...answers: Array<Finding[] | undefined>): Finding[] | undefined {
  const known = answers.filter(answer => answer !== undefined);
  return known.length > 0 ? known.flat() : undefined;
}
