import { bootText, BOX_TYPES, dockerRuns } from './boxes';
import { containersOf, EXPRESS_SERVICE, TASK_DEFINITION, type Container } from './containers';
import { memoize } from './memoize';
import { textsOf } from './texts';
import { UNKNOWN, type TemplateResource, type TemplateValue } from './value';

/** The name under which a label, a tag or a resource's metadata declares a Flue server. */
export const DECLARATION = 'cdk-flue';

const FUNCTION = 'AWS::Lambda::Function';
/** Functions that are web servers. */
const WEB_FUNCTION_TYPES = ['AWS::Lambda::WebFunction', 'AWS::Lambda::WebFunctionRevision', 'AWS::Serverless::WebFunction'];
/** Everything that AWS Lambda may run a server as. */
export const FUNCTION_TYPES = [FUNCTION, ...WEB_FUNCTION_TYPES];

/** What `flue build` leaves to be run. */
const BUILT_SERVER = /(^|[\s/'"[,])dist\/server\.mjs(?![\w.])/;
/** The variable that only a Flue server reads. */
export const MODEL_SPECIFIER = 'MODEL_SPECIFIER';
/** Flue's own variables, except those with which a client would address a server. */
const FLUE_VARIABLE = /^FLUE_(?!.*(URL|URI|HOST|HOSTNAME|ENDPOINT|ORIGIN|ADDRESS|ADDR|PORT|TOKEN|KEY|SECRET)$)/;
/** An image whose repository is called flue or begins with `flue-`: not fluentd, not fluent-bit. */
const FLUE_IMAGE = /(^|[\s/'"])flue([-_.][\w.-]*)?(?=[:@\s'"]|$)/;

/** The label on a command line. */
const DECLARED_CONTAINER = new RegExp(`\\s(-l|--label)[ =]["']?${DECLARATION}(?=[=\\s"']|$)`);

/** Whether these variables, this command and this image are those of a Flue server. */
function looksLikeFlue(facts: { readonly names: string[]; readonly command: string; readonly image: string }): boolean {
  return facts.names.some(name => name === MODEL_SPECIFIER || FLUE_VARIABLE.test(name))
    || BUILT_SERVER.test(facts.command)
    || FLUE_IMAGE.test(facts.image);
}

/** The URI of an image; a repository of the app stands in it with its name. */
export function imageOf(image: TemplateValue): string {
  const repository = image.target('AWS::ECR::Repository');
  const name = repository?.resource.at('RepositoryName').string();
  return typeof name === 'string' ? `${image.text()} ${name}` : image.text();
}

/** Whether a container shows that a Flue server runs in it. */
export const isFlueContainer = memoize((container: Container): boolean =>
  hasKey(container.definition.at('DockerLabels')) || looksLikeFlue({
    names: container.variables.map(variable => variable.name),
    command: container.commandLine,
    image: imageOf(container.definition.at('Image')),
  }));

/** Whether a box shows that it starts a Flue server. */
export function isFlueBox(box: TemplateResource): boolean {
  const script = bootText(box);
  return BUILT_SERVER.test(script)
    || setsFlueVariable(script)
    || dockerRuns(script).some(runsFlueImage);
}

/** The units of a boot script that start the server; the whole script where it writes none. */
export function flueUnits(box: TemplateResource): string[] {
  const script = bootText(box);
  const commands = flueCommands(box);
  const [, ...units] = script.split(/^\s*(?=\[Unit\]\s*$)/m);
  return (units.length > 0 ? units : [script])
    .filter(unit => BUILT_SERVER.test(unit) || dockerRuns(unit).some(command => commands.includes(command)));
}

/** The `docker run` commands with which a box starts the server: the only one, where a declared box shows no more. */
export function flueCommands(box: TemplateResource): string[] {
  const script = bootText(box);
  const commands = dockerRuns(script);
  const shown = commands.filter(command => runsFlueImage(command) || setsFlueVariable(command) || BUILT_SERVER.test(command));
  return shown.length > 0 || commands.length > 1 || BUILT_SERVER.test(script) ? shown : commands;
}

function setsFlueVariable(script: string): boolean {
  return [...script.matchAll(/(?<![\w$])([A-Z][A-Z0-9_]*)=/g)].some(([, name]) => name === MODEL_SPECIFIER || FLUE_VARIABLE.test(name));
}

/** Whether a `docker run` command labels its container as a Flue server, or starts an image called flue. */
function runsFlueImage(command: string): boolean {
  return DECLARED_CONTAINER.test(command) || FLUE_IMAGE.test(command.replace(/\s(--name|--hostname|-h|--network|--log-opt|-v|--volume|--mount)[ =]\S+/g, ''));
}

/**
 * Whether a function runs a Flue server.
 *
 * A function that only calls one may well carry its name, so an image called flue needs a server's variables beside it.
 */
export function isFlueFunction(lambda: TemplateResource): boolean {
  if (WEB_FUNCTION_TYPES.includes(lambda.type)) {
    return [...textsOf(lambda.at())].some(({ name, value }) => name === MODEL_SPECIFIER || FLUE_VARIABLE.test(name) || BUILT_SERVER.test(value.text())
      || (/image/i.test(name) && FLUE_IMAGE.test(value.text())));
  }
  const variables = lambda.at('Environment', 'Variables').entries();
  const names = variables === UNKNOWN ? [] : variables.map(([name]) => name);
  const command = [lambda.at('Handler'), lambda.at('ImageConfig', 'EntryPoint'), lambda.at('ImageConfig', 'Command')].map(value => value.text()).join(' ');
  const server = names.some(name => name === MODEL_SPECIFIER || name === 'PORT' || name === 'AWS_LWA_PORT' || name === 'DATABASE_URL');
  return BUILT_SERVER.test(command) || /(^|[\s/])dist\/server\.\w+$/.test(lambda.at('Handler').text())
    || (FLUE_IMAGE.test(imageOf(lambda.at('Code', 'ImageUri'))) && server)
    || names.includes(MODEL_SPECIFIER);
}

/** Whether a resource that may run a server shows that it runs Flue, or declares it. */
export function showsFlue(resource: TemplateResource): boolean {
  if (declaresFlue(resource)) {
    return true;
  }
  if (resource.type === TASK_DEFINITION || resource.type === EXPRESS_SERVICE) {
    return containersOf(resource).some(isFlueContainer);
  }
  return BOX_TYPES.includes(resource.type) ? isFlueBox(resource) : isFlueFunction(resource);
}

/** Whether a resource carries the `cdk-flue` tag, or metadata of that name. */
export function declaresFlue(resource: TemplateResource): boolean {
  const tags = resource.at('Tags').list();
  return hasKey(resource.section('Metadata')) || (tags !== UNKNOWN && tags.some(tag => tag.at('Key').string() === DECLARATION));
}

function hasKey(map: TemplateValue): boolean {
  return !map.at(DECLARATION).absent && !map.unknown;
}
