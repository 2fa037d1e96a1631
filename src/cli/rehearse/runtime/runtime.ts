/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** What the operating system says of the processes of a server. */
export interface Inspection {
  readonly residentMiB: number;
  /** User ids, without those of an init process. */
  readonly userIds: readonly number[];
  /** `address:port` of every socket that listens. */
  readonly listeners: readonly string[];
}

export interface RunningServer {
  /** Everything it has printed. */
  readonly output: string;
  readonly startedAt: number;
  readonly hasExited: boolean;
  readonly exited: Promise<Exit>;
  signal(name: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Undefined where this operating system does not tell. */
  inspect(): Promise<Inspection | undefined>;
  /** What came of writing into the root of its file system: an error code, or undefined when it could. */
  writeToRoot?(): Promise<string | undefined>;
}

export interface StartRequest {
  readonly environment: { readonly [name: string]: string };
  /** File with the certificate authority of the database, put where the environment says Node finds one. */
  readonly caFile?: string;
}

/** What runs the server of a rehearsal. */
export interface Runtime {
  readonly description: string;
  /** Name under which the server reaches this machine. */
  readonly host: string;
  /** Whether it gives the server a read-only root where the task asks for one. */
  readonly providesReadOnlyRoot: boolean;
  /** Whether the service declares that it runs as root, whatever user runs it here. */
  readonly runsAsRoot: boolean;
  /** Why it cannot show whether the server runs as the service's user; undefined where it can. */
  readonly userObstacle?: string;
  start(request: StartRequest): Promise<RunningServer>;
  /** Ends, without waiting, everything it started. */
  killAll(): void;
}

/** Resolves to undefined when a promise takes longer. */
export async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>(resolve => {
    timer = setTimeout(resolve, milliseconds, undefined);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
