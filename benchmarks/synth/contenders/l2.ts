import { Duration, Size } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { DEREGISTRATION_DELAY, ENVIRONMENT, GRACE_PERIOD, IDLE_TIMEOUT, IMAGE, run, STOP_TIMEOUT } from '../app';

run((stack, id, cluster) => {
  const scope = new Construct(stack, id);
  const logGroup = new LogGroup(scope, 'Logs', { retention: RetentionDays.ONE_MONTH });
  const taskDefinition = new ecs.FargateTaskDefinition(scope, 'Task', {
    cpu: 512,
    memoryLimitMiB: 1024,
    runtimePlatform: { cpuArchitecture: ecs.CpuArchitecture.X86_64, operatingSystemFamily: ecs.OperatingSystemFamily.LINUX },
  });
  taskDefinition.addContainer('Main', {
    image: ecs.ContainerImage.fromRegistry(IMAGE),
    portMappings: [{ name: 'http', containerPort: 8080, protocol: ecs.Protocol.TCP }],
    environment: ENVIRONMENT,
    linuxParameters: new ecs.LinuxParameters(scope, 'Linux', { initProcessEnabled: true }),
    stopTimeout: STOP_TIMEOUT,
    logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'flue', logGroup, mode: ecs.AwsLogDriverMode.NON_BLOCKING, maxBufferSize: Size.mebibytes(25) }),
  });
  const balancer = new elb.ApplicationLoadBalancer(scope, 'Balancer', {
    vpc: cluster.vpc, internetFacing: true, idleTimeout: IDLE_TIMEOUT, dropInvalidHeaderFields: true, deletionProtection: false,
  });
  const listener = balancer.addListener('Http', { port: 80, protocol: elb.ApplicationProtocol.HTTP });
  const service = new ecs.FargateService(scope, 'Service', {
    cluster,
    taskDefinition,
    desiredCount: 1,
    minHealthyPercent: 0,
    maxHealthyPercent: 100,
    circuitBreaker: { enable: true, rollback: true },
    healthCheckGracePeriod: GRACE_PERIOD,
    availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.DISABLED,
    enableExecuteCommand: false,
    enableECSManagedTags: true,
    propagateTags: ecs.PropagatedTagSource.SERVICE,
  });
  listener.addTargets('Server', {
    port: 8080,
    protocol: elb.ApplicationProtocol.HTTP,
    targets: [service],
    deregistrationDelay: DEREGISTRATION_DELAY,
    healthCheck: {
      path: '/health',
      port: 'traffic-port',
      protocol: elb.Protocol.HTTP,
      healthyHttpCodes: '200-299',
      interval: Duration.seconds(15),
      timeout: Duration.seconds(5),
      healthyThresholdCount: 2,
      unhealthyThresholdCount: 3,
    },
  });
});
