import { boxReboot, boxReplacement } from './box';
import { databaseRestart } from './database-restart';
import { expressTimers } from './express-timers';
import { health } from './health';
import { idleConnections } from './idle-connections';
import type { Probe } from './probe';
import { prompt } from './prompt';
import { quietStream } from './quiet-stream';
import { redeployment } from './redeployment';
import { rollback } from './rollback';
import { secretChange } from './secret-change';
import { shards } from './shards';
import { signIn } from './sign-in';
import { taskKilled } from './task-killed';
import { token } from './token';
import { workflow } from './workflow';
import { zones } from './zones';

/** Every probe, in the order in which they run: what disturbs a server comes after what only asks. */
export const PROBES: readonly Probe[] = [
  zones, expressTimers, health, token, prompt, workflow, shards, signIn, idleConnections, quietStream,
  redeployment, taskKilled, databaseRestart, boxReboot, boxReplacement, rollback, secretChange,
];

/** What every run shows besides. */
export const OF_EVERY_RUN = {
  deployment: 'CloudFormation creates every resource of the stacks, in one go.',
  invariants: 'What is deployed keeps the invariants that `npm run verify:deploy` asks of the emulator.',
  destruction: 'After the destruction nothing is left but what the page on live runs names.',
} as const;
