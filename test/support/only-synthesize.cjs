// For `--require`: a process that only has to synthesize does without what takes most of its time and what it has no use for.
const Module = require('node:module');
const silent = require('./silent-judge.cjs');

// aws-cdk-lib's own judge of templates, four fifths. It judges in `npm run verify:templates`, on every template of the examples and the
// snapshots, and there its findings are errors.
const load = Module._load;
Module._load = (request, ...where) => request === '@aws/cloudformation-validate' ? silent : load(request, ...where);

// The line that created each element, a fifth of the rest, and the lines that led to each warning.
process.env.CDK_CONTEXT_JSON = JSON.stringify({
  'aws:cdk:disable-creation-stack-traces': true, 'aws:cdk:disable-stack-trace': true, ...JSON.parse(process.env.CDK_CONTEXT_JSON || '{}'),
});

// How long each part of a synthesis took.
performance.measure = () => undefined;
