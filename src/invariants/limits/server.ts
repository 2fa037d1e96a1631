import { Duration } from 'aws-cdk-lib';
import { SECONDS, within, written } from './limit';

/** Fewest processes that keep sessions and streams alive. */
export const MIN_TASKS = 1;
/** The server's own watchdog ends the process this long after SIGTERM. */
export const SHUTDOWN_BOUND = Duration.seconds(60);
export const DEFAULT_STOP_TIMEOUT = Duration.seconds(90);
/** The first 200 takes under a second; a Postgres that accepts and stays silent fails the boot only after 30.6 s. */
export const DEFAULT_STARTUP_BUDGET = Duration.seconds(60);

const TASKS = {
  of: ['FlueTaskProps'],
  minimum: MIN_TASKS,
  step: 1,
  source: 'Flue deployment guide for AWS, scaling',
  fix: 'Keep one process running: it holds the sessions and the open streams',
  rule: 'MinTaskCount',
} as const;

export const SERVER_LIMITS = {
  healthCheckPath: written({
    prop: 'healthCheckPath',
    of: ['FlueServiceProps'],
    pattern: /^[^\s#]*$/,
    length: 1024,
    source: 'Elastic Load Balancing API reference, CreateTargetGroup (HealthCheckPath)',
    fix: 'Name the route that your app.ts defines for it, such as `/health`',
    rule: 'HealthCheckPath',
  }, 'at most 1024 characters without white space or fragment'),
  minTasks: within({ ...TASKS, prop: 'minTasks' }),
  maxTasks: within({ ...TASKS, prop: 'maxTasks' }),
  startupBudget: within({
    prop: 'startupBudget',
    of: ['FlueServiceProps'],
    unit: SECONDS,
    above: 0,
    source: 'a start takes time',
    fix: `Leave it out for ${DEFAULT_STARTUP_BUDGET.toSeconds()} s`,
    rule: 'GracePeriodAboveStartup',
  }),
  stopTimeout: within({
    prop: 'stopTimeout',
    of: ['FlueServiceProps'],
    unit: SECONDS,
    above: SHUTDOWN_BOUND.toSeconds(),
    note: ', the server\'s own shutdown bound',
    source: 'Flue Node target documentation, shutdown',
    fix: `Leave it out for ${DEFAULT_STOP_TIMEOUT.toSeconds()} s`,
    rule: 'ShutdownTime',
  }),
};
