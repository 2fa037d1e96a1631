/** A Postgres of the rehearsal, reachable over TLS only. */
export interface Database {
  readonly name: string;
  /** The connection string, in the form that FlueDatabase composes. */
  readonly url: string;
  readonly password: string;
  /** PEM file with the certificate authority. */
  readonly caFile: string;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** How many tables the server has made, and how many of its connections are not encrypted. */
  inspect(): Promise<{ readonly tables: number; readonly plain: number }>;
  /** Stops it and deletes its data. */
  close(): Promise<void>;
}
