import { BOX_HARDENING } from './box-hardening';
import { ENCRYPTED_TRANSPORT } from './encrypted-transport';
import { GRACE_PERIOD_ABOVE_STARTUP } from './grace-period-above-startup';
import { HEALTH_CHECK_PATH } from './health-check-path';
import { IDLE_TIMEOUT } from './idle-timeout';
import { INIT_PROCESS } from './init-process';
import type { Invariant } from './invariant';
import { IP_TARGET_TYPE } from './ip-target-type';
import { KEEP_ALIVE_ABOVE_IDLE_TIMEOUT } from './keep-alive-above-idle-timeout';
import { LOG_RETENTION } from './log-retention';
import { MIN_TASK_COUNT } from './min-task-count';
import { NOT_LAMBDA } from './not-lambda';
import { ONE_LIVE_OWNER } from './one-live-owner';
import { PINNED_PLATFORM } from './pinned-platform';
import { PORT_AGREEMENT } from './port-agreement';
import { PRIVATE_DATABASE } from './private-database';
import { READ_TIMEOUT } from './read-timeout';
import { RESERVED_ENVIRONMENT } from './reserved-environment';
import { SANDBOX_FENCE } from './sandbox-fence';
import { SCHEMA_OWNER } from './schema-owner';
import { SECRET_REFERENCE } from './secret-reference';
import { SECRETS_ONLY } from './secrets-only';
import { SHARD_PARTITION } from './shard-partition';
import { SHARED_STATE } from './shared-state';
import { SHUTDOWN_TIME } from './shutdown-time';

/** Every rule of running a Flue server on AWS, in the order the docs print them. */
export const INVARIANTS: readonly Invariant[] = [
  MIN_TASK_COUNT,
  IP_TARGET_TYPE,
  GRACE_PERIOD_ABOVE_STARTUP,
  IDLE_TIMEOUT,
  READ_TIMEOUT,
  KEEP_ALIVE_ABOVE_IDLE_TIMEOUT,
  SECRETS_ONLY,
  SECRET_REFERENCE,
  HEALTH_CHECK_PATH,
  PORT_AGREEMENT,
  SHARED_STATE,
  ONE_LIVE_OWNER,
  SCHEMA_OWNER,
  SHARD_PARTITION,
  SHUTDOWN_TIME,
  INIT_PROCESS,
  RESERVED_ENVIRONMENT,
  NOT_LAMBDA,
  PRIVATE_DATABASE,
  PINNED_PLATFORM,
  BOX_HARDENING,
  ENCRYPTED_TRANSPORT,
  SANDBOX_FENCE,
  LOG_RETENTION,
];
