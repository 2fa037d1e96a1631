import { App, DefaultStackSynthesizer, Fn, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { OidcProviderNative } from 'aws-cdk-lib/aws-iam';
import { admits, trustOf, type Claims } from './trust';
import { FlueChecks, FlueDeployRole, type FlueDeployRoleProps } from '../../src';
import { refusalOf } from '../service/support';
import { expectTemplateSnapshot } from '../support/snapshot';

const REPOSITORY = 'acme/agents';
const newStack = (synthesizer?: DefaultStackSynthesizer) => new Stack(new App(), 'Ci', { env: { account: '111111111111', region: 'eu-west-1' }, synthesizer });
const roleIn = (stack: Stack, props: Partial<FlueDeployRoleProps> = {}) => new FlueDeployRole(stack, 'Deploy', { repository: REPOSITORY, ...props });

/** The token of a job that GitHub runs for a push to a branch. */
const push = (branch: string, more: Partial<{ environment: string; repository: string }> = {}): Claims => {
  const { environment, repository = REPOSITORY } = more;
  return { aud: 'sts.amazonaws.com', sub: `repo:${repository}:${environment ? `environment:${environment}` : `ref:refs/heads/${branch}`}`, ref: `refs/heads/${branch}` };
};
/** The token of a job that GitHub runs for a pull request. */
const pull = (environment?: string): Claims =>
  ({ aud: 'sts.amazonaws.com', sub: `repo:${REPOSITORY}:${environment ? `environment:${environment}` : 'pull_request'}`, ref: 'refs/pull/7/merge' });

const FORGED: [string, Claims][] = [
  ['another branch', push('feature')],
  ['a branch that begins like it', push('main2')],
  ['a branch below its name', push('main/x')],
  ['a branch in another case', push('Main')],
  ['a tag of its name', { ...push('main'), sub: `repo:${REPOSITORY}:ref:refs/tags/main`, ref: 'refs/tags/main' }],
  ['a pull request', pull()],
  ['a pull request whose branch is called so', { ...pull(), sub: `repo:${REPOSITORY}:ref:refs/pull/7/merge` }],
  ['a pull request that names the environment', pull('production')],
  ['another environment', push('main', { environment: 'staging' })],
  ['an environment that ends like it', push('main', { environment: 'x:production' })],
  ['another repository', push('main', { repository: 'acme/agents2' })],
  ['another owner', push('main', { repository: 'evil-acme/agents' })],
  ['a repository of the name, made after a rename', push('main', { repository: 'acme@9/agents@10' })],
  ['a wildcard', { ...push('main'), sub: '*' }],
  ['another audience', { ...push('main'), aud: 'https://github.com/acme' }],
  ['no subject', { aud: 'sts.amazonaws.com', ref: 'refs/heads/main' }],
  ['nothing', {}],
];

test('the judge of this file knows a trust that is too wide', () => {
  const wide = [{ Effect: 'Allow', Action: 'sts:AssumeRoleWithWebIdentity', Principal: {}, Condition: { StringLike: { 'token.actions.githubusercontent.com:sub': `repo:${REPOSITORY}*` } } }];
  expect(FORGED.filter(([, claims]) => admits(wide, claims)).map(([what]) => what)).toEqual(expect.arrayContaining(['another branch', 'a pull request', 'another repository']));
  expect(admits(wide, push('main', { repository: 'evil-acme/agents' }))).toBe(false);
});

describe('a role of a branch', () => {
  const trust = (props?: Partial<FlueDeployRoleProps>) => {
    const stack = newStack();
    roleIn(stack, props);
    return trustOf(stack);
  };

  test('admits it', () => {
    expect(admits(trust(), push('main'))).toBe(true);
    expect(admits(trust({ branch: 'release/1.x' }), push('release/1.x'))).toBe(true);
  });

  test.each(FORGED)('does not admit %s', (_, claims) => {
    expect(admits(trust(), claims)).toBe(false);
  });

  test('does not admit a job of it that names an environment', () => {
    expect(admits(trust(), push('main', { environment: 'production' }))).toBe(false);
  });

  test('with immutable subjects admits the repository of these ids alone', () => {
    const immutable = trust({ repository: 'acme@12/agents@345' });
    expect(admits(immutable, push('main', { repository: 'acme@12/agents@345' }))).toBe(true);
    expect(admits(immutable, push('main'))).toBe(false);
    expect(admits(immutable, push('main', { repository: 'acme@12/agents@346' }))).toBe(false);
  });
});

describe('a role of an environment', () => {
  const trust = () => {
    const stack = newStack();
    roleIn(stack, { environment: 'production' });
    return trustOf(stack);
  };

  test('admits a job of the branch that names it', () => {
    expect(admits(trust(), push('main', { environment: 'production' }))).toBe(true);
  });

  test.each([...FORGED, ['a job of the branch that names none', push('main')] as [string, Claims], ['another branch that names it', push('feature', { environment: 'production' })] as [string, Claims]])('does not admit %s', (_, claims) => {
    expect(admits(trust(), claims)).toBe(false);
  });
});

describe('a role of pull requests', () => {
  const trust = () => {
    const stack = newStack();
    roleIn(stack, { pullRequests: true, readOnly: true });
    return trustOf(stack);
  };

  test('admits them', () => {
    expect(admits(trust(), pull())).toBe(true);
  });

  test.each([...FORGED.filter(([, claims]) => claims.sub !== pull().sub), ['the branch', push('main')] as [string, Claims]])('does not admit %s', (_, claims) => {
    expect(admits(trust(), claims)).toBe(false);
  });

  test('warns that they may deploy, unless they only compare', () => {
    const stack = newStack();
    roleIn(stack, { pullRequests: true });
    Annotations.fromStack(stack).hasWarning('/Ci/Deploy', Match.stringLikeRegexp('Whoever opens a pull request from a branch of acme/agents can deploy what they like'));
    const reading = newStack();
    roleIn(reading, { pullRequests: true, readOnly: true });
    expect(Annotations.fromStack(reading).findWarning('*', Match.anyValue())).toEqual([]);
  });
});

describe('its rights', () => {
  const rights = (stack: Stack) => Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')).flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  const arn = (purpose: string, qualifier = 'hnb659fds') =>
    ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:iam::111111111111:role/cdk-${qualifier}-${purpose}-role-111111111111-eu-west-1`]] });

  test('are to take the roles of the bootstrap', () => {
    const stack = newStack();
    roleIn(stack);
    expect(rights(stack)).toEqual([{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: ['deploy', 'file-publishing', 'image-publishing', 'lookup'].map(purpose => arn(purpose)) }]);
  });

  test('are to look up, if it is read-only', () => {
    const stack = newStack();
    roleIn(stack, { readOnly: true });
    expect(rights(stack)).toEqual([{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: arn('lookup') }]);
  });

  test.each<[string, DefaultStackSynthesizer | undefined, string | undefined, string]>([
    ['that of the stack', new DefaultStackSynthesizer({ qualifier: 'agents' }), undefined, 'agents'],
    ['that of the prop', new DefaultStackSynthesizer({ qualifier: 'agents' }), 'preview', 'preview'],
    ['the longest', undefined, 'a234567890', 'a234567890'],
  ])('are of the bootstrap with a qualifier: %s', (_, synthesizer, qualifier, expected) => {
    const stack = newStack(synthesizer);
    roleIn(stack, { qualifier, readOnly: true });
    expect(rights(stack)[0].Resource).toEqual(arn('lookup', expected));
  });
});

test('two roles share the provider of the account, which may exist', () => {
  const stack = newStack();
  const { provider } = roleIn(stack);
  new FlueDeployRole(stack, 'Compare', { repository: REPOSITORY, pullRequests: true, readOnly: true, provider });
  Template.fromStack(stack).resourceCountIs('AWS::IAM::OIDCProvider', 1);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::OIDCProvider', { Url: 'https://token.actions.githubusercontent.com', ClientIdList: ['sts.amazonaws.com'] });
  const other = newStack();
  roleIn(other, { provider: OidcProviderNative.fromOidcProviderArn(other, 'Provider', 'arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com') });
  Template.fromStack(other).resourceCountIs('AWS::IAM::OIDCProvider', 0);
});

test('maximal roles', () => {
  const stack = newStack();
  const { provider, subject, role, grantPrincipal, node } = roleIn(stack, { branch: 'main', environment: 'production', qualifier: 'agents', pullRequests: false, readOnly: false });
  new FlueDeployRole(stack, 'Compare', { repository: REPOSITORY, pullRequests: true, readOnly: true, provider });
  expect([subject, grantPrincipal, node.defaultChild]).toEqual(['repo:acme/agents:environment:production', role, role]);
  expect(new FlueChecks(stack.node.root).validateScope(stack.node.root).violations).toEqual([]);
  expectTemplateSnapshot(Template.fromStack(stack));
});

describe('it refuses', () => {
  test.each<[string, Partial<FlueDeployRoleProps>, RegExp]>([
    ['every repository', { repository: '*' }, /^`repository` must be OWNER\/NAME, or OWNER@ID\/NAME@ID, got: \*\. Write it as in the address/],
    ['every repository of an owner', { repository: 'acme/*' }, /`repository` must be .*got: acme\/\*/],
    ['an owner alone', { repository: 'acme' }, /`repository` must be/],
    ['an address', { repository: 'https://github.com/acme/agents' }, /`repository` must be/],
    ['the address of a clone', { repository: 'acme/agents.git' }, /`repository` must be/],
    ['a part of a subject', { repository: 'acme/agents:ref' }, /`repository` must be/],
    ['one id without the other', { repository: 'acme@1/agents' }, /`repository` must be/],
    ['a repository called ..', { repository: 'acme/..' }, /`repository` must be/],
    ['a branch that git does not allow', { branch: 'a..b' }, /`branch` must be .*got: a\.\.b/],
    ['a branch that ends with a slash', { branch: 'main/' }, /`branch` must be/],
    ['a space after an environment', { environment: 'production ' }, /`environment` must be .*got: production /],
    ['a branch beside pull requests, without the name of a token', { pullRequests: true, branch: Fn.importValue('Branch') }, /got: \(known only at deployment\)\. Make two roles/],
    ['every branch', { branch: '*' }, /^`branch` must be a branch without `refs\/heads\/`.*got: \*\. Name one branch/],
    ['branches that begin so', { branch: 'release/?' }, /`branch` must be/],
    ['a whole ref', { branch: 'refs/heads/main' }, /`branch` must be a branch without `refs\/heads\/`/],
    ['every environment', { environment: '*' }, /^`environment` must be 1–255 letters.*got: \*/],
    ['an environment with a colon', { environment: 'a:b' }, /`environment` must be/],
    ['a long qualifier', { qualifier: 'a2345678901' }, /^`qualifier` must be 1–10 letters, .*got: a2345678901/],
    ['a branch of pull requests', { pullRequests: true, branch: 'main' }, /^`branch` must be left out with `pullRequests`, got: main\. Make two roles/],
    ['an environment of pull requests', { pullRequests: true, environment: 'preview' }, /^`environment` must be left out with `pullRequests`, got: preview/],
  ])('%s', (_, props, message) => {
    expect(refusalOf(() => roleIn(newStack(), props)).replace(/^.*?(?=`)/, '')).toMatch(message);
  });

  test('the provider of another issuer', () => {
    const stack = newStack();
    const provider = OidcProviderNative.fromOidcProviderArn(stack, 'Provider', 'arn:aws:iam::111111111111:oidc-provider/gitlab.com');
    expect(refusalOf(() => roleIn(stack, { provider }))).toMatch(/`provider` must be of token\.actions\.githubusercontent\.com, got: one of gitlab\.com/);
  });

  test.each<[string, string[] | undefined, string | undefined]>([
    ['with the audience of AWS beside another', ['https://github.com/acme', 'sts.amazonaws.com'], undefined],
    ['with an audience that only the deployment knows', [Fn.ref('Audience')], undefined],
    ['with another audience', ['https://github.com/acme'], 'the client ids https://github.com/acme'],
    ['without an audience', undefined, 'no client id'],
  ])('or takes a provider of this app %s', (_, clientIds, got) => {
    const stack = newStack();
    const provider = new OidcProviderNative(stack, 'GitHub', { url: 'https://token.actions.githubusercontent.com', clientIds });
    const refusal = refusalOf(() => roleIn(stack, { provider }));
    expect(refusal.split('. Make it with')[0]).toBe(got === undefined ? '' : `[Ci/Deploy] \`provider\` must take tokens for sts.amazonaws.com, got: ${got}`);
  });

  test.each([['a name of 200 characters', `acme/${'a'.repeat(195)}`, false], ['a longer one', `acme/${'a'.repeat(196)}`, true]])('or not: %s', (_, repository, isRefused) => {
    expect(refusalOf(() => roleIn(newStack(), { repository })) !== '').toBe(isRefused);
  });
});
