// For `node --require`: jsii-rosetta keeps three assemblies, the snippets need four, and that of aws-cdk-lib takes seconds to read.
const { createRequire } = require('node:module');

const assemblies = createRequire(require.resolve('jsii-rosetta/package.json'))('@jsii/spec/lib/assembly-utils');

const read = assemblies.loadAssemblyFromPath;
const known = new Map();
assemblies.loadAssemblyFromPath = (directory, ...options) => {
  const key = JSON.stringify([directory, options]);
  if (!known.has(key)) known.set(key, read(directory, ...options));
  return known.get(key);
};
