import type { RemovalPolicy } from 'aws-cdk-lib';

/**
 * Options of a schema.
 */
export interface FlueSchemaOptions {
  /**
   * The name of the schema and of the role that owns it, 1–63 lower-case letters, digits and underscores.
   *
   * If you change the name, the server starts in a new, empty schema, and the first one stays as it is. Throws for any other
   * form, for a name that Postgres or RDS reserves, for the name of the administrator, and for one that another schema of the
   * database has.
   *
   * @default - the id in lower case, with an underscore between its words: `support_agents` for `SupportAgents`
   */
  readonly schemaName?: string;

  /**
   * What becomes of the schema, its role and the conversations in it when CloudFormation deletes the stack of the schema.
   *
   * With `RemovalPolicy.DESTROY` they go, for a preview that shares its database with others. The role then names its stack, and a
   * FlueSchemaCleanup beside the database drops it after the stack is gone. Without one, nothing drops it. If you take only the schema out
   * of the app, it stays.
   *
   * Throws for any other policy, and for `DESTROY` with a schema of a `new FlueDatabase(…)`, whose stack is that of the database.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}
