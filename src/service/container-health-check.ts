import { Duration } from 'aws-cdk-lib';
import type { HealthCheck } from 'aws-cdk-lib/aws-ecs';
import type { IConstruct } from 'constructs';
import { secondsOf } from '../invariants/durations';
import { FARGATE_LIMITS } from '../invariants/limits/fargate';
import { requireWithin } from '../invariants/limits/guard';
import { textOf } from '../invariants/unknown';
import type { TimerChain } from '../timers/timer-chain';

// `fetch` would take twice the memory. A variable such as NODE_OPTIONS=--unhandled-rejections=warn must not turn a failure into 0.
const ASK = 'require("http").get({host:"127.0.0.1",port:process.argv[1],path:process.argv[2],agent:false},'
  + 'r=>process.exit(r.statusCode>199&&r.statusCode<300?0:1)).on("error",()=>process.exit(1))';

export interface ContainerHealthCheckProps {
  readonly port: number;
  readonly healthCheckPath: string;
  readonly timers: TimerChain;
}

/** Refuses a start that takes longer than ECS waits for it. */
export function requireStartPeriod(scope: IConstruct, { startupBudget }: TimerChain): void {
  requireWithin(scope, startupBudget, FARGATE_LIMITS.startPeriod);
}

/** The health check of the load balancer, asked by a process in the container. ECS kills one that gets no answer in time. */
export function containerHealthCheck({ port, healthCheckPath, timers: { startupBudget, healthCheck } }: ContainerHealthCheckProps): HealthCheck {
  return {
    command: ['CMD', 'node', '-e', ASK, textOf(port), healthCheckPath],
    interval: healthCheck.interval,
    timeout: healthCheck.timeout,
    retries: healthCheck.unhealthyThresholdCount,
    startPeriod: secondsOf(startupBudget) === undefined ? startupBudget : Duration.seconds(Math.ceil(secondsOf(startupBudget)!)),
  };
}
