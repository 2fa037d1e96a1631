// For `--require`: a process that only has to synthesize does without aws-cdk-lib's own judge of templates, four fifths of its time.
// It judges in `npm run verify:templates`, on every template of the examples and the snapshots, and there its findings are errors.
const Module = require('node:module');
const silent = require('./silent-judge.cjs');

const load = Module._load;
Module._load = (request, ...where) => request === '@aws/cloudformation-validate' ? silent : load(request, ...where);
