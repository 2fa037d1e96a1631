import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refuse, type Finding, type Invariant } from './invariant';
import { isSecretName, plainSecret, secretIn } from './secret-shapes';
import { assignmentsIn } from './template/assignments';
import { boxLocation, BOX_TYPES, userDataOf } from './template/boxes';
import { containersOf, EXPRESS_SERVICE, TASK_DEFINITION, type Container } from './template/containers';
import { DATABASE_TYPES, PARAMETER, SECRET } from './template/databases';
import { FUNCTION, type FlueServers } from './template/flue-servers';
import { imageBuildOf, renderedBuildArgs } from './template/image-assets';
import { UNKNOWN, type TemplateResource, type TemplateValue } from './template/value';

export const SECRETS_ONLY: Invariant = {
  id: 'SecretsOnly',
  level: 'error',
  statement: 'Provider keys, DATABASE_URL, tokens and passwords come only from Secrets Manager or Parameter Store references.',
  why: 'Plain text in a template, an image or user data is readable by everyone who may describe a task, pull an image or read a log.',
  limit: 'none in environment, command, labels, user data, build arguments, Dockerfile, image or the template\'s own secrets; judged by name and by the shape of the value',
  source: 'Flue deployment guide for AWS, environment and secrets',
  fix: 'Move it to `secrets` with `ecs.Secret.fromSecretsManager(…)` or `ecs.Secret.fromSsmParameter(…)`.',
  rule: {
    resourceTypes: [TASK_DEFINITION, EXPRESS_SERVICE, ...BOX_TYPES, FUNCTION, SECRET, PARAMETER, ...DATABASE_TYPES],
    check: (resource, servers) => distinct(plainSecretsOf(resource, servers)),
  },
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

function plainSecretsOf(resource: TemplateResource, servers: FlueServers): Finding[] {
  const buildArgs = renderedBuildArgs(resource).flatMap(([name, value]) => judgeBuildArg(name, value.text(), 'Metadata/aws:asset:docker-build-args'));
  switch (resource.type) {
    case TASK_DEFINITION:
    case EXPRESS_SERVICE:
      return [...buildArgs, ...containersOf(resource).flatMap(container => judgeContainer(container, servers))];
    case FUNCTION:
      return [...buildArgs, ...judgeMap(resource.at('Environment', 'Variables'), 'a variable of the function', 'Properties/Environment/Variables')];
    case SECRET:
      return judgeText(resource.at('SecretString').text(), 'SecretString', 'Properties/SecretString', STORE_FIX);
    case PARAMETER:
      return judgeText(resource.at('Value').text(), 'Value', 'Properties/Value', STORE_FIX);
    default:
      return BOX_TYPES.includes(resource.type) ? judgeBox(resource) : judgeMasterPassword(resource);
  }
}

const STORE_FIX = 'Create the secret without a value, or with a generated one, and write the value into the store itself.';

function judgeContainer(container: Container, servers: FlueServers): Finding[] {
  const { definition, location } = container;
  const name = String(container.name);
  const build = imageBuildOf(servers.app, definition.at('Image'));
  return [
    ...container.variables.flatMap(variable => variable.secret
      ? judgeText(variable.value.text(), variable.name, `${location}/Secrets`)
      : judgeVariable(variable.name, variable.value, `container ${name}`, `${location}/Environment`)),
    ...judgeScript(container.commandLine, 'Command', `${location}/Command`),
    ...judgeScript(definition.at('HealthCheck', 'Command').text(), 'HealthCheck', `${location}/HealthCheck`),
    ...judgeMap(definition.at('DockerLabels'), `a label of container ${name}`, `${location}/DockerLabels`),
    ...Object.entries(build?.buildArgs ?? {}).flatMap(([arg, value]) => judgeBuildArg(arg, String(value), `${location}/Image`)),
  ];
}

function judgeBox(box: TemplateResource): Finding[] {
  return [
    ...judgeScript(userDataOf(box), 'UserData', `${boxLocation(box)}/UserData`),
    ...judgeScript(box.section('Metadata').at('AWS::CloudFormation::Init').text(), 'AWS::CloudFormation::Init', 'Metadata/AWS::CloudFormation::Init'),
  ];
}

function judgeMasterPassword(database: TemplateResource): Finding[] {
  const key = 'MasterUserPassword';
  const password = database.at(key).string();
  return typeof password !== 'string' ? [] : [{
    detail: key,
    found: 'the password of the database stands in plain text',
    location: `Properties/${key}`,
    fix: 'Set ManageMasterUserPassword, or refer to a generated secret with a dynamic reference.',
  }];
}

function judgeMap(map: TemplateValue, where: string, location: string): Finding[] {
  const entries = map.entries();
  return entries === UNKNOWN ? [] : entries.flatMap(([name, value]) => judgeVariable(name, value, where, location));
}

/** A name alone betrays only a value that stands there whole; a key betrays itself in any part of one. */
function judgeVariable(name: string, value: TemplateValue, where: string, location: string): Finding[] {
  const literal = value.string();
  const shape = secretIn(value.text());
  const reason = typeof literal === 'string' ? plainSecret(name, literal) : shape && `its value looks like ${shape}`;
  return reason ? [{ detail: name, found: `${name} stands in plain text in ${where}: ${reason}`, location }] : [];
}

function judgeBuildArg(name: string, value: string, location: string): Finding[] {
  const reason = isSecretName(name) ? 'its name is that of a secret' : plainSecret(name, value);
  return reason ? [{
    detail: name,
    found: `build argument ${name} stays readable in the history of the image: ${reason}`,
    location,
    fix: 'Pass it as a build secret.',
  }] : [];
}

/** The variables that a script sets, and keys that stand in it without a name. */
function judgeScript(script: string, where: string, location: string): Finding[] {
  let rest = script;
  const named = assignmentsIn(script).flatMap(({ name, value, text }) => {
    // a value that the shell or the deployment completes says nothing by its name
    const reason = /[$`]|\{\{/.test(value) ? undefined : plainSecret(name, value);
    if (!reason) {
      return [];
    }
    rest = rest.replace(text, '');
    return [{ detail: name, found: `${name} stands in plain text in ${where}: ${reason}`, location }];
  });
  return [...named, ...judgeText(rest, where, location)];
}

function judgeText(text: string, where: string, location: string, fix?: string): Finding[] {
  const shape = secretIn(text);
  return shape ? [{ detail: where, found: `${where} holds what looks like ${shape} in plain text`, location, fix }] : [];
}

/** One finding for each name, however often it stands in a resource. */
function distinct(findings: Finding[]): Finding[] {
  return findings.filter((finding, index) => findings.findIndex(({ detail }) => detail === finding.detail) === index);
}
