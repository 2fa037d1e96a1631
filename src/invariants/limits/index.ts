import { BACKUP_LIMITS } from './backups';
import { BOX_LIMITS } from './box';
import { BUDGET_LIMITS } from './budget';
import { DASHBOARD_LIMITS } from './dashboard';
import { DATABASE_LIMITS } from './database';
import { DEPLOY_LIMITS } from './deploy';
import { DEPLOYMENT_LIMITS } from './deployment';
import { EVENT_LIMITS } from './events';
import { FARGATE_LIMITS } from './fargate';
import { IMAGE_LIMITS } from './image';
import type { Limit } from './limit';
import { LOAD_BALANCER_LIMITS } from './load-balancer';
import { LOG_LIMITS } from './logs';
import { NETWORK_LIMITS } from './network';
import { OPERATIONS_LIMITS } from './operations';
import { SANDBOX_LIMITS } from './sandboxes';
import { SERVER_LIMITS } from './server';
import { SHARD_LIMITS } from './shards';
import { TOKEN_LIMITS } from './token';

/** Every bound that a constructor refuses by, in the order the docs print them. */
export const LIMITS: readonly Limit[] = [
  IMAGE_LIMITS,
  SERVER_LIMITS,
  FARGATE_LIMITS,
  BOX_LIMITS,
  LOAD_BALANCER_LIMITS,
  SHARD_LIMITS,
  TOKEN_LIMITS,
  DEPLOYMENT_LIMITS,
  NETWORK_LIMITS,
  DATABASE_LIMITS,
  BACKUP_LIMITS,
  EVENT_LIMITS,
  SANDBOX_LIMITS,
  OPERATIONS_LIMITS,
  LOG_LIMITS,
  DASHBOARD_LIMITS,
  BUDGET_LIMITS,
  DEPLOY_LIMITS,
].flatMap(group => Object.values<Limit>(group));
