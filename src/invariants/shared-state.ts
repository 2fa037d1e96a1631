import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refuse, type Invariant } from './invariant';

/** The variable from which a Flue app's `db.ts` reads its Postgres connection string. */
export const DATABASE_URL = 'DATABASE_URL';

export const SHARED_STATE: Invariant = {
  id: 'SharedState',
  level: 'error',
  statement: 'More than one task needs a shared Postgres.',
  why: 'Without one, each process holds its own sessions in memory and a client that lands on the other process finds nothing.',
  limit: `maximum capacity > 1 requires ${DATABASE_URL} from a secret`,
  source: 'Flue deployment guide for AWS, persistence',
  fix: `Pass a \`database\` (or ${DATABASE_URL} as a secret), or keep \`maxTasks\` at 1.`,
};

/** Refuses a second task without shared state. */
export function requireSharedState(scope: IConstruct, { maxTasks, hasDatabase }: { readonly maxTasks: number; readonly hasDatabase: boolean }): void {
  if (!Token.isUnresolved(maxTasks) && maxTasks > 1 && !hasDatabase) {
    refuse(scope, `\`maxTasks\` must be 1 without a database, got: ${maxTasks}`,
      `Pass \`database\`, or ${DATABASE_URL} in \`secrets\`: sessions live in the memory of one process otherwise`, SHARED_STATE);
  }
}
