import { Duration } from 'aws-cdk-lib';
import type { PlatformTimers } from './timer-chain';
import { EXPRESS_GRACE_PERIOD } from '../invariants/limits/fargate';

/** What ECS Express Mode fixes (Amazon ECS developer guide, Express Mode services). */
export const EXPRESS_TIMERS = {
  healthCheck: { interval: Duration.seconds(30), timeout: Duration.seconds(5), healthyThresholdCount: 5, unhealthyThresholdCount: 2 },
  gracePeriod: EXPRESS_GRACE_PERIOD,
  onFargate: true,
} satisfies PlatformTimers;
