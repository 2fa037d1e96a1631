import type { IConstruct } from 'constructs';

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
}

/** What a constructor throws for input that breaks an invariant or a limit. */
export class FlueValidationError extends Error {
  public constructor(scope: IConstruct, message: string) {
    super(`[${scope.node.path}] ${message}`);
    this.name = 'FlueValidationError';
  }
}

/** Throws the sentence that names the prop, what is allowed, what was given and the way out. */
export function refuse(scope: IConstruct, problem: string, fix: string, invariant?: Invariant): never {
  throw new FlueValidationError(scope, `${problem}. ${fix}${invariant ? ` (Flue-${invariant.id})` : ''}`);
}
