import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refuse, type Invariant } from './invariant';
import { isSecretName, plainSecret } from './secret-shapes';

export const SECRETS_ONLY: Invariant = {
  id: 'SecretsOnly',
  level: 'error',
  statement: 'Provider keys, DATABASE_URL, tokens and passwords come only from Secrets Manager or Parameter Store references.',
  why: 'Plain text in a template, an image or user data is readable by everyone who may describe a task, pull an image or read a log.',
  limit: 'none in environment, command, labels, user data, build arguments, Dockerfile or image; judged by name and by the shape of the value',
  source: 'Flue deployment guide for AWS, environment and secrets',
  fix: 'Move it to `secrets` with `ecs.Secret.fromSecretsManager(…)` or `ecs.Secret.fromSsmParameter(…)`.',
};

/** Refuses a plain-text variable that should be a secret. Values known only at deployment pass. */
export function requireNoPlainSecrets(scope: IConstruct, prop: string, variables: { readonly [name: string]: string }): void {
  for (const [name, value] of Object.entries(variables)) {
    const reason = Token.isUnresolved(value) ? undefined : plainSecret(name, value);
    if (reason) {
      refuse(scope, `\`${prop}\` must not hold a secret in plain text, got: ${name} (${reason})`, SECRETS_ONLY.fix, SECRETS_ONLY);
    }
  }
}

/** Refuses build arguments that would stay readable in the image's history, whatever their value. */
export function requireNoSecretBuildArgs(scope: IConstruct, buildArgs: { readonly [name: string]: string }): void {
  for (const [name, value] of Object.entries(buildArgs)) {
    const reason = isSecretName(name) ? 'its name is that of a secret' : Token.isUnresolved(value) ? undefined : plainSecret(name, value);
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
