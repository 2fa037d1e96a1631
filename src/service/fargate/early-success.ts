import type { CfnService, FargateService } from 'aws-cdk-lib/aws-ecs';

/** Share of the new tasks, in percent, that must be healthy for a deployment to have succeeded. */
const HEALTHY_PERCENT = 100;

/** Ends a rolling deployment when its tasks are healthy; the old ones drain outside of it. The L2 has no property for it. */
export function deferCleanup(service: FargateService): void {
  (service.node.defaultChild as CfnService).addPropertyOverride('DeploymentConfiguration.EarlySuccessCriteria', {
    Enable: true, HealthyPercent: HEALTHY_PERCENT, SourceServiceRevisionCleanup: 'DEFERRED',
  });
}
