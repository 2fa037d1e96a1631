import { GRACE_PERIOD, HEALTH, INTERFACES, PORT_BOUND, STARTUP } from './boot';
import type { Check } from './check';
import { KEEP_ALIVE, STREAM } from './connection';
import { DATABASE_URL_UNSET, DATABASE_URL_WRONG, OUTAGE } from './database';
import { SECRETS } from './secrets';
import { SIGTERM, SIGTERM_STREAM } from './shutdown';
import { DATABASE_USED, RESTART, WRITE } from './state';
import { MEMORY, READ_ONLY_ROOT, USER } from './task';

/** Every check, in the order of a server's life: each takes the server as the one before left it. */
export const CHECKS: readonly Check[] = [
  PORT_BOUND,
  INTERFACES,
  STARTUP,
  HEALTH,
  GRACE_PERIOD,
  KEEP_ALIVE,
  USER,
  READ_ONLY_ROOT,
  MEMORY,
  DATABASE_USED,
  WRITE,
  SIGTERM,
  RESTART,
  STREAM,
  SIGTERM_STREAM,
  OUTAGE,
  DATABASE_URL_UNSET,
  DATABASE_URL_WRONG,
  SECRETS,
];
