const { createHash } = require('node:crypto');

/** Makes a module that a test file loads the one that the worker has. Jest would load aws-cdk-lib anew for each file, a third of a second. */
module.exports = {
  process: (_, path) => ({ code: `module.exports = requireOfWorker(${JSON.stringify(path)});` }),
  getCacheKey: (_, path) => createHash('sha1').update(path).digest('hex'),
};
