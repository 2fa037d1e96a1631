import { Stack } from 'aws-cdk-lib';
import type { Secret } from 'aws-cdk-lib/aws-ecs';
import type { IGrantable, IPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import { refuse, type Finding, type Invariant } from './invariant';
import { shown } from './limits/guard';
import { EXPRESS_SERVICE, TASK_DEFINITION, type Container } from './template/containers';
import { allOf } from './template/findings';
import type { FlueServers } from './template/flue-servers';
import { isUnknown } from './unknown';

/** How policies write what Secrets Manager adds to a name. */
const ADDED = '-??????';
/** A field, a stage and a version. */
const PARTS = 3;
const POLICIES = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::Role', 'AWS::IAM::RolePolicy', 'AWS::IAM::UserPolicy'];

export const SECRET_REFERENCE: Invariant = {
  id: 'SecretReference',
  level: 'error',
  statement: 'AWS reads each reference to a secret as the secret that you mean.',
  why: 'Secrets Manager adds a hyphen and six characters to a name. It takes a name that ends like that for a complete ARN, finds no such secret, and no task starts.',
  limit: 'no ARN without the six characters for a name that ends in a hyphen and six letters or digits; no colon in a field',
  source: 'AWS Secrets Manager API reference, GetSecretValue (SecretId); Amazon ECS developer guide, secrets in environment variables',
  fix: 'Refer to the complete ARN, with the six characters that Secrets Manager added, or give the secret another name.',
  rule: {
    resourceTypes: [TASK_DEFINITION, EXPRESS_SERVICE],
    check: (owner, servers) => allOf(...servers.serverContainers(owner).map(container => judgeReferences(container, servers))),
  },
};

/** What a policy names for the ARN of a secret: one that was imported by its name lacks what Secrets Manager has added. */
export function completeSecretArn(arn: string): string {
  return /^\$\{Token\[[^\]]*\]\}$/.test(arn) || /-[A-Za-z0-9]{6}$/.test(arn) ? arn : `${arn}${ADDED}`;
}

const WITHOUT_COLON = 'ECS reads a field, a stage and a version between colons. Give the field another name';
const WAY = 'Import it with `Secret.fromSecretCompleteArn(…)`, in the stack that uses it, or give the secret another name';

/** Refuses a secret whose reference Secrets Manager would read as that of another secret. */
export function requireSecretReferences(scope: IConstruct, prop: string, secrets: { readonly [name: string]: Secret }): void {
  for (const [variable, secret] of Object.entries(secrets)) {
    const reference = secret.arn;
    if (isPlainName(reference) && policyOf(scope, secret)?.includes(':secret:')) {
      refuse(scope, `\`${prop}\` must refer to secrets by their ARN, got: the name ${reference} for ${variable}`,
        'ECS reads a name as that of a parameter: import the secret with `Secret.fromSecretNameV2(…)`', SECRET_REFERENCE);
    }
    const parts = tooManyPartsOf(reference);
    if (parts !== undefined) {
      refuse(scope, `\`${prop}\` must name a field of JSON without a colon, got: ${shown(parts)} behind the secret for ${variable}`, WITHOUT_COLON, SECRET_REFERENCE);
    }
    const name = nameLikeComplete(reference);
    if (name !== undefined && policyOf(scope, secret)?.includes(ADDED)) {
      refuseName(scope, prop, name, variable);
    }
  }
}

/** The same for a secret that is handed on as it is. */
export function requireSecretReference(scope: IConstruct, prop: string, secret: ISecret | undefined): void {
  const name = secret && nameLikeComplete(secret.secretArn);
  if (name !== undefined && secret!.secretFullArn === undefined) {
    refuseName(scope, prop, name);
  }
}

function refuseName(scope: IConstruct, prop: string, name: string, variable?: string): never {
  return refuse(scope, `\`${prop}\` must not refer by name to a secret whose name ends in a hyphen and six characters, got: ${name}${variable === undefined ? '' : ` for ${variable}`}`,
    `Secrets Manager would read that as a complete ARN. ${WAY}`, SECRET_REFERENCE);
}

/** The name in an ARN that ends as Secrets Manager lets complete ones end; undefined for any other text. */
function nameLikeComplete(reference: string): string | undefined {
  return /^arn:.*:secret:((?:\$\{[^}]*\}|[^:\s])+-[A-Za-z0-9]{6})(?=:|$)/.exec(reference)?.[1];
}

/** A part of an ARN, which may be filled in. */
const PART = String.raw`(?:\$\{[^}]*\}|[^:])`;
const WITH_PARTS = new RegExp(`^(?:arn:${PART}+:secretsmanager:${PART}*:${PART}*:secret:${PART}+|\\$\\{[^}]*\\})(:.*)$`);

/** What stands behind a secret, where that is more than a field, a stage and a version. */
function tooManyPartsOf(reference: string): string | undefined {
  const parts = WITH_PARTS.exec(reference)?.[1];
  return parts !== undefined && parts.split(':').length - 1 > PARTS ? parts : undefined;
}

function isPlainName(reference: string): boolean {
  return !isUnknown(reference) && !reference.startsWith('arn:');
}

/** Ends a grant before it changes anything. */
class Asked extends Error {}

/** The resources that the policy for a secret would name; undefined where it names none. */
function policyOf(scope: IConstruct, secret: Secret): string | undefined {
  let asked: PolicyStatement | undefined;
  const principal = {
    addToPrincipalPolicy: (statement: PolicyStatement) => {
      asked = statement;
      throw new Asked();
    },
  } as unknown as IPrincipal;
  try {
    secret.grantRead({ grantPrincipal: principal } satisfies IGrantable);
  } catch (error) {
    if (!(error instanceof Asked)) {
      return undefined;
    }
  }
  return asked && JSON.stringify(Stack.of(scope).resolve(asked.resources));
}

/** Only a policy tells that an ARN lacks the six characters: it names the same ARN with a pattern behind it. */
function judgeReferences(container: Container, servers: FlueServers): Finding[] | undefined {
  const secrets = container.variables.filter(({ secret }) => secret).map(({ name, value }) => ({ name, text: value.text(), part: 'Secrets' }));
  const broken = secrets.filter(({ text }) => tooManyPartsOf(text) !== undefined).map(({ name, text, part }) => ({
    detail: name,
    found: `${name} has ${tooManyPartsOf(text)} behind its secret, which is more than a field, a stage and a version`,
    location: `${container.location}/${part}`,
    fix: `${WITHOUT_COLON}.`,
  }));
  const references = [
    ...secrets,
    { name: 'RepositoryCredentials', text: container.definition.at('RepositoryCredentials', 'CredentialsParameter').text(), part: 'RepositoryCredentials' },
  ].flatMap(reference => {
    const name = nameLikeComplete(reference.text);
    return name === undefined ? [] : [{ ...reference, arn: reference.text.slice(0, reference.text.indexOf(name) + name.length) }];
  });
  if (references.length === 0) {
    return broken;
  }
  const policies = servers.app.ofType(...POLICIES).map(policy => policy.at().text());
  const misread = references.filter(({ arn }) => policies.some(text => text.includes(`${arn}${ADDED}`) || text.includes(`${arn}-*`)));
  return [...broken, ...misread.map(({ name, arn, part }) => ({
    detail: name,
    found: `${name} refers to ${arn}, which Secrets Manager reads as a complete ARN`,
    location: `${container.location}/${part}`,
  }))];
}
