/** Whether something is an object of no class, as what stands for JSON is; Jest and `node:vm` have an `Object` of their own. */
export function isPlainObject(given: unknown): given is { readonly [name: string]: unknown } {
  if (typeof given !== 'object' || given === null) {
    return false;
  }
  const prototype: unknown = Object.getPrototypeOf(given);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
