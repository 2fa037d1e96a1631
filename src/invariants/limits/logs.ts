import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { chosen, SECONDS, within } from './limit';

const RETENTION = { source: 'Amazon CloudWatch Logs API reference, PutRetentionPolicy' } as const;

export const LOG_LIMITS = {
  logRetention: chosen({ ...RETENTION, prop: 'logRetention', of: ['FlueServiceProps', 'FlueNetworkProps'] }, RetentionDays, 'RetentionDays'),
  cloudwatchLogsRetention: chosen({ ...RETENTION, prop: 'cloudwatchLogsRetention', of: ['FlueDatabaseProps'] }, RetentionDays, 'RetentionDays'),
  slowPrompt: within({
    prop: 'slowPrompt',
    of: ['FlueLogQueriesOptions'],
    unit: SECONDS,
    minimum: 0,
    source: 'a prompt takes no less time',
    fix: 'Leave it out for 30 s',
  }),
};
