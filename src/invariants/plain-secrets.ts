import type { Finding } from './invariant';
import { isSecretName, plainSecret, resolvesToSecret, secretIn } from './secret-shapes';
import { assignmentsIn } from './template/assignments';
import { AUTO_SCALING_GROUP, boxLocation, boxProperty, BOX_TYPES, userDataOf } from './template/boxes';
import { containersOf, EXPRESS_SERVICE, TASK_DEFINITION, type Container } from './template/containers';
import { DATABASE_TYPES, PARAMETER, SECRET } from './template/databases';
import { LOG_GROUP, SERVICE, type FlueServers } from './template/flue-servers';
import { renderedBuildArgs } from './template/image-assets';
import { DISTRIBUTION, LISTENER, LISTENER_RULE, LOAD_BALANCER, TARGET_GROUP } from './template/routing';
import { textsOf, type NamedText } from './template/texts';
import { FUNCTION_TYPES } from './template/traits';
import type { TemplateParameter, TemplateResource, TemplateValue } from './template/value';

/** Every resource of a server that people write texts into. */
export const PLAIN_SECRET_TYPES = [
  TASK_DEFINITION, EXPRESS_SERVICE, SERVICE, ...BOX_TYPES, AUTO_SCALING_GROUP, ...FUNCTION_TYPES, SECRET, PARAMETER, ...DATABASE_TYPES,
  LOAD_BALANCER, LISTENER, LISTENER_RULE, TARGET_GROUP, DISTRIBUTION, LOG_GROUP,
];

/** The secrets that stand, or will stand, in plain text in a resource: one finding for each name, however often it stands there. */
export function plainSecretsOf(resource: TemplateResource, servers: FlueServers): Finding[] {
  const buildArgs = renderedBuildArgs(resource).flatMap(([name, value]) => judgeBuildArg(name, value.text(), 'Metadata/aws:asset:docker-build-args'));
  const findings = [...buildArgs, ...ownSecretsOf(resource, servers), ...judgeProperties(resource)];
  return findings.filter((finding, index) => findings.findIndex(({ detail }) => detail === finding.detail) === index);
}

/** What stands in the properties that have a form or a way out of their own. */
function ownSecretsOf(resource: TemplateResource, servers: FlueServers): Finding[] {
  switch (resource.type) {
    case TASK_DEFINITION:
    case EXPRESS_SERVICE:
      return containersOf(resource).flatMap(container => judgeContainer(container, servers));
    case SECRET:
      return judgeText(resource.at('SecretString').text(), 'SecretString', 'Properties/SecretString', STORE_FIX);
    case PARAMETER:
      return judgeText(resource.at('Value').text(), 'Value', 'Properties/Value', STORE_FIX);
    default:
      return BOX_TYPES.includes(resource.type) ? judgeBox(resource) : DATABASE_TYPES.includes(resource.type) ? judgeMasterPassword(resource) : [];
  }
}

/** Parts that are judged by themselves. */
const JUDGED_BY_THEMSELVES = ['ContainerDefinitions', 'PrimaryContainer', 'UserData', 'SecretString', 'Value', 'MasterUserPassword'];
/** Where CloudFormation hands a secret on without writing it down where others may read it. */
const TAKES_REFERENCES = [SECRET, PARAMETER, ...DATABASE_TYPES, LISTENER, LISTENER_RULE, DISTRIBUTION];

/** Every text of a resource, tags and names included. */
function judgeProperties(resource: TemplateResource): Finding[] {
  return [...textsOf(resource.at())].filter(({ path: [first] }) => !JUDGED_BY_THEMSELVES.includes(first)).flatMap(({ name, value, path }) => {
    const [first] = path;
    const location = `Properties/${path[0]}`;
    if (path.includes('UserData')) {
      return [];
    }
    const where = first === 'Tags' || path.includes('TagSpecifications') ? 'a tag' : path.includes('Variables') ? 'a variable of the function' : first;
    return path.length === 1 ? judgeText(value.text(), name, location)
      : judgeVariable(name, value, where, location, !TAKES_REFERENCES.includes(resource.type));
  });
}

const STORE_FIX = 'Create the secret without a value, or with a generated one, and write the value into the store itself.';

/** Commands, judged word by word. */
const SCRIPTS = ['Command', 'EntryPoint', 'HealthCheck'];
/** What the parts of a container are called in a finding. */
const PARTS: Readonly<Record<string, string>> = {
  DockerLabels: 'a label of ', LogConfiguration: 'a log option of ', FirelensConfiguration: 'a FireLens option of ',
};

function judgeContainer(container: Container, servers: FlueServers): Finding[] {
  const { definition, location } = container;
  const name = String(container.name);
  const build = servers.app.imageBuildOf(definition.at('Image').text());
  const texts = [...textsOf(definition)].filter(({ path: [part] }) => !SCRIPTS.includes(part));
  return [
    ...texts.flatMap(text => judgeContainerText(text, name, location)),
    ...judgeScript(container.commandLine, 'Command', `${location}/Command`),
    ...judgeScript(definition.at('HealthCheck', 'Command').text(), 'HealthCheck', `${location}/HealthCheck`),
    ...SCRIPTS.flatMap(part => judgeResolved(part === 'EntryPoint' ? 'Command' : part, definition.at(part), `container ${name}`, `${location}/${part}`)),
    ...Object.entries(build?.buildArgs ?? {}).flatMap(([arg, value]) => judgeBuildArg(arg, String(value), `${location}/Image`)),
  ];
}

function judgeContainerText({ name, value, path }: NamedText, container: string, location: string): Finding[] {
  const [part] = path;
  const place = `${location}/${part}`;
  return path.length === 1 || part === 'Secrets' || path.includes('SecretOptions')
    ? judgeText(value.text(), name, place)
    : judgeVariable(name, value, `${PARTS[part] ?? ''}container ${container}`, place, true);
}

function judgeBox(box: TemplateResource): Finding[] {
  return [
    ...judgeResolved('UserData', boxProperty(box, 'UserData'), 'the box', `${boxLocation(box)}/UserData`),
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

/** A name alone betrays only a value that stands there whole; a key betrays itself in any part of one. */
function judgeVariable(name: string, value: TemplateValue, where: string, location: string, readable: boolean): Finding[] {
  const literal = value.string();
  const shape = secretIn(value.text());
  const reason = typeof literal === 'string' ? plainSecret(name, literal) : shape && `its value looks like ${shape}`;
  return reason ? [{ detail: name, found: `${name} stands in plain text in ${where}: ${reason}`, location }]
    : readable ? judgeResolved(name, value, where, location) : [];
}

/** What CloudFormation turns into plain text at deployment: a dynamic reference, or a parameter that only its own answers mask. */
function judgeResolved(name: string, value: TemplateValue, where: string, location: string): Finding[] {
  const reason = value.absent ? undefined : resolvesToSecret(value.text())
    ? 'CloudFormation puts the secret in the place of the dynamic reference'
    : parameterReason(value.parameters());
  return reason ? [{ detail: name, found: `${name} will stand in plain text in ${where}: ${reason}`, location }] : [];
}

function parameterReason(parameters: TemplateParameter[]): string | undefined {
  const masked = parameters.find(({ hidden }) => hidden);
  if (masked) {
    return `CloudFormation puts the value in the place of the parameter ${masked.name}, which NoEcho hides only in its own answers`;
  }
  const [shape] = parameters.flatMap(parameter => (typeof parameter.default === 'string' && secretIn(parameter.default)) || []);
  return shape && `the default of its parameter looks like ${shape}`;
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
    // a value that the shell, a program or the deployment completes says nothing by its name
    const reason = /[$`]|\{\{|^[[{<]/.test(value) ? undefined : plainSecret(name, value);
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
