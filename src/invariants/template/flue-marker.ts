import type { IConstruct } from 'constructs';

/** Construct metadata that makes a scope a Flue server, the database of one, or a sandbox. It never reaches a template. */
export const SERVER_MARK = 'cdk-flue:server';
export const DATABASE_MARK = 'cdk-flue:database';
export const SANDBOX_MARK = 'cdk-flue:sandbox';

/** What the owner of a server knows of it and no template says. */
export interface FlueServerFacts {
  /** The declared startup budget, against which the grace period is judged. */
  readonly startupBudgetSeconds?: number;
  /** The declared longest run, against which the idle timeout is judged. */
  readonly longestRunSeconds?: number;
}

/** Makes everything below a construct, and what it refers to, subject to the rules of a Flue server. */
export function markAsFlueServer(construct: IConstruct, facts: FlueServerFacts = {}): void {
  construct.node.addMetadata(SERVER_MARK, { ...facts });
}

/** Makes everything below a construct subject to the rules of a Flue server's database. */
export function markAsFlueDatabase(construct: IConstruct): void {
  construct.node.addMetadata(DATABASE_MARK, {});
}

/** Makes everything below a construct subject to the rules of a sandbox. */
export function markAsFlueSandbox(construct: IConstruct): void {
  construct.node.addMetadata(SANDBOX_MARK, {});
}

/** Whether a construct itself, not an ancestor, carries a mark. */
export function isMarked(construct: IConstruct, mark: string = SERVER_MARK): boolean {
  return construct.node.metadata.some(entry => entry.type === mark);
}

/** What the mark of a construct says of its server. */
export function factsOf(construct: IConstruct): FlueServerFacts {
  const marks = construct.node.metadata.filter(entry => entry.type === SERVER_MARK).map(entry => entry.data);
  return Object.assign({}, ...marks.filter(data => typeof data === 'object'));
}

/** What an entry of metadata that synthesis wrote down says of a server; undefined where none is a mark. */
export function factsFromMetadata(entries: readonly { readonly type?: unknown; readonly data?: unknown }[]): FlueServerFacts | undefined {
  const mark = entries.find(entry => entry.type === SERVER_MARK);
  return mark && (typeof mark.data === 'object' ? mark.data as FlueServerFacts : {});
}
