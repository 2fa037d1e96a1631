import { Duration, Size } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancedFargateService } from 'aws-cdk-lib/aws-ecs-patterns';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DEREGISTRATION_DELAY, ENVIRONMENT, GRACE_PERIOD, IDLE_TIMEOUT, IMAGE, run } from '../app';

// the pattern has no property for the stop timeout, the init process, the name of the port and the rebalancing of zones
run((stack, id, cluster) => {
  const logGroup = new LogGroup(stack, `${id}Logs`, { retention: RetentionDays.ONE_MONTH });
  const { targetGroup } = new ApplicationLoadBalancedFargateService(stack, id, {
    cluster,
    cpu: 512,
    memoryLimitMiB: 1024,
    runtimePlatform: { cpuArchitecture: ecs.CpuArchitecture.X86_64, operatingSystemFamily: ecs.OperatingSystemFamily.LINUX },
    taskImageOptions: {
      image: ecs.ContainerImage.fromRegistry(IMAGE),
      containerName: 'Main',
      containerPort: 8080,
      environment: ENVIRONMENT,
      logDriver: ecs.LogDrivers.awsLogs({ streamPrefix: 'flue', logGroup, mode: ecs.AwsLogDriverMode.NON_BLOCKING, maxBufferSize: Size.mebibytes(25) }),
    },
    desiredCount: 1,
    minHealthyPercent: 0,
    maxHealthyPercent: 100,
    circuitBreaker: { enable: true, rollback: true },
    healthCheckGracePeriod: GRACE_PERIOD,
    idleTimeout: IDLE_TIMEOUT,
    enableECSManagedTags: true,
    propagateTags: ecs.PropagatedTagSource.SERVICE,
  });
  targetGroup.setAttribute('deregistration_delay.timeout_seconds', `${DEREGISTRATION_DELAY.toSeconds()}`);
  targetGroup.configureHealthCheck({
    path: '/health', interval: Duration.seconds(15), timeout: Duration.seconds(5), healthyThresholdCount: 2, unhealthyThresholdCount: 3,
  });
});
