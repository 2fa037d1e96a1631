import { written } from './limit';

export const DASHBOARD_LIMITS = {
  dashboardName: written({
    prop: 'dashboardName',
    of: ['FlueDashboardProps'],
    pattern: /^[A-Za-z0-9_-]+$/,
    length: 255,
    source: 'Amazon CloudWatch API reference, PutDashboard (DashboardName)',
    fix: 'Leave it out for a generated one',
  }, '1–255 letters, digits, dashes and underscores'),
};
