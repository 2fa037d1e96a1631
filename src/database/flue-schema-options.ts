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
}
