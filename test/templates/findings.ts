import { ACCEPTED } from './accepted';

/** docs/findings.md, from the findings that are accepted. */
export function findingsDocument(): string {
  return [
    '# Findings that stay',
    '',
    'Four judges read every template of the examples and of the snapshot tests, with `npm run verify:templates`:',
    'cfn-lint, the rules of aws-cdk-lib itself (as errors), cfn-guard with the rules of AWS Control Tower, and checkov.',
    'What they find is fixed, or stands here with its reason. A finding that does not stand here fails the run, and so does',
    'a line here that no finding needs any more.',
    '',
    'This file is generated from `test/templates/accepted.ts` by `npm run generate:findings`.',
    '',
    '| why it stays | judge | rules | where |',
    '|---|---|---|---|',
    ...ACCEPTED.map(({ judge, rules, types, templates, reason }) => {
      const where = [types?.map(type => `\`${type}\``).join(', '), templates && `templates named ${templates.source}`].filter(Boolean).join('; ');
      return `| ${reason} | ${judge} | ${rules.map(rule => `\`${rule}\``).join(', ')} | ${where || 'everywhere'} |`;
    }),
    '',
  ].join('\n');
}
