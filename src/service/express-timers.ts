import { Duration } from 'aws-cdk-lib';
import type { PlatformTimers } from './timer-chain';
import { MAX_FARGATE_STOP_TIMEOUT } from '../invariants/shutdown-time';

/** What ECS Express Mode fixes (Amazon ECS developer guide, Express Mode services). */
export const EXPRESS_TIMERS = {
  healthCheck: { interval: Duration.seconds(30), timeout: Duration.seconds(5), healthyThresholdCount: 5, unhealthyThresholdCount: 2 },
  gracePeriod: Duration.seconds(300),
  maxStopTimeout: MAX_FARGATE_STOP_TIMEOUT,
} satisfies PlatformTimers;
