import { within } from './limit';

/** An alarm's name has 255 characters at most (Amazon CloudWatch API reference, PutMetricAlarm); the id of a watch takes the rest. */
export const MAX_ALARM_NAME_PREFIX = 200;

const PERCENT = {
  of: ['FlueAlarmsOptions'],
  minimum: 1,
  maximum: 99,
  source: 'a percentage of what the server has',
  fix: 'Choose less than 100, so that the alarm comes before the server runs out',
} as const;

export const OPERATIONS_LIMITS = {
  memoryUtilizationPercent: within({ ...PERCENT, prop: 'memoryUtilizationPercent' }),
  cpuUtilizationPercent: within({ ...PERCENT, prop: 'cpuUtilizationPercent' }),
  serverErrorsPerMinute: within({
    prop: 'serverErrorsPerMinute',
    of: ['FlueAlarmsOptions'],
    minimum: 1,
    source: 'a threshold of zero is always reached',
    fix: 'State how many failed answers in a minute are too many',
  }),
};
