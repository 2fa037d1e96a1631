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
  /** Copies its data while it runs, as a snapshot does. */
  backUp(): Promise<Backup>;
  /** Ends it without a shutdown, and deletes its data for good. */
  destroy(): Promise<void>;
  /** Stops it and deletes its data. */
  close(): Promise<void>;
}

/** The data of a database at one moment. */
export interface Backup {
  readonly bytes: number;
  /** Starts a new database with them, at another address. */
  restore(): Promise<Database>;
}
