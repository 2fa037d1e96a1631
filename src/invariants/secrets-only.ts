import { CfnDynamicReference, CfnParameter, Reference, SecretValue, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refuse, type Invariant } from './invariant';
import { isPlainObject } from './plain-object';
import { PLAIN_SECRET_TYPES, plainSecretsOf } from './plain-secrets';
import { isSecretName, plainSecret, resolvesToSecret, secretIn } from './secret-shapes';
import { isUnknown, knownText, tokensIn } from './unknown';

export const SECRETS_ONLY: Invariant = {
  id: 'SecretsOnly',
  level: 'error',
  statement: 'Provider keys, DATABASE_URL, tokens and passwords come only from Secrets Manager or Parameter Store references.',
  why: 'Plain text in a template, an image or user data is readable by everyone who may describe a task, pull an image or read a log.',
  limit: 'none in any text of a container (environment, command, labels, log options), a box (user data, tags), build arguments, a Dockerfile, an image or the template\'s own secrets; judged by name and by the shape of the value; no dynamic reference and no NoEcho parameter where CloudFormation would write the secret down',
  source: 'Flue deployment guide for AWS, environment and secrets',
  fix: 'Move it to `secrets` with `ecs.Secret.fromSecretsManager(…)` or `ecs.Secret.fromSsmParameter(…)`.',
  rule: {
    resourceTypes: PLAIN_SECRET_TYPES,
    check: plainSecretsOf,
  },
};

/** Refuses a plain-text variable that should be a secret. Values known only at deployment pass. */
export function requireNoPlainSecrets(scope: IConstruct, prop: string, variables: { readonly [name: string]: string }): void {
  for (const [name, value] of Object.entries(variables)) {
    const reason = isUnknown(value) ? secretBehind(scope, value) : plainSecret(name, value);
    if (reason) {
      refuse(scope, `\`${prop}\` must not hold a secret in plain text, got: ${name} (${reason})`, SECRETS_ONLY.fix, SECRETS_ONLY);
    }
  }
}

const RESOLVED = 'CloudFormation puts the secret in the place of the dynamic reference';

/** What tokens in a text say of the secret that will stand in their place, and what stands between them. */
function secretBehind(scope: IConstruct, text: string): string | undefined {
  const tokens = tokensIn(text);
  const shape = secretIn(knownText(text));
  const hidden = tokens.some(token => Reference.isReference(token) && token.target instanceof CfnParameter && token.target.noEcho);
  const resolved = tokens.some(token => token instanceof SecretValue
    || (token instanceof CfnDynamicReference && resolvesToSecret(JSON.stringify(Stack.of(scope).resolve(token)))));
  return shape ? `its value looks like ${shape}`
    : resolved ? RESOLVED
      : hidden ? 'CloudFormation puts the value in the place of its NoEcho parameter' : undefined;
}

/** Refuses props in any text of which a key stands. Of what they hold beside plain data, only strategy values are ours. */
export function requireNoSecretTexts(scope: IConstruct, props: object): void {
  for (const [prop, value] of Object.entries(props)) {
    const shape = textsIn(value).map(text => secretIn(knownText(text))).find(kind => kind !== undefined);
    if (shape) {
      refuse(scope, `\`${prop}\` must not hold a secret in plain text, got: what looks like ${shape}`, SECRETS_ONLY.fix, SECRETS_ONLY);
    }
  }
}

/** Refuses the same, and texts in the place of which CloudFormation would put a secret: those that stand where no one hides them. */
export function requireNoSecretValues(scope: IConstruct, props: object): void {
  requireNoSecretTexts(scope, props);
  for (const [prop, value] of Object.entries(props)) {
    const reason = textsIn(value).map(text => secretBehind(scope, text) ?? (resolvesToSecret(text) ? RESOLVED : undefined)).find(Boolean);
    if (reason) {
      refuse(scope, `\`${prop}\` must not hold a secret in plain text, got: one, because ${reason}`, SECRETS_ONLY.fix, SECRETS_ONLY);
    }
  }
}

/** A value of ours that a factory makes from what the user states. */
interface Strategy {
  readonly _given: object;
}

function isStrategy(value: unknown): value is Strategy {
  return typeof value === 'object' && value !== null && '_given' in value;
}

/** The texts of plain data and of strategy values, at any depth, names of entries included. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') {
    return [value];
  }
  if (Array.isArray(value)) {
    return value.flatMap(textsIn);
  }
  if (isStrategy(value)) {
    return textsIn(value._given);
  }
  return isPlainObject(value) ? Object.entries(value).flatMap(([name, entry]) => [name, ...textsIn(entry)]) : [];
}

/** Refuses build arguments that would stay readable in the image's history, whatever their value. */
export function requireNoSecretBuildArgs(scope: IConstruct, buildArgs: { readonly [name: string]: string }): void {
  for (const [name, value] of Object.entries(buildArgs)) {
    const reason = isSecretName(name) ? 'its name is that of a secret' : isUnknown(value) ? undefined : plainSecret(name, value);
    if (reason) {
      refuse(scope, `\`buildArgs\` must not hold a secret, got: ${name} (${reason})`,
        'Build arguments stay readable in the image\'s history: pass it as a `buildSecrets` entry', SECRETS_ONLY);
    }
  }
}

/** Refuses a Dockerfile that bakes a secret into the image. */
export function requireNoBakedSecrets(scope: IConstruct, where: string, variables: { readonly [name: string]: string }): void {
  for (const [name, value] of Object.entries(variables)) {
    const reason = plainSecret(name, value);
    if (reason) {
      refuse(scope, `${where} must not bake a secret into the image, got: ${name} (${reason})`,
        'Remove it there and pass it in the service\'s `secrets`', SECRETS_ONLY);
    }
  }
}
