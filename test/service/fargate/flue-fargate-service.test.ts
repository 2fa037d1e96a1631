import { App, Duration, Lazy, Size, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  FlueDatabase, FlueDeployment, FlueExposure, FlueFargateService, FlueImage, FlueModel, FlueTelemetry, type FlueFargateServiceProps,
} from '../../../src';
import { expectTemplateSnapshot } from '../../support/snapshot';

const URI = 'public.ecr.aws/example/agents:1.0.0';

function stackOf(): Stack {
  return new Stack(new App(), 'Test', { env: { account: '111111111111', region: 'eu-central-1' } });
}

function imageIn(stack: Stack, cpuArchitecture = ecs.CpuArchitecture.X86_64): FlueImage {
  return FlueImage.fromRegistry(stack, 'Image', URI, { cpuArchitecture, caBundlePath: '/etc/ssl/rds.pem', flueMajor: 0 }) as FlueImage;
}

function serve(props: Partial<FlueFargateServiceProps> = {}, stack = stackOf()) {
  const service = new FlueFargateService(stack, 'Agents', { image: imageIn(stack), ...props });
  return { stack, service, template: Template.fromStack(stack) };
}

function vpcIn(stack: Stack) {
  return new ec2.Vpc(stack, 'Net', { maxAzs: 2 });
}

describe('snapshots', () => {
  test('maximal hardening', () => {
    expectTemplateSnapshot(serve({ readonlyRootFilesystem: true, dropAllCapabilities: true, containerHealthCheck: true }).template);
  });

  test('maximal, with the roles and the log group of the user', () => {
    const stack = stackOf();
    const role = (id: string) => new iam.Role(stack, id, { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    expectTemplateSnapshot(serve({ taskRole: role('Tasks'), executionRole: role('Execution'), logGroup: new LogGroup(stack, 'Logs') }, stack).template);
  });

  test('minimal properties', () => {
    expectTemplateSnapshot(serve().template);
  });

  test('maximal properties', () => {
    const stack = stackOf();
    const vpc = vpcIn(stack);
    const key = new Secret(stack, 'Key');
    const { template } = serve({
      image: FlueImage.fromRegistry(stack, 'Arm', URI, { cpuArchitecture: ecs.CpuArchitecture.ARM64, caBundlePath: '/ca.pem', port: 9000, flueMajor: 2 }),
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [new ec2.SecurityGroup(stack, 'Own', { vpc })],
      secrets: { API_TOKEN: ecs.Secret.fromSecretsManager(key, 'token') },
      environment: { LOG_LEVEL: 'debug', NODE_OPTIONS: '--max-old-space-size=1536' },
      database: new FlueDatabase(stack, 'Database', { vpc }),
      model: FlueModel.bedrock('eu.anthropic.claude-sonnet-4-6'),
      healthCheckPath: '/health/live',
      startupBudget: Duration.seconds(90),
      healthCheckGracePeriod: Duration.seconds(200),
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
      deployment: FlueDeployment.rolling({
        rollback: false, alarms: [Alarm.fromAlarmArn(stack, 'Canary', 'arn:aws:cloudwatch:eu-central-1:111111111111:alarm:canary')],
      }),
      exposure: FlueExposure.toPeers(ec2.Peer.ipv4('203.0.113.0/24')),
      domainName: 'agents.example.com',
      hostedZone: HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.com' }),
      accessLogsBucket: new Bucket(stack, 'Logs'),
      loadBalancerDeletionProtection: true,
      enableExecuteCommand: true,
      logEncryptionKey: new Key(stack, 'LogKey', { enableKeyRotation: true }),
      telemetry: FlueTelemetry.otlp({
        endpoint: 'https://collector.example.com', headers: ecs.Secret.fromSecretsManager(key, 'headers'), serviceName: 'agents',
      }),
    }, stack);
    expectTemplateSnapshot(template);
  });
});

describe('hardening', () => {
  test('makes the root read-only, with a volume for /tmp, and drops every capability', () => {
    serve({ readonlyRootFilesystem: true, dropAllCapabilities: true }).template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [Match.objectLike({
        ReadonlyRootFilesystem: true,
        MountPoints: [{ ContainerPath: '/tmp', ReadOnly: false, SourceVolume: 'tmp' }],
        LinuxParameters: { Capabilities: { Drop: ['ALL'] }, InitProcessEnabled: true },
      })],
      Volumes: [{ Name: 'tmp' }],
    });
  });

  test('is off unless told otherwise', () => {
    serve().template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [Match.objectLike({
        ReadonlyRootFilesystem: Match.absent(),
        MountPoints: Match.absent(),
        LinuxParameters: { Capabilities: { Drop: Match.absent() }, InitProcessEnabled: true },
      })],
      Volumes: Match.absent(),
    });
  });
});

describe('the service', () => {
  test('runs one task, stops it before it starts the next, and rolls back', () => {
    serve().template.hasResourceProperties('AWS::ECS::Service', {
      DesiredCount: 1,
      LaunchType: 'FARGATE',
      HealthCheckGracePeriodSeconds: 120,
      AvailabilityZoneRebalancing: 'DISABLED',
      PropagateTags: 'SERVICE',
      EnableECSManagedTags: true,
      EnableExecuteCommand: false,
      DeploymentConfiguration: { MinimumHealthyPercent: 0, MaximumPercent: 100, DeploymentCircuitBreaker: { Enable: true, Rollback: true } },
      LoadBalancers: [{ ContainerName: 'Main', ContainerPort: 8080 }],
    });
  });

  test('leaves its count to the scalable target when it scales', () => {
    const stack = stackOf();
    const vpc = vpcIn(stack);
    const { template } = serve({ vpc, database: new FlueDatabase(stack, 'Database', { vpc }), maxTasks: 2 }, stack);
    template.hasResourceProperties('AWS::ECS::Service', { DesiredCount: Match.absent() });
    template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', { MinCapacity: 1, MaxCapacity: 2 });
  });

  test('waits for its listener, and for the policies of its roles', () => {
    const stack = stackOf();
    const vpc = vpcIn(stack);
    const { template } = serve({ vpc, database: new FlueDatabase(stack, 'Database', { vpc }), model: FlueModel.bedrock('m') }, stack);
    const service = Object.values(template.findResources('AWS::ECS::Service'))[0];
    expect(service.DependsOn).toEqual(expect.arrayContaining([
      expect.stringMatching(/Listener/), expect.stringMatching(/ExecutionRoleDefaultPolicy/), expect.stringMatching(/TaskRoleDefaultPolicy/),
    ]));
  });

  test('runs a task with an init process, time to stop, kept logs, and everything the server reads', () => {
    serve().template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      Cpu: '512',
      Memory: '1024',
      RuntimePlatform: { CpuArchitecture: 'X86_64', OperatingSystemFamily: 'LINUX' },
      ContainerDefinitions: [{
        Name: 'Main',
        Image: URI,
        StopTimeout: 90,
        LinuxParameters: { InitProcessEnabled: true },
        PortMappings: [{ ContainerPort: 8080, Name: 'http', Protocol: 'tcp' }],
        LogConfiguration: { LogDriver: 'awslogs', Options: { mode: 'non-blocking' } },
        Environment: Match.arrayWith([{ Name: 'PORT', Value: '8080' }]),
        Secrets: Match.absent(),
      }],
    });
    serve().template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });

  test('takes a database: the URL as a secret, the authorities, and the way to its port from the importing side', () => {
    const stack = stackOf();
    const vpc = vpcIn(stack);
    const { template } = serve({ database: new FlueDatabase(stack, 'Database', { vpc }) }, stack);
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [Match.objectLike({
        Environment: Match.arrayWith([{ Name: 'NODE_EXTRA_CA_CERTS', Value: '/etc/ssl/rds.pem' }]),
        Secrets: [{ Name: 'DATABASE_URL', ValueFrom: Match.anyValue() }],
      })],
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 5432, ToPort: 5432, Description: 'Flue server to its database' });
    template.resourceCountIs('AWS::EC2::VPC', 1);
  });

  test('runs on the architecture of its image', () => {
    const stack = stackOf();
    const { template } = serve({ image: FlueImage.fromRegistry(stack, 'Arm', URI, { cpuArchitecture: ecs.CpuArchitecture.ARM64 }) }, stack);
    template.hasResourceProperties('AWS::ECS::TaskDefinition', { RuntimePlatform: { CpuArchitecture: 'ARM64' } });
  });
});

describe('the network', () => {
  test('is new by default: two zones, no NAT gateway, tasks with a public address', () => {
    const { template } = serve();
    template.resourceCountIs('AWS::EC2::Subnet', 4);
    template.resourceCountIs('AWS::EC2::NatGateway', 0);
    template.resourceCountIs('AWS::EC2::VPCEndpoint', 1);
    template.hasResourceProperties('AWS::ECS::Service', { NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp: 'ENABLED' } } });
  });

  test('of tasks in private subnets gives them no public address', () => {
    const stack = stackOf();
    serve({ vpc: vpcIn(stack) }, stack).template
      .hasResourceProperties('AWS::ECS::Service', { NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp: 'DISABLED' } } });
  });

  test('admits only the load balancer to the tasks', () => {
    const { template } = serve();
    const toTasks = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress'));
    expect(toTasks).toHaveLength(1);
    expect(toTasks[0].Properties).toMatchObject({ FromPort: 8080, ToPort: 8080, SourceSecurityGroupId: { 'Fn::GetAtt': [expect.stringMatching(/LoadBalancer/), 'GroupId'] } });
  });

  test('spans stacks: VPC, database and service apart, in both orders', () => {
    for (const serviceFirst of [true, false]) {
      const app = new App();
      const names = serviceFirst ? ['Run', 'Data', 'Net'] : ['Net', 'Data', 'Run'];
      const stacks = Object.fromEntries(names.map(name => [name, new Stack(app, name)]));
      const { Net: net, Data: data, Run: run } = stacks;
      const vpc = vpcIn(net);
      const database = new FlueDatabase(data, 'Database', { vpc });
      const image = FlueImage.fromRegistry(run, 'Image', URI);
      new FlueFargateService(run, 'Agents', { vpc, image, database });
      new FlueFargateService(run, 'Others', { vpc, image, database });
      expect(() => app.synth()).not.toThrow();
    }
  });
});

describe('the load balancer', () => {
  test('has the timers of the chain and drops invalid headers', () => {
    const { template } = serve();
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Scheme: 'internet-facing',
      LoadBalancerAttributes: Match.arrayWith([
        { Key: 'idle_timeout.timeout_seconds', Value: '660' },
        { Key: 'routing.http.drop_invalid_header_fields.enabled', Value: 'true' },
      ]),
    });
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      TargetType: 'ip',
      Port: 8080,
      HealthCheckPath: '/health',
      HealthCheckPort: 'traffic-port',
      HealthCheckIntervalSeconds: 15,
      HealthCheckTimeoutSeconds: 5,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 3,
      Matcher: { HttpCode: '200-299' },
      TargetGroupAttributes: Match.arrayWith([{ Key: 'deregistration_delay.timeout_seconds', Value: '60' }]),
    });
  });

  test('speaks HTTPS with a certificate alone, and redirects HTTP', () => {
    const stack = stackOf();
    const { template, service } = serve({
      certificate: Certificate.fromCertificateArn(stack, 'Cert', 'arn:aws:acm:eu-central-1:111111111111:certificate/x'),
    }, stack);
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Port: 443, Protocol: 'HTTPS' });
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Port: 80, DefaultActions: [Match.objectLike({ Type: 'redirect' })] });
    template.resourceCountIs('AWS::Route53::RecordSet', 0);
    expect(service.redirectListener).toBeDefined();
    expect(service.url).toMatch(/^https:\/\//);
    Annotations.fromStack(stack).hasNoWarning('/Test/Agents', Match.stringLikeRegexp('plain HTTP'));
  });

  test('gets a certificate and a record for a domain in a zone', () => {
    const stack = stackOf();
    const hostedZone = HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.com' });
    const { template, service } = serve({ domainName: 'agents.example.com', hostedZone }, stack);
    template.hasResourceProperties('AWS::CertificateManager::Certificate', { DomainName: 'agents.example.com' });
    template.hasResourceProperties('AWS::Route53::RecordSet', { Name: 'agents.example.com.', Type: 'A' });
    expect(service.url).toBe('https://agents.example.com');
  });

  test.each([
    ['a domain', { domainName: Lazy.string({ produce: () => 'agents.example.com' }), zoneName: 'example.com' }, 'agents.example.com.'],
    ['a zone', { domainName: 'agents.example.com', zoneName: Lazy.string({ produce: () => 'example.com' }) }, 'agents.example.com.'],
    ['neither', { domainName: 'agents.example.com', zoneName: 'example.com.' }, 'agents.example.com.'],
  ])('makes the record of the domain itself where only the deployment knows %s', (_what, { domainName, zoneName }, name) => {
    const stack = stackOf();
    const hostedZone = HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z1', zoneName });
    const certificate = Certificate.fromCertificateArn(stack, 'Certificate', 'arn:aws:acm:eu-central-1:111111111111:certificate/1');
    serve({ domainName, hostedZone, certificate }, stack).template.hasResourceProperties('AWS::Route53::RecordSet', { Name: name });
  });

  test('is open by default, admits only given peers, or is internal under ids of its own', () => {
    const ingressOf = (template: Template) => Object.values(template.findResources('AWS::EC2::SecurityGroup'))
      .flatMap(group => group.Properties.SecurityGroupIngress ?? []).map(rule => rule.CidrIp);
    expect(ingressOf(serve().template)).toEqual(['0.0.0.0/0']);
    expect(ingressOf(serve({ exposure: FlueExposure.toPeers(ec2.Peer.ipv4('198.51.100.7/32')) }).template)).toEqual(['198.51.100.7/32']);
    const internal = serve({ exposure: FlueExposure.internal() });
    expect(ingressOf(internal.template)).toEqual([]);
    internal.template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', { Scheme: 'internal' });
    expect(internal.service.loadBalancer.node.id).toBe('InternalLoadBalancer');
    expect(internal.service.targetGroup.node.path).toBe('Test/Agents/InternalLoadBalancer/TargetGroup');
  });
});

describe('attributes', () => {
  test('are those of the pattern library, grants go to the task role, no output is made', () => {
    const stack = stackOf();
    const service = new FlueFargateService(stack, 'Agents', { image: imageIn(stack) });
    new Bucket(stack, 'Files').grantRead(service);
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [stack.resolve((service.taskDefinition.taskRole as unknown as { roleName: string }).roleName)],
      PolicyDocument: { Statement: [Match.objectLike({ Action: ['s3:GetObject*', 's3:GetBucket*', 's3:List*'] })] },
    });
    expect(service.node.defaultChild).toBe(service.service);
    expect(service.connections.securityGroups).toHaveLength(1);
    template.templateMatches({ Outputs: Match.absent() });
  });

  test('metrics name the cluster and the service', () => {
    const { service, stack } = serve();
    expect(stack.resolve(service.metricCpuUtilization().dimensions)).toEqual({
      ClusterName: stack.resolve(service.cluster.clusterName), ServiceName: stack.resolve(service.service.serviceName),
    });
    expect(service.metricMemoryUtilization({ period: Duration.minutes(1) }).period.toSeconds()).toBe(60);
    expect(service.metricMemoryUtilization().metricName).toBe('MemoryUtilization');
  });

  test('a model on Amazon Bedrock needs no key', () => {
    const { template } = serve({ model: FlueModel.bedrock('anthropic.claude-sonnet-4-6') });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [Match.objectLike({ Action: ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'] })] },
    });
  });
});

describe('warnings', () => {
  test.each<[string, Partial<FlueFargateServiceProps>, string]>([
    ['plain HTTP', {}, 'plain HTTP'],
    ['a rolling deployment', { deployment: FlueDeployment.rolling() }, 'live together during a deployment'],
  ])('of %s', (_what, props, text) => {
    const { stack } = serve(props);
    Annotations.fromStack(stack).hasWarning('/Test/Agents', Match.stringLikeRegexp(text));
  });

  test('of two live processes', () => {
    const stack = stackOf();
    const vpc = vpcIn(stack);
    serve({ vpc, database: new FlueDatabase(stack, 'Database', { vpc }), minTasks: 2 }, stack);
    Annotations.fromStack(stack).hasWarning('/Test/Agents', Match.stringLikeRegexp('`maxTasks` is 2'));
  });
});

describe('fails before the first resource', () => {
  const cases: Array<[string, (stack: Stack) => Partial<FlueFargateServiceProps>, RegExp]> = [
    ['a shell in a task that it cannot write to', () => ({ readonlyRootFilesystem: true, enableExecuteCommand: true }),
      /`enableExecuteCommand` must be left out with `readonlyRootFilesystem`, got: both/],
    ['no task', () => ({ minTasks: 0 }), /`minTasks` must be a whole number of at least 1, got: 0\. .+Flue-MinTaskCount/],
    ['negative tasks', () => ({ minTasks: -1 }), /`minTasks` must be a whole number of at least 1, got: -1/],
    ['more than the most', () => ({ minTasks: 3, maxTasks: 2 }), /`minTasks` must be at most `maxTasks` \(2\), got: 3/],
    ['two tasks without a database', () => ({ maxTasks: 2 }), /`maxTasks` must be 1 without a database, got: 2\. Pass `database`/],
    ['an impossible size', () => ({ cpu: 256, memoryLimitMiB: 4096 }), /The nearest pair is 256 CPU units with 2048 MiB/],
    ['a target of no processor use', () => ({ targetCpuUtilizationPercent: 0.5 }), /`targetCpuUtilizationPercent` must be from 1 to 100, got: 0\.5\. Leave it out for 60/],
    ['a target above all processor use', () => ({ targetCpuUtilizationPercent: 101 }), /`targetCpuUtilizationPercent` must be from 1 to 100, got: 101/],
    ['an impossible disk', () => ({ ephemeralStorage: Size.gibibytes(20) }), /`ephemeralStorage` must be 21–200 whole GiB, got: 20 GiB/],
    ['a grace period below the startup', () => ({ healthCheckGracePeriod: Duration.seconds(60) }), /`healthCheckGracePeriod` must be above `startupBudget` \(60 s\), got: 60 s/],
    ['an idle timeout of 0', () => ({ idleTimeout: Duration.seconds(0) }), /`idleTimeout` must be 16–4000 whole seconds, above the 15 s stream heartbeat, got: 0 s/],
    ['an idle timeout above the range', () => ({ idleTimeout: Duration.seconds(4001) }), /got: 4001 s/],
    ['an idle timeout at the heartbeat', () => ({ idleTimeout: Duration.seconds(15) }), /`idleTimeout` must be 16–4000 whole seconds, above the 15 s stream heartbeat, got: 15 s/],
    ['a stop timeout above the cap', () => ({ stopTimeout: Duration.seconds(121) }), /`stopTimeout` must be at most 120 s on Fargate, got: 121 s/],
    ['a stop timeout at the bound', () => ({ stopTimeout: Duration.seconds(60) }), /must be above 60 s, the server's own shutdown bound, got: 60 s/],
    ['a bare health path', () => ({ healthCheckPath: 'health' }), /must begin with a slash, got: health/],
    ['the root as health path', () => ({ healthCheckPath: '/' }), /must be a path that the app defines, got: \//],
    ['a URL as health path', () => ({ healthCheckPath: 'http://x/health' }), /must be a path without scheme or host/],
    ['a key in the environment', () => ({ environment: { ANTHROPIC_API_KEY: 'x' } }), /`environment` must not hold a secret in plain text, got: ANTHROPIC_API_KEY/],
    ['a database URL in the environment', () => ({ environment: { DATABASE_URL: 'postgres://h/db' } }), /got: DATABASE_URL/],
    ['a key-shaped value', () => ({ environment: { NOTE: 'sk-ant-api03-abcdef' } }), /its value looks like an Anthropic key/],
    ['a reserved variable', () => ({ environment: { FLUE_MODE: 'local' } }), /Flue reserves for itself, got: FLUE_MODE/],
    ['one name twice', stack => ({
      environment: { TOKEN_URL: 'a' }, secrets: { TOKEN_URL: ecs.Secret.fromSecretsManager(new Secret(stack, 'S')) },
    }), /must not hold the same name, got: TOKEN_URL/],
    ['a domain without certificate', () => ({ domainName: 'a.example.com' }), /`domainName` must come with `certificate` or `hostedZone`/],
    ['a zone without domain', stack => ({
      hostedZone: HostedZone.fromHostedZoneAttributes(stack, 'Z', { hostedZoneId: 'Z', zoneName: 'example.com' }),
    }), /`domainName` must be given with `hostedZone`/],
    ['a domain of another zone', stack => ({
      domainName: 'a.example.org', hostedZone: HostedZone.fromHostedZoneAttributes(stack, 'Z', { hostedZoneId: 'Z', zoneName: 'example.com' }),
    }), /`domainName` must be in `hostedZone` \(example.com\), got: a.example.org/],
    ['one availability zone', stack => ({ vpc: new ec2.Vpc(stack, 'One', { maxAzs: 1 }) }), /must span at least 2 availability zones/],
    ['isolated subnets only', stack => ({
      vpc: new ec2.Vpc(stack, 'Iso', { maxAzs: 2, natGateways: 0, subnetConfiguration: [{ name: 'I', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }] }),
    }), /with isolated subnets only/],
    ['a database in another VPC', stack => ({
      vpc: vpcIn(stack), database: new FlueDatabase(stack, 'Database', { vpc: new ec2.Vpc(stack, 'Other', { maxAzs: 2 }) }),
    }), /`database` must be in the VPC of `vpc`/],
  ];

  test.each(cases)('%s', (_what, props, message) => {
    const stack = stackOf();
    expect(() => serve(props(stack), stack)).toThrow(message);
    expect(stack.node.findChild('Agents').node.children).toHaveLength(0);
  });
});

test.each([1, 100])('scales at %s percent of the processors', targetCpuUtilizationPercent => {
  const stack = stackOf();
  const vpc = vpcIn(stack);
  serve({ vpc, database: new FlueDatabase(stack, 'Database', { vpc }), maxTasks: 2, targetCpuUtilizationPercent }, stack);
  Template.fromStack(stack).hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
    TargetTrackingScalingPolicyConfiguration: Match.objectLike({ TargetValue: targetCpuUtilizationPercent }),
  });
});
