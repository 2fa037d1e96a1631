const { TestEnvironment } = require('jest-environment-node');
const { newlyCovered } = require('./newly-covered.cjs');
// the moduleNameMapper of Jest does not reach what the worker loads
require('./only-synthesize.cjs');

/** Lets module-of-worker.cjs take modules from the worker, in which all test files of it share them. */
module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.requireOfWorker = require;
  }

  handleTestEvent({ name }) {
    // A process without a parent may be that of a second run.
    if (name === 'teardown' && this.global.__coverage__ && process.send) this.global.__coverage__ = newlyCovered(this.global.__coverage__);
  }
};
