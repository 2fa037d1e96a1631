import { PARAMETER, secretBehind } from './databases';
import { known, type Target, type TemplateResource, type TemplateValue } from './value';

/** What a template fills in, as `identity()` writes it. */
export const FILLED = String.raw`\$\{[^{}]*(?:\{[^{}]*\}[^{}]*)?\}`;
const PART = String.raw`(?:${FILLED}|[^:\s{}$])+`;
const ARN = new RegExp(`^arn:${PART}:(secretsmanager|ssm):(${PART}):(${PART}):(?:secret:|parameter(?=[/$])/?)(${PART})((?::.*)?)$`);
/** What Secrets Manager adds to a name. Without a capital letter, it may well be a word of the name. */
const ADDED = /-(?=[a-z0-9]*[A-Z])[A-Za-z0-9]{6}$/;

/** A secret or a parameter that a value names. */
export interface NamedEntry {
  /** The same for two values only where both name one entry, be it by complete ARN, by partial ARN or by name. */
  readonly entry: string;
  /** The field of the secret, with its version; empty for all of it. */
  readonly field: string;
}

/** What AWS takes a reference for; undefined where it is none to a secret or a parameter. */
export function entryOf(identity: string, value: TemplateValue): NamedEntry | undefined {
  const targets = value.targets();
  for (const target of targets) {
    const secret = secretBehind(target.resource);
    const placeholder = placeholderOf(target);
    if (secret && identity.startsWith(placeholder)) {
      return { entry: entryOfSecret(secret), field: fieldIn(identity.slice(placeholder.length)) };
    }
  }
  const text = targets.filter(({ resource }) => resource.type === PARAMETER).reduce(withName, identity);
  const [, service, region, account, name, field] = ARN.exec(text) ?? [];
  if (service === 'secretsmanager') {
    return { entry: `secret ${environmentOf(region, account)} ${name.replace(ADDED, '')}`, field: fieldIn(field) };
  }
  return service === 'ssm' ? { entry: parameterAt(environmentOf(region, account), name), field: '' }
    : text.startsWith('arn:') || value.where === undefined || (text === identity && text.startsWith('${')) ? undefined
      : { entry: parameterAt(value.where, text), field: '' };
}

/** ECS looks for a parameter without an ARN where the task is. */
function parameterAt(where: string, name: string): string {
  return `${where} ${name.replace(/^\//, '')}`;
}

function entryOfSecret(secret: TemplateResource): string {
  const name = secret.at('Name');
  const literal = known(name.string());
  return literal === undefined || name.where === undefined ? `secret ${secret.path}` : `secret ${name.where} ${literal}`;
}

/** The text with the name of a parameter in the place of the reference to it; its logical id stands for a name that CloudFormation makes. */
function withName(text: string, target: Target): string {
  return text.replace(placeholderOf(target), () => known(target.resource.at('Name').string()) ?? `parameter ${target.resource.path}`);
}

function placeholderOf({ resource, attribute }: Target): string {
  return `\${${resource.path}.${attribute === 'Id' ? 'Ref' : attribute}}`;
}

/** The place of an ARN: an account and a region, or the stack whose account and region only the deployment knows. */
function environmentOf(region: string, account: string): string {
  const stacks = [region, account].map(part => /^\$\{(.+) \{"Ref":"AWS::(?:Region|AccountId)"\}\}$/.exec(part)?.[1]);
  return stacks[0] !== undefined && stacks[0] === stacks[1] ? stacks[0] : `${account}/${region}`;
}

/** A field without what ECS takes for granted. */
function fieldIn(text: string): string {
  return text.replace(/:AWSCURRENT(?=:|$)/, ':').replace(/:+$/, '');
}
