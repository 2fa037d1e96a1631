// For `node --require`: jsii-rosetta keeps three assemblies, the snippets need four, and that of aws-cdk-lib takes seconds to read.
const { existsSync } = require('node:fs');
const { dirname, join } = require('node:path');

const assemblies = require(join(dirname(require.resolve('jsii-rosetta/package.json')), 'lib/jsii/assemblies'));

const find = assemblies.findTypeLookupAssembly;
const known = new Map();
assemblies.findTypeLookupAssembly = path => {
  if (!known.has(path)) {
    const parent = dirname(path);
    known.set(path, existsSync(join(path, 'package.json')) || parent === path ? find(path) : assemblies.findTypeLookupAssembly(parent));
  }
  return known.get(path);
};
