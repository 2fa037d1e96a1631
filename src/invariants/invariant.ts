import type { IConstruct } from 'constructs';
import type { FlueServers } from './template/flue-servers';
import type { TemplateResource } from './template/value';

/** How serious a broken invariant is: `error` breaks the server, `warning` is legal and risky. */
export type InvariantLevel = 'error' | 'warning';

/** One rule of running a Flue server on AWS: what the constructors refuse, the checks report and the docs print. */
export interface Invariant {
  /** Stable public id; FlueChecks reports it as `Flue-<id>`. */
  readonly id: string;
  readonly level: InvariantLevel;
  /** The rule, as one sentence. */
  readonly statement: string;
  /** What happens to a server that breaks it. */
  readonly why: string;
  /** The numbers, with units. */
  readonly limit: string;
  /** Where the rule and its numbers come from. */
  readonly source: string;
  /** The way out, as one sentence in the imperative. */
  readonly fix: string;
  /** The same rule for a synthesized resource, from our constructs or from any others. */
  readonly rule: TemplateRule;
}

/** How an invariant is judged on resources. */
export interface TemplateRule {
  /** The types of the resources on which a finding can stand. */
  readonly resourceTypes: readonly string[];

  /**
   * What breaks the invariant on a resource that has a part in running a Flue server.
   *
   * `undefined` where the question does not arise there, or only the deployment knows the answer.
   */
  check(resource: TemplateResource, servers: FlueServers): Finding[] | undefined;
}

/** One way in which a resource breaks an invariant. */
export interface Finding {
  /** Tells the findings of one resource apart, where it can have several. */
  readonly detail?: string;
  /** What was found, as a clause without a final stop. */
  readonly found: string;
  /** Where in the resource. */
  readonly location: string;
  /** The way out, where it differs from the invariant's. */
  readonly fix?: string;
}

/** What a constructor throws for input that breaks an invariant or a limit. */
export class FlueValidationError extends Error {
  /** @param where the construct, or the call that no construct has made */
  public constructor(where: IConstruct | string, message: string) {
    super(`[${typeof where === 'string' ? where : where.node.path}] ${message}`);
    this.name = 'FlueValidationError';
  }
}

/** Throws the sentence that names the prop, what is allowed, what was given and the way out. */
export function refuse(where: IConstruct | string, problem: string, fix: string, invariant?: Pick<Invariant, 'id'>): never {
  throw new FlueValidationError(where, `${withoutTokens(`${problem}. ${fix}`)}${invariant ? ` (Flue-${invariant.id})` : ''}`);
}

/** What stands for a value in a text until it is known says nothing to who reads the message. */
function withoutTokens(sentence: string): string {
  return sentence.replace(/[$#]\{Token\[[^\]]*\]\}/g, '(known only at deployment)');
}
