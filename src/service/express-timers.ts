import { Duration } from 'aws-cdk-lib';
import type { PlatformTimers } from './timer-chain';

/** What ECS Express Mode fixes (Amazon ECS developer guide, Express Mode services). */
export const EXPRESS_TIMERS = {
  healthCheck: { interval: Duration.seconds(30), timeout: Duration.seconds(5), healthyThresholdCount: 5, unhealthyThresholdCount: 2 },
  gracePeriod: Duration.seconds(300),
  onFargate: true,
} satisfies PlatformTimers;
