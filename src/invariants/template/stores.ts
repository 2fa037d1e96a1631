import type { Container, Variable } from './containers';
import { PARAMETER, SECRET } from './databases';
import { entryOf } from './references';
import { UNKNOWN, type TemplateValue } from './value';
import { DATABASE_URL, isStoreUrl, namesStore } from './variables';

/** The parts of one, as the drivers read them, or as an app may name them. */
const PREFIX = '(PG|(POSTGRES(QL)?|DATABASE)_)';
const HOST_NAME = new RegExp(`^${PREFIX}HOST(NAME)?$`);
const USER_NAME = new RegExp(`^${PREFIX}USER(NAME)?$`);
const PASSWORD_NAME = new RegExp(`^${PREFIX}PASS(WORD)?$`);
/** What tells schemas of one role apart. */
const WITHIN_NAME = new RegExp(`^(${PREFIX}(DATABASE|DB|NAME|SCHEMA|SEARCH_PATH)|PGOPTIONS)$`);
const POSTGRES_URL = /^postgres(ql)?:\/\//i;

/** What a server is told of the Postgres that keeps its state. */
export interface Store {
  /** The variable that names it. */
  readonly name: string;
  /** The same for two servers only if both work as one role in one schema, as far as the template tells. */
  readonly key: string;
}

/**
 * The stores of a server: its `DATABASE_URL`, or else what goes by another name that says so, or else what is a connection string
 * whatever its name is. None where only the deployment knows.
 */
export function storesOf(container: Container): Store[] {
  const { variables } = container;
  const [official, unofficial] = [variables.filter(({ name }) => name === DATABASE_URL), variables.filter(({ name }) => isStoreUrl(name))];
  const parts = partsOf(variables);
  const urls = [official, unofficial].find(found => found.length > 0) ?? (parts ? [] : variables.filter(({ value }) => holdsUrl(value)));
  const stores = urls.flatMap(({ name, value }) => {
    const key = keyOf(value.identity(), value);
    return key === undefined ? [] : { name, key };
  });
  return urls.length > 0 ? stores : parts ?? [];
}

/** A reference by which servers of the whole app can be compared; undefined where it cannot be resolved. */
export function keyOf(identity: string | undefined, value: TemplateValue): string | undefined {
  if (identity === undefined || identity === '') {
    return undefined;
  }
  const named = entryOf(identity, value);
  return named ? `${named.entry}${named.field}` : /^(arn:|\$\{)/.test(identity) ? identity.replace(/:+$/, '') : undefined;
}

/** The store that the parts of a connection string name; undefined where there are none. */
function partsOf(variables: Variable[]): Store[] | undefined {
  const named = (pattern: RegExp) => variables.filter(({ name }) => pattern.test(name));
  const [host] = named(HOST_NAME);
  if (!host) {
    return undefined;
  }
  const [password] = named(PASSWORD_NAME);
  const within = named(WITHIN_NAME).map(({ value }) => value.identity());
  // a role has its password from one secret, whichever field of it
  const role = password?.secret ? [roleOf(password.value)]
    : [host, ...named(USER_NAME)].map(({ value }) => keyOf(value.identity(), value));
  const all = [...role, ...within.sort()];
  return all.every(part => part !== undefined) ? [{ name: host.name, key: all.join(' ') }] : [];
}

/** The secret or parameter that holds a password, whichever field of it does. */
function roleOf(password: TemplateValue): string | undefined {
  const identity = password.identity();
  return identity === undefined ? undefined : entryOf(identity, password)?.entry ?? keyOf(identity, password);
}

/** Whether a value, or the secret that it refers to, is a connection string of Postgres. */
function holdsUrl(value: TemplateValue): boolean {
  return POSTGRES_URL.test(value.text()) || value.targets().some(({ resource }) =>
    (resource.type === SECRET && POSTGRES_URL.test(resource.at('SecretString').text())) || (resource.type === PARAMETER && POSTGRES_URL.test(resource.at('Value').text())));
}

/** Whether the environment of a server says which Postgres keeps its state; unknown where it may say so out of sight. */
export function namesStoreIn(container: Container): boolean | undefined {
  const isSaid = container.variables.some(({ name, value }) => namesStore(name) || holdsUrl(value));
  return isSaid || (container.variable(DATABASE_URL) === UNKNOWN ? undefined : false);
}
