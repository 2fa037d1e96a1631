import type { IConstruct } from 'constructs';
import { refuse, type Finding, type Invariant } from './invariant';
import { assignmentsIn } from './template/assignments';
import { bootText, boxLocation, BOX_TYPES } from './template/boxes';
import { EXPRESS_SERVICE, TASK_DEFINITION } from './template/containers';
import { allOf } from './template/findings';

/** Variables that switch a built Flue server into another mode, as exact names and name prefixes. */
export const RESERVED_NAMES = ['FLUE_MODE', 'FLUE_INTERNAL_CLI_IPC'];
export const RESERVED_PREFIXES = ['FLUE_CLI_'];

export const RESERVED_ENVIRONMENT: Invariant = {
  id: 'ReservedEnvironment',
  level: 'error',
  statement: 'You set none of the variables that Flue reserves for itself.',
  why: 'With any `FLUE_CLI_*` variable the built server opens no port, and with `FLUE_MODE=local` it runs in development mode.',
  limit: [...RESERVED_NAMES, ...RESERVED_PREFIXES.map(prefix => `${prefix}*`)].map(name => `\`${name}\``).join(', '),
  source: 'Flue 0.10.2 server, environment',
  fix: 'Remove the variable.',
  rule: {
    resourceTypes: [TASK_DEFINITION, EXPRESS_SERVICE, ...BOX_TYPES],
    check: (resource, servers) => {
      if (BOX_TYPES.includes(resource.type)) {
        return reservedIn(assignmentsIn(bootText(resource)).map(({ name }) => name), `${boxLocation(resource)}/UserData`);
      }
      return allOf(...servers.serverContainers(resource)
        .map(container => reservedIn(container.variables.map(({ name }) => name), `${container.location}/Environment`)));
    },
  },
};

/** Whether Flue keeps this name for itself. */
export function isReservedName(name: string): boolean {
  return RESERVED_NAMES.includes(name) || RESERVED_PREFIXES.some(prefix => name.startsWith(prefix));
}

/** What sets a variable that the user must not, and what to use in its place. */
export interface OwnedVariable {
  readonly name: string;
  readonly instead: string;
}

/** Refuses names that Flue keeps for itself or that the construct sets. */
export function requireFreeNames(scope: IConstruct, prop: string, names: string[], owned: OwnedVariable[]): void {
  for (const name of names) {
    if (isReservedName(name)) {
      refuse(scope, `\`${prop}\` must not hold a variable that Flue reserves for itself, got: ${name}`,
        RESERVED_ENVIRONMENT.why, RESERVED_ENVIRONMENT);
    }
    const owner = owned.find(variable => variable.name === name);
    if (owner) {
      refuse(scope, `\`${prop}\` must not hold a variable that the construct sets, got: ${name}`, owner.instead, RESERVED_ENVIRONMENT);
    }
  }
}

function reservedIn(names: string[], location: string): Finding[] {
  return [...new Set(names.filter(isReservedName))].map(name => ({ detail: name, found: `${name} is set`, location }));
}
