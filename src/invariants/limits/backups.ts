import { DAYS, within } from './limit';

const RETENTION = {
  unit: DAYS,
  minimum: 1,
  maximum: 36500,
  step: 1,
  source: 'AWS Backup API reference, Lifecycle (DeleteAfterDays)',
} as const;

export const BACKUP_LIMITS = {
  retention: within({ ...RETENTION, prop: 'retention', of: ['FlueBackupsProps'], fix: 'Leave it out for 35 days' }),
  dataVolumeBackups: within({ ...RETENTION, prop: 'dataVolumeBackups', of: ['FlueEc2ServiceProps'], fix: 'Pass `Duration.days(14)`, or leave it out for no backups' }),
};
