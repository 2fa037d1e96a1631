/** The built server of an app in one file, from its folder: what `scripts/one-file.mjs` writes. */
export const SERVER = 'node_modules/.cache/cdk-flue/server.mjs';

const { NODE_COMPILE_CACHE } = process.env;

/** What Node.js compiles of a server is kept for its next start, as for all else in a run of CI. */
export const COMPILED: { readonly [name: string]: string } = NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE } : {};
