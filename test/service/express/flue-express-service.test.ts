import { App, Duration, Size, Stack, Tags } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { FlueDatabase, FlueExpressService, FlueImage, FlueModel, FlueTelemetry, type FlueExpressServiceProps } from '../../../src';
import { expectTemplateSnapshot } from '../../support/snapshot';

const URI = 'public.ecr.aws/example/agents:1.0.0';
const SERVICE = 'AWS::ECS::ExpressGatewayService';

function stackOf(): Stack {
  return new Stack(new App(), 'Test', { env: { account: '111111111111', region: 'eu-central-1' } });
}

function serve(props: Partial<FlueExpressServiceProps> = {}, stack = stackOf()) {
  const image = FlueImage.fromRegistry(stack, 'Image', URI, { caBundlePath: '/etc/ssl/rds.pem', flueMajor: 0 });
  const service = new FlueExpressService(stack, 'Agents', { image, ...props });
  return { stack, service, template: Template.fromStack(stack) };
}

describe('snapshots', () => {
  test('maximal, with the roles and the log group of the user', () => {
    const stack = stackOf();
    const role = (id: string) => new Role(stack, id, { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    expectTemplateSnapshot(serve({ taskRole: role('Tasks'), executionRole: role('Execution'), logGroup: new LogGroup(stack, 'Logs') }, stack).template);
  });

  test('minimal properties', () => {
    expectTemplateSnapshot(serve().template);
  });

  test('maximal properties', () => {
    const stack = stackOf();
    const vpc = new ec2.Vpc(stack, 'Net', { maxAzs: 2 });
    const key = new Secret(stack, 'Key');
    const { template } = serve({
      image: FlueImage.fromEcrRepository(stack, 'Arm', Repository.fromRepositoryName(stack, 'Repository', 'agents'), {
        cpuArchitecture: ecs.CpuArchitecture.ARM64, caBundlePath: '/ca.pem', port: 9000, flueMajor: 2, nodeOptions: '--enable-source-maps', tagOrDigest: '1.0.0',
      }),
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC },
      securityGroups: [new ec2.SecurityGroup(stack, 'Own', { vpc })],
      secrets: { API_TOKEN: ecs.Secret.fromSecretsManager(key, 'token') },
      environment: { LOG_LEVEL: 'debug' },
      database: FlueDatabase.fromUrlSecret(stack, 'Database', {
        url: ecs.Secret.fromSecretsManager(key, 'url'),
        vpc,
        securityGroups: [new ec2.SecurityGroup(stack, 'OfDatabase', { vpc })],
        port: 6543,
        usesRdsCertificates: false,
      }),
      model: FlueModel.provider('openrouter', { secret: ecs.Secret.fromSecretsManager(key, 'provider'), envName: 'ROUTER_KEY', model: 'example/model' }),
      healthCheckPath: '/health/live',
      startupBudget: Duration.seconds(90),
      longestRun: Duration.minutes(20),
      idleTimeout: Duration.minutes(25),
      stopTimeout: Duration.seconds(120),
      deregistrationDelay: Duration.seconds(30),
      redeployOnSecretChange: { interval: Duration.minutes(30) },
      logRetention: RetentionDays.ONE_YEAR,
      cpu: 1024,
      memoryLimitMiB: 2048,
      ephemeralStorage: Size.gibibytes(40),
      minTasks: 1,
      maxTasks: 3,
      targetCpuUtilizationPercent: 50,
      cluster: new ecs.Cluster(stack, 'Shared', { vpc }),
      infrastructureRole: new Role(stack, 'Infrastructure', { assumedBy: new ServicePrincipal('ecs.amazonaws.com') }),
      readonlyRootFilesystem: true,
      dropAllCapabilities: true,
      containerHealthCheck: true,
      logEncryptionKey: new Key(stack, 'LogKey', { enableKeyRotation: true }),
      telemetry: FlueTelemetry.adot({
        config: ecs.Secret.fromSecretsManager(key, 'collector'), image: ecs.ContainerImage.fromRegistry('public.ecr.aws/example/collector:1.0.0'), serviceName: 'agents',
      }),
    }, stack);
    expectTemplateSnapshot(template);
  });
});

describe('the service', () => {
  test('sets everything whose default the sources disagree on', () => {
    serve().template.hasResourceProperties(SERVICE, {
      HealthCheckPath: '/health',
      ScalingTarget: { MinTaskCount: 1, MaxTaskCount: 1, AutoScalingMetric: 'AVERAGE_CPU', AutoScalingTargetValue: 60 },
      TaskDefinitionArn: { Ref: Match.anyValue() },
      NetworkConfiguration: { Subnets: [Match.anyValue(), Match.anyValue()], SecurityGroups: [Match.anyValue()] },
      Cluster: { Ref: Match.anyValue() },
      PrimaryContainer: Match.absent(),
      ExecutionRoleArn: Match.absent(),
      Cpu: Match.absent(),
      Memory: Match.absent(),
    });
  });

  test('brings the task definition that Express Mode asks for: a container Main with one named port', () => {
    serve().template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      RequiresCompatibilities: ['FARGATE'],
      ContainerDefinitions: [Match.objectLike({ Name: 'Main', PortMappings: [{ Name: 'http', ContainerPort: 8080, Protocol: 'tcp' }], StopTimeout: 90 })],
    });
  });

  test('is not replaced when the app adds tags', () => {
    const stack = stackOf();
    Tags.of(stack).add('team', 'agents');
    serve({}, stack).template.hasResourceProperties(SERVICE, { Tags: Match.absent() });
  });

  test('waits for its roles and their policies', () => {
    const stack = stackOf();
    const vpc = new ec2.Vpc(stack, 'Net', { maxAzs: 2 });
    const { template } = serve({ vpc, database: new FlueDatabase(stack, 'Database', { vpc }), model: FlueModel.bedrock('m') }, stack);
    const service = Object.values(template.findResources(SERVICE))[0];
    expect(service.DependsOn).toEqual(expect.arrayContaining([
      expect.stringMatching(/InfrastructureRole/), expect.stringMatching(/ExecutionRoleDefaultPolicy/), expect.stringMatching(/TaskRoleDefaultPolicy/),
    ]));
  });

  test('is managed by a role that only ECS can assume', () => {
    serve().template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: { Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'ecs.amazonaws.com' } }] },
      ManagedPolicyArns: [{ 'Fn::Join': ['', Match.arrayWith([':iam::aws:policy/service-role/AmazonECSInfrastructureRoleforExpressGatewayServices'])] }],
    });
  });

  test('has an HTTPS URL, and metrics that name cluster and service', () => {
    const { stack, service } = serve();
    expect(stack.resolve(service.url)).toEqual({ 'Fn::Join': ['', ['https://', { 'Fn::GetAtt': [expect.any(String), 'Endpoint'] }]] });
    const metric = service.metricCpuUtilization();
    expect(metric.namespace).toBe('AWS/ECS');
    expect(JSON.stringify(stack.resolve(metric.dimensions))).toContain('ServiceArn');
    expect(service.node.defaultChild).toBe(service.service);
    expect(service.grantPrincipal).toBe(service.taskDefinition.taskRole);
  });

  test('reaches its database', () => {
    const stack = stackOf();
    const vpc = new ec2.Vpc(stack, 'Net', { maxAzs: 2 });
    const { template } = serve({ database: new FlueDatabase(stack, 'Database', { vpc }) }, stack);
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 5432, Description: 'Flue server to its database' });
  });
});

describe('the managed load balancer', () => {
  test('gets the timers of the chain, on what ECS manages', () => {
    const { template } = serve();
    template.hasResourceProperties('Custom::FlueExpressLoadBalancerTimers', {
      LoadBalancerArn: { 'Fn::GetAtt': [Match.anyValue(), 'ECSManagedResourceArns.IngressPath.LoadBalancerArn'] },
      ListenerRuleArn: { 'Fn::GetAtt': [Match.anyValue(), 'ECSManagedResourceArns.IngressPath.ListenerRuleArn'] },
      IdleTimeoutSeconds: 660,
      DeregistrationDelaySeconds: 60,
      ServiceTimeout: '600',
    });
    const statements = Object.values(template.findResources('AWS::IAM::Policy'))
      .flatMap(policy => policy.Properties.PolicyDocument.Statement);
    expect(statements.filter(statement => statement.Resource === '*').map(statement => statement.Action))
      .toEqual([['elasticloadbalancing:DescribeLoadBalancerAttributes', 'elasticloadbalancing:DescribeRules']]);
    expect(statements).toContainEqual(expect.objectContaining({
      Action: 'elasticloadbalancing:ModifyTargetGroupAttributes',
      Resource: { 'Fn::Join': ['', expect.arrayContaining([expect.stringMatching(/:targetgroup\/\*$/)])] },
      Condition: { StringEquals: { 'aws:ResourceTag/AmazonECSManaged': 'true' } },
    }));
  });

  test('are set again for each task definition', () => {
    const { stack, service, template } = serve();
    template.hasResourceProperties('Custom::FlueExpressLoadBalancerTimers', {
      TaskDefinitionArn: stack.resolve(service.taskDefinition.taskDefinitionArn),
    });
  });
});

describe('warnings', () => {
  test('say that two processes overlap, and more so with two tasks', () => {
    const stack = stackOf();
    const vpc = new ec2.Vpc(stack, 'Net', { maxAzs: 2 });
    serve({ vpc, database: new FlueDatabase(stack, 'Database', { vpc }), maxTasks: 4 }, stack);
    Annotations.fromStack(stack).hasWarning('/Test/Agents', Match.stringLikeRegexp('ECS Express Mode deploys by canary'));
    Annotations.fromStack(stack).hasWarning('/Test/Agents', Match.stringLikeRegexp('`maxTasks` is 4'));
  });
});

describe('fails before the first resource', () => {
  test.each<[string, Partial<FlueExpressServiceProps>, RegExp]>([
    ['no task', { minTasks: 0 }, /`minTasks` must be a whole number of at least 1, got: 0/],
    ['two tasks without a database', { maxTasks: 2 }, /`maxTasks` must be 1 without a database/],
    ['a grace period, which the platform fixes', { healthCheckGracePeriod: Duration.seconds(200) }, /must be left out on ECS Express Mode, which fixes it at 300 s, got: 3 minutes 20 seconds/],
    ['a startup beyond the platform\'s grace period', { startupBudget: Duration.seconds(300) }, /`startupBudget` must be below the grace period of ECS Express Mode \(300 s\), got: 300 s/],
    ['a target above all processor use', { targetCpuUtilizationPercent: 101 }, /`targetCpuUtilizationPercent` must be from 1 to 100, got: 101/],
    ['a stop timeout above the cap', { stopTimeout: Duration.seconds(121) }, /at most 120 s on Fargate/],
    ['the root as health path', { healthCheckPath: '/' }, /must be a path that the app defines/],
    ['a key in the environment', { environment: { OPENAI_API_KEY: 'x' } }, /must not hold a secret in plain text, got: OPENAI_API_KEY/],
  ])('%s', (_what, props, message) => {
    const stack = stackOf();
    expect(() => serve(props, stack)).toThrow(message);
    expect(stack.node.findChild('Agents').node.children).toHaveLength(0);
  });

  test('a startup just below the platform\'s grace period passes', () => {
    expect(() => serve({ startupBudget: Duration.seconds(299) })).not.toThrow();
  });
});
