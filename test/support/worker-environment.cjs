const { TestEnvironment } = require('jest-environment-node');
// the moduleNameMapper of Jest does not reach what the worker loads
require('./silence-judge.cjs');

/** Lets module-of-worker.cjs take modules from the worker, in which all test files of it share them. */
module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.requireOfWorker = require;
  }
};
