/**
 * Takes the place of `@aws/cloudformation-validate`, aws-cdk-lib's own judge of templates.
 *
 * The real one starts WebAssembly in every process that synthesizes. In `npm run verify:templates` the real one judges, as errors,
 * every template that a snapshot or an example holds.
 */
exports.RegoEngine = class {
  listRules() {
    return [];
  }

  validateDetailed() {
    return { diagnostics: [] };
  }
};

exports.TemplateFile = class {};

exports.version = () => 'silent';
