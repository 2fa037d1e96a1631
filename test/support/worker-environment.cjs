const { TestEnvironment } = require('jest-environment-node');
const { newlyCovered } = require('./newly-covered.cjs');
const { forgetSources, loadSources } = require('./sources-of-worker.cjs');
// the moduleNameMapper of Jest does not reach what the worker loads
require('./only-synthesize.cjs');

let loading;

/** Lets module-of-worker.cjs and source-of-worker.cjs take modules from the worker, in which all test files of it share them. */
module.exports = class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.config = config;
  }

  async setup() {
    await super.setup();
    loading ??= loadSources(this.config);
    await loading;
    // A process without a parent may be that of a second run, of other sources.
    if (!process.send) forgetSources();
    this.global.requireOfWorker = require;
  }

  handleTestEvent({ name }) {
    if (name !== 'teardown' || !this.config.globalConfig.collectCoverage) return;
    const coverage = { ...this.global.__coverage__, ...globalThis.__coverage__ };
    this.global.__coverage__ = process.send ? newlyCovered(coverage) : coverage;
  }
};
