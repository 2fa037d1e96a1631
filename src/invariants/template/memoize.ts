/** Keeps the answers of a function of one object; the templates do not change while rules read them. */
export function memoize<K extends object, V>(compute: (key: K) => V): (key: K) => V {
  const answers = new WeakMap<K, { readonly answer: V }>();
  return key => {
    let known = answers.get(key);
    if (!known) {
      answers.set(key, known = { answer: compute(key) });
    }
    return known.answer;
  };
}

/** Turns a relation around: what leads to each of its targets. */
export function inverse<A extends object, B extends object>(sources: readonly A[], relation: (source: A) => readonly B[]): Map<B, A[]> {
  const inverted = new Map<B, A[]>();
  for (const source of sources) {
    for (const target of new Set(relation(source))) {
      const known = inverted.get(target);
      known ? known.push(source) : inverted.set(target, [source]);
    }
  }
  return inverted;
}
