/** What only running a module could tell; beside its reader, so that the declarations of the package name no parser. */
export const UNKNOWN = Symbol('unknown');
