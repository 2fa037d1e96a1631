// Includes the templates into an app of the newest aws-cdk-lib, whose own rules are errors, and prints its report.
// A program of its own, because a rule that is violated ends the process.
const { mkdtempSync, readFileSync, existsSync, rmSync } = require('node:fs');
const { createRequire } = require('node:module');
const { tmpdir } = require('node:os');
const { basename, join, resolve } = require('node:path');

const [tools, ...files] = process.argv.slice(2);
const load = createRequire(resolve(tools, 'package.json'));
const { App, DefaultStackSynthesizer, Stack } = load('aws-cdk-lib');
const { CfnInclude } = load('aws-cdk-lib/cloudformation-include');

const outdir = mkdtempSync(join(tmpdir(), 'cdk-flue-rules-'));
process.on('exit', () => {
  const report = join(outdir, 'validation-report.json');
  process.stdout.write(existsSync(report) ? readFileSync(report) : '{}');
  rmSync(outdir, { recursive: true, force: true });
});
const app = new App({ outdir, analyticsReporting: false, context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
for (const templateFile of files) {
  const stack = new Stack(app, basename(templateFile, '.template.json'), {
    // The template has the parameter of the bootstrap version already.
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
  });
  new CfnInclude(stack, 'Template', { templateFile });
}
try {
  app.synth();
} catch (error) {
  if (!existsSync(join(outdir, 'validation-report.json'))) throw error;
}
