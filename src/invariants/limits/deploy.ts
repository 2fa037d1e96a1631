import { written } from './limit';

const OF_ROLE = ['FlueDeployRoleProps'];
const TOKEN_SOURCE = 'GitHub documentation, OpenID Connect reference (subject claims)';

export const DEPLOY_LIMITS = {
  repository: written({
    prop: 'repository',
    of: OF_ROLE,
    // an owner has dashes between its letters and digits alone; the ids are of a repository with immutable subjects
    pattern: /^(?:[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*\/(?!\.{1,2}$)[A-Za-z0-9._-]+|[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*@[0-9]+\/(?!\.{1,2}@)[A-Za-z0-9._-]+@[0-9]+)$/,
    length: 200,
    source: TOKEN_SOURCE,
    fix: 'Write it as in the address of the repository, without `https://github.com/`, without `.git` and without a wildcard',
    accepts: text => !text.endsWith('.git'),
  }, 'OWNER/NAME, or OWNER@ID/NAME@ID'),
  branch: written({
    prop: 'branch',
    of: OF_ROLE,
    pattern: /^(?!refs\/)[A-Za-z0-9_][A-Za-z0-9._/+#@-]*$/,
    length: 244,
    source: `${TOKEN_SOURCE}; git, check-ref-format`,
    accepts: text => !/\.\.|\/\/|\/\.|@\{|[/.]$|\.lock(?:$|\/)/.test(text),
    fix: 'Name one branch, such as `main`. A wildcard would let whoever can push a branch deploy',
  }, 'a branch without `refs/heads/`, 1–244 letters, digits and `_.-/+#@`'),
  environment: written({
    prop: 'environment',
    of: OF_ROLE,
    pattern: /^[A-Za-z0-9_](?:[A-Za-z0-9._/ -]*[A-Za-z0-9._/-])?$/,
    length: 255,
    source: TOKEN_SOURCE,
    fix: 'Name one environment of the repository, such as `production`',
  }, '1–255 letters, digits, `_.-/`, and spaces within'),
  qualifier: written({
    prop: 'qualifier',
    of: OF_ROLE,
    pattern: /^[A-Za-z0-9_-]{1,10}$/,
    length: 10,
    source: 'AWS CDK CLI, the bootstrap template (Qualifier)',
    fix: 'Pass what you passed to `cdk bootstrap --qualifier`',
  }, '1–10 letters, digits, dashes and underscores'),
};
