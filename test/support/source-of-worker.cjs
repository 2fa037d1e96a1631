const { join, sep } = require('node:path');
const { createTransformer } = require('@swc/jest');
const { process: ofWorker } = require('./module-of-worker.cjs');

const SOURCES = join(__dirname, '../../src', sep);
// The command line reads its process, which is that of a test file.
const COMMAND_LINE = join(SOURCES, 'cli', sep);

exports.SOURCES = SOURCES;

exports.isShared = file => file.startsWith(SOURCES) && file.endsWith('.ts') && !file.startsWith(COMMAND_LINE);

/**
 * Compiles TypeScript, and makes a source of the library that a test file loads the one that the worker has; see sources-of-worker.cjs. What a source
 * has that no test file loads is asked asynchronously, for the coverage, and answered from its code.
 */
exports.createTransformer = options => {
  const transformer = createTransformer(options);
  return { ...transformer, process: (source, file, more) => exports.isShared(file) ? ofWorker(source, file) : transformer.process(source, file, more) };
};
