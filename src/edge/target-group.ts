import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { ApplicationProtocol, ApplicationTargetGroup, Protocol, TargetType } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { HEALTHY_HTTP_CODES } from '../invariants/health-check-path';
import { DEFAULT_PORT } from '../invariants/limits/image';
import { inText } from '../invariants/unknown';
import type { TimerChain } from '../timers/timer-chain';

export interface ServerTargetGroupProps {
  readonly vpc: IVpc;
  readonly healthCheckPath: string;
  readonly timers: TimerChain;
}

/** The target group that the tasks of a server register in. */
export function buildTargetGroup(scope: Construct, props: ServerTargetGroupProps, id = 'TargetGroup'): ApplicationTargetGroup {
  const { vpc, healthCheckPath, timers } = props;
  return new ApplicationTargetGroup(scope, id, {
    vpc,
    targetType: TargetType.IP,
    protocol: ApplicationProtocol.HTTP,
    // each task registers with the port of its container; another one here would replace the group, and nothing would answer meanwhile
    port: DEFAULT_PORT,
    deregistrationDelay: inText(timers.deregistrationDelay),
    healthCheck: {
      path: healthCheckPath,
      port: 'traffic-port',
      protocol: Protocol.HTTP,
      healthyHttpCodes: HEALTHY_HTTP_CODES,
      interval: timers.healthCheck.interval,
      timeout: timers.healthCheck.timeout,
      healthyThresholdCount: timers.healthCheck.healthyThresholdCount,
      unhealthyThresholdCount: timers.healthCheck.unhealthyThresholdCount,
    },
  });
}
