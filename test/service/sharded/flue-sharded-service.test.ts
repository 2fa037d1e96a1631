import { App, Duration, Lazy, Size, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import {
  FlueAuth, FlueChecks, FlueDashboard, FlueDatabase, FlueDatabaseEngine, FlueExposure, FlueFargateService, FlueImage, FlueModel, FlueShardedService,
  FlueShardKey, FlueTelemetry,
  type FlueShardedServiceProps,
} from '../../../src';
import { partitionRules } from '../../../src/invariants/shards/partition';
import { appDirectory, FLUE_0, removeFixtures } from '../../image/fixtures';
import { expectTemplateSnapshot } from '../../support/snapshot';

const URI = 'public.ecr.aws/example/agents:1.0.0';
const LARGE = FlueDatabaseEngine.postgres({ instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.LARGE) });

afterAll(removeFixtures);

function stackOf(): Stack {
  return new Stack(new App(), 'Test', { env: { account: '111111111111', region: 'eu-central-1' } });
}

function imageIn(stack: Stack, flueMajor = 0) {
  return FlueImage.fromRegistry(stack, 'Image', URI, { cpuArchitecture: ecs.CpuArchitecture.X86_64, caBundlePath: '/etc/ssl/rds.pem', flueMajor });
}

function make(props: Partial<FlueShardedServiceProps> = {}, stack = stackOf()): FlueShardedService {
  return new FlueShardedService(stack, 'Agents', { image: props.image ?? imageIn(stack), shards: 4, ...props });
}

function serve(props: Partial<FlueShardedServiceProps> = {}, stack = stackOf()) {
  return { stack, agents: make(props, stack), template: Template.fromStack(stack) };
}

function databaseIn(stack: Stack, engine?: FlueDatabaseEngine): FlueDatabase {
  return new FlueDatabase(stack, 'Database', { vpc: new ec2.Vpc(stack, 'Net', { maxAzs: 2, natGateways: 1 }), engine });
}

const signIn = (stack: Stack, publicPaths?: string[]) => ({
  domainName: 'agents.example.com',
  hostedZone: HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.com' }),
  auth: FlueAuth.jwt({ issuer: 'https://id.example.com', jwksEndpoint: 'https://id.example.com/keys', publicPaths }),
});

const rulesOf = (template: Template): any[] => Object.values(template.findResources('AWS::ElasticLoadBalancingV2::ListenerRule'))
  .map(({ Properties }) => Properties as any).sort((one, other) => one.Priority - other.Priority);
const variablesOf = (template: Template) => Object.entries(template.findResources('AWS::ECS::TaskDefinition')).map(([id, { Properties }]: [string, any]) => {
  const containers = Properties.ContainerDefinitions as any[];
  return { id, server: containers.find(({ Name }) => Name === 'Main'), schema: containers.find(({ Name }) => Name === 'Schema') };
});
const guardOf = (server: any): string => decodeURIComponent(server.Environment.find(({ Name }: any) => Name === 'NODE_OPTIONS').Value);

describe('snapshots', () => {
  test('minimal properties', () => {
    expectTemplateSnapshot(serve({ shards: 2 }).template);
  });

  test('maximal, with the roles and the log group of the user', () => {
    const stack = stackOf();
    const role = (id: string) => new iam.Role(stack, id, { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    expectTemplateSnapshot(serve({
      shards: 2,
      taskRole: role('Tasks'),
      executionRole: role('Execution'),
      logGroup: new LogGroup(stack, 'Logs'),
      readonlyRootFilesystem: true,
      dropAllCapabilities: true,
      containerHealthCheck: true,
    }, stack).template);
  });

  test('maximal, with the hash of the id', () => {
    expectTemplateSnapshot(serve({ shards: 2, shardKey: FlueShardKey.sha256(), exposure: FlueExposure.cloudFront() }).template);
  });

  test('maximal properties', () => {
    const stack = stackOf();
    const database = databaseIn(stack);
    const { vpc } = database;
    const key = new Secret(stack, 'Key');
    const agents = make({
      image: FlueImage.fromRegistry(stack, 'Arm', URI, { cpuArchitecture: ecs.CpuArchitecture.ARM64, caBundlePath: '/ca.pem', port: 9000, flueMajor: 0 }),
      shards: 4,
      shardKey: FlueShardKey.lastCharacter(),
      agentPaths: ['/agents/*/', '/team-a/agents/*/'],
      homePaths: ['/agents/support/webhook', '/slack/*'],
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [new ec2.SecurityGroup(stack, 'Own', { vpc: vpc! })],
      secrets: { API_TOKEN: ecs.Secret.fromSecretsManager(key, 'token') },
      environment: { LOG_LEVEL: 'debug', NODE_OPTIONS: '--max-old-space-size=1536' },
      database,
      model: FlueModel.bedrock('eu.anthropic.claude-sonnet-4-6'),
      healthCheckPath: '/health/live',
      startupBudget: Duration.seconds(90),
      healthCheckGracePeriod: Duration.seconds(200),
      longestRun: Duration.minutes(20),
      idleTimeout: Duration.minutes(25),
      stopTimeout: Duration.seconds(120),
      deregistrationDelay: Duration.minutes(10),
      redeployOnSecretChange: { interval: Duration.minutes(30) },
      logRetention: RetentionDays.ONE_YEAR,
      logEncryptionKey: new Key(stack, 'LogKey', { enableKeyRotation: true }),
      cpu: 1024,
      memoryLimitMiB: 2048,
      ephemeralStorage: Size.gibibytes(40),
      cluster: new ecs.Cluster(stack, 'Shared', { vpc, containerInsightsV2: ecs.ContainerInsights.ENABLED }),
      exposure: FlueExposure.toPeers(ec2.Peer.ipv4('203.0.113.0/24')),
      domainName: 'agents.example.com',
      hostedZone: HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.com' }),
      certificate: Certificate.fromCertificateArn(stack, 'Certificate', 'arn:aws:acm:eu-central-1:111111111111:certificate/1'),
      sslPolicy: SslPolicy.TLS13_13,
      auth: FlueAuth.jwt({ issuer: 'https://id.example.com', jwksEndpoint: 'https://id.example.com/keys', publicPaths: ['/webhooks/*'] }),
      accessLogs: true,
      accessLogsBucket: Bucket.fromBucketName(stack, 'Logs', 'logs-of-load-balancers'),
      webAcl: new CfnWebACL(stack, 'Acl', {
        scope: 'REGIONAL', defaultAction: { allow: {} }, visibilityConfig: { cloudWatchMetricsEnabled: true, metricName: 'acl', sampledRequestsEnabled: true },
      }),
      loadBalancerDeletionProtection: true,
      enableExecuteCommand: true,
      telemetry: FlueTelemetry.adot(),
    }, stack);
    agents.addAlarms({ topic: Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-central-1:111111111111:operators') });
    agents.addLogQueries({ slowPrompt: Duration.seconds(20) });
    agents.addOperatorCommands();
    expectTemplateSnapshot(Template.fromStack(stack));
  });
});

describe('the shards', () => {
  test('are services of one task each, behind one load balancer, with one role, cluster and security group', () => {
    const { template, agents } = serve();
    for (const [type, count] of Object.entries({
      'AWS::ECS::Service': 4,
      'AWS::ECS::TaskDefinition': 4,
      'AWS::ElasticLoadBalancingV2::TargetGroup': 4,
      'AWS::ElasticLoadBalancingV2::LoadBalancer': 1,
      'AWS::ECS::Cluster': 1,
      'AWS::ElasticLoadBalancingV2::Listener': 1,
      'AWS::EC2::SecurityGroup': 2,
    })) {
      template.resourceCountIs(type, count);
    }
    template.allResourcesProperties('AWS::ECS::Service', {
      DesiredCount: 1,
      DeploymentConfiguration: { MinimumHealthyPercent: 0, MaximumPercent: 100, DeploymentCircuitBreaker: { Enable: true, Rollback: true } },
    });
    template.resourceCountIs('AWS::ApplicationAutoScaling::ScalableTarget', 0);
    const roles = Object.values(template.findResources('AWS::ECS::TaskDefinition')).map(({ Properties }) => JSON.stringify(Properties.TaskRoleArn));
    expect(new Set(roles).size).toBe(1);
    expect(agents.services).toHaveLength(4);
    expect(agents.home).toBe(agents.services[0]);
    expect(new Set(agents.services.map(({ url }) => url))).toEqual(new Set([agents.url]));
  });

  test('deploy one after another, and the first waits for every rule of its own', () => {
    const { template } = serve();
    const services = Object.entries(template.findResources('AWS::ECS::Service'));
    const names = services.map(([id]) => id);
    services.forEach(([, { DependsOn }], index) => {
      expect((DependsOn as string[]).filter(id => names.includes(id))).toEqual(index === 0 ? [] : [names[index - 1]]);
    });
    expect((services[0][1].DependsOn as string[]).filter(id => /Rules/.test(id))).toHaveLength(3);
  });

  test.each([2, 4, 8, 16])('of %i have the rules of the partition, in its order', shards => {
    const { template } = serve({ shards });
    const rules = rulesOf(template);
    const partition = partitionRules({ shards, agentPaths: ['/agents/*/'] });
    expect(rules.map(({ Conditions: [condition] }) => condition.PathPatternConfig.RegexValues)).toEqual(partition.map(({ regexes }) => regexes));
    expect(rules.map(({ Actions: [action] }) => action.FixedResponseConfig?.StatusCode ?? /Shard(\d+)/.exec(action.TargetGroupArn.Ref)![1]))
      .toEqual(partition.map(({ shard }) => shard === undefined ? '400' : String(shard)));
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { DefaultActions: [{ Type: 'forward', TargetGroupArn: { Ref: Match.stringLikeRegexp('Shard0') } }] });
  });

  test('each refuse the ids of the others', () => {
    const servers = variablesOf(serve({ homePaths: ['/agents/a/hook'] }).template);
    servers.forEach(({ id, server }) => {
      const [, own, of] = /own=(\d+),of=(\d+),/.exec(guardOf(server))!;
      expect(id).toContain(`Shard${own}`);
      expect(of).toBe('4');
      expect(guardOf(server)).toContain('["^/agents/a/hook$"]');
    });
  });

  test('keep their conversations in a schema each, which says how many there are', () => {
    const stack = stackOf();
    const { template } = serve({ database: databaseIn(stack) }, stack);
    const shards = variablesOf(template);
    const urls = shards.map(({ server }) => JSON.stringify(server.Secrets.find(({ Name }: any) => Name === 'DATABASE_URL').ValueFrom));
    expect(new Set(urls).size).toBe(4);
    for (const { schema } of shards) {
      expect(schema.Environment).toEqual(expect.arrayContaining([
        { Name: 'SCHEMA_FLEET', Value: 'Agents' }, { Name: 'SCHEMA_PARTITION', Value: 'lastCharacter of 4' },
      ]));
    }
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 2);
  });

  test('have schemas in an existing Postgres whose administrator is known', () => {
    const stack = stackOf();
    const vpc = new ec2.Vpc(stack, 'Net', { maxAzs: 2, natGateways: 0 });
    const database = FlueDatabase.fromAdministratorSecret(stack, 'Existing', {
      administrator: new Secret(stack, 'Administrator'), host: 'db.example.com', databaseName: 'app', vpc, securityGroups: [new ec2.SecurityGroup(stack, 'Group', { vpc })],
    });
    const { template, agents } = serve({ shards: 2, database }, stack);
    expect(agents.vpc).toBe(vpc);
    const shards = variablesOf(template);
    const administrator = {
      Ref: Object.keys(template.findResources('AWS::SecretsManager::Secret', { Properties: { GenerateSecretString: {} } }))
        .find(id => id.startsWith('Administrator')),
    };
    expect(shards.map(({ schema }) => schema.Secrets.find(({ Name }: any) => Name === 'ADMIN_USER').ValueFrom))
      .toEqual(Array(2).fill({ 'Fn::Join': ['', [administrator, ':username::']] }));
    const urls = Object.values(template.findResources('AWS::SecretsManager::Secret')).map(({ Properties }) => JSON.stringify(Properties.SecretString))
      .filter(url => url?.includes('@db.example.com:5432/app'));
    expect(urls.map(url => /postgres:\/\/(\w+)/.exec(url)?.[1])).toEqual(['agents_shard0', 'agents_shard1']);
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 5432, GroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Group'), 'GroupId'] } });
  });

  test('home paths come before the rules of the shards, five to a rule', () => {
    const homePaths = Array.from({ length: 6 }, (_, index) => `/agents/support/hook-${index}`);
    const rules = rulesOf(serve({ homePaths }).template).filter(({ Priority }) => Priority < 2000);
    expect(rules.map(({ Priority, Conditions: [{ PathPatternConfig: { Values } }] }) => [Priority, Values])).toEqual([
      [1001, homePaths.slice(0, 5)], [1002, homePaths.slice(5)],
    ]);
  });

  test('ask for a sign-in in every rule but that of public paths', () => {
    const stack = stackOf();
    const rules = rulesOf(serve({ homePaths: ['/agents/a/b'], ...signIn(stack) }, stack).template);
    const kinds = rules.map(({ Priority, Actions }) => [Priority, Actions.map(({ Type }: any) => Type).join()]);
    expect(kinds).toEqual([
      [1, 'forward'], [1001, 'jwt-validation,forward'], [2001, 'fixed-response'],
      ...[2002, 2003, 2004, 2005, 2006].map(priority => [priority, 'jwt-validation,forward']),
    ]);
  });

  test('are found by the hash of an id through CloudFront, which every rule reads from a header', () => {
    const stack = stackOf();
    const { template } = serve({
      exposure: FlueExposure.cloudFront(), shardKey: FlueShardKey.sha256(), database: databaseIn(stack), homePaths: ['/slack/*'],
    }, stack);
    expect(rulesOf(template).slice(1).map(({ Priority, Conditions: [{ HttpHeaderConfig: { HttpHeaderName, Values } }], Actions: [action] }) => [
      Priority, HttpHeaderName, Values, /Shard(\d)/.exec(action.TargetGroupArn.Ref)![1],
    ])).toEqual([0, 1, 2, 3].map(shard => [2001 + shard, 'x-flue-shard', [`${shard}`], `${shard}`]));
    template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: { DefaultCacheBehavior: { FunctionAssociations: [{ EventType: 'viewer-request', FunctionARN: Match.anyValue() }] } },
    });
    template.hasResourceProperties('AWS::CloudFront::Function', { FunctionConfig: { Runtime: 'cloudfront-js-2.0' } });
    for (const { server, schema } of variablesOf(template)) {
      expect(guardOf(server)).toContain('createHash("sha256")');
      expect(schema.Environment).toContainEqual({ Name: 'SCHEMA_PARTITION', Value: 'sha256 of 4' });
    }
  });

  test('work through CloudFront', () => {
    const { template } = serve({ exposure: FlueExposure.cloudFront() });
    template.resourceCountIs('AWS::CloudFront::Distribution', 1);
    // the longest reply is what CloudFront waits for, for each of them
    template.allResourcesProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      TargetGroupAttributes: Match.arrayWith([{ Key: 'deregistration_delay.timeout_seconds', Value: '55' }]),
    });
  });
});

describe('the drain', () => {
  const delayOf = (props: Partial<FlueShardedServiceProps>, flueMajor: number) => {
    const stack = stackOf();
    const groups = serve({ image: imageIn(stack, flueMajor), ...props }, stack).template.findResources('AWS::ElasticLoadBalancingV2::TargetGroup');
    return Object.values(groups).map(({ Properties }) => Properties.TargetGroupAttributes.find(({ Key: key }: any) => key === 'deregistration_delay.timeout_seconds').Value);
  };

  test.each<[Partial<FlueShardedServiceProps>, number, string]>([
    [{}, 0, '600'],
    [{ longestRun: Duration.seconds(5) }, 0, '15'],
    [{ longestRun: Duration.seconds(3900) }, 1, '3600'],
    [{}, 2, '15'],
    [{ deregistrationDelay: Duration.seconds(3600) }, 2, '3600'],
  ])('with %j on Flue %i lasts %s s', (props, flueMajor, seconds) => {
    expect(delayOf(props, flueMajor)).toEqual(Array(4).fill(seconds));
  });
});

describe('refuses', () => {
  const refusal = (props: (stack: Stack) => Partial<FlueShardedServiceProps>) => () => {
    const stack = stackOf();
    make(props(stack), stack);
  };

  test.each<[string, (stack: Stack) => Partial<FlueShardedServiceProps>, string]>([
    ['one shard', () => ({ shards: 1 }), '`shards` must be one of 2, 4, 8, 16, got: 1. Choose one of them'],
    ['three shards', () => ({ shards: 3 }), '`shards` must be one of 2, 4, 8, 16, got: 3'],
    ['32 shards', () => ({ shards: 32 }), '`shards` must be one of 2, 4, 8, 16, got: 32'],
    ['a token', () => ({ shards: Lazy.number({ produce: () => 4 }) }), '`shards` must be one of 2, 4, 8, 16, got: a value known only at deployment'],
    ['a hash without CloudFront', () => ({ shardKey: FlueShardKey.sha256() }), '`shardKey` must be FlueShardKey.lastCharacter() with this `exposure`, got: FlueShardKey.sha256(). A load balancer cannot hash: pass'],
    ['no agent path', () => ({ agentPaths: [] }), '`agentPaths` must be a list of 1–5 paths, got: 0'],
    ['six agent paths', () => ({ agentPaths: Array(6).fill('/agents/*/') }), '`agentPaths` must be a list of 1–5 paths, got: 6'],
    ['a path without its end', () => ({ agentPaths: ['/agents'] }), '`agentPaths` must be paths of letters, digits and _.~- that begin and end with a slash'],
    ['a token in a path', () => ({ agentPaths: [`/${Lazy.string({ produce: () => 'a' })}/`] }), '`agentPaths` must be known at synthesis, got: a value known only at deployment'],
    ['51 home paths', () => ({ homePaths: Array(51).fill('/a') }), '`homePaths` must be a list of 0–50 paths, got: 51'],
    ['every path as home', () => ({ homePaths: ['/*'] }), '`homePaths` must not match every path, got: /*. Leave out what does not lie below `agentPaths`'],
    ['a home path without a slash', () => ({ homePaths: ['a'] }), '`homePaths` must begin with a slash, got: a'],
    ['a token as a home path', () => ({ homePaths: [Lazy.string({ produce: () => '/a' })] }), '`homePaths` must be known at synthesis'],
    ['a DATABASE_URL', stack => ({ secrets: { DATABASE_URL: ecs.Secret.fromSecretsManager(new Secret(stack, 'Url')) } }), '`secrets` must not hold DATABASE_URL, got: one for 4 shards'],
    ['a database by its URL', stack => ({
      database: FlueDatabase.fromUrlSecret(stack, 'Db', { url: ecs.Secret.fromSecretsManager(new Secret(stack, 'Url')) }) as never,
    }), '`database` must be an IFlueSchemaHost, got: an ImportedDatabase. Make one with `new FlueDatabase(this, \'Database\', { vpc })` or `FlueDatabase.fromAdministratorSecret(…)`'],
    ['a schema', stack => ({ database: databaseIn(stack).addSchema('One') as never }), '`database` must be an IFlueSchemaHost, got: a FlueSchema'],
    ['eight shards on a micro instance', stack => ({ database: databaseIn(stack), shards: 8 }),
      '`shards` must be at most 4 with Test/Database, got: 8. Its server takes 79 connections, because it is a db.t4g.micro with 1 GiB; 8 shards need 90'],
    ['a public path below the agents', stack => signIn(stack, ['/agents/*']), '`publicPaths` must not lie below a path of agents (/agents/*/), got: /agents/*. The home shard would answer'],
    ['a health check below the agents', () => ({ healthCheckPath: '/agents/a/health' }), '`healthCheckPath` must not lie below a path of agents (/agents/*/), got: /agents/a/health'],
    ['agents at the root', () => ({ agentPaths: ['/*/'], healthCheckPath: '/a/health' }), '`healthCheckPath` must not lie below a path of agents (/*/)'],
  ])('%s', (_, props, message) => {
    expect(refusal(props)).toThrow(message);
  });

  test('a listener that it shares', () => {
    const stack = stackOf();
    const vpc = new ec2.Vpc(stack, 'Net');
    const { listener } = make({ vpc }, stack);
    expect(() => new FlueShardedService(stack, 'Second', {
      image: imageIn(new Stack(new App(), 'Other')), vpc, shards: 2, exposure: FlueExposure.throughListener(listener, { conditions: [], priority: 1, idleTimeout: Duration.minutes(11) }),
    })).toThrow('`exposure` must make a load balancer, got: FlueExposure.throughListener(…)');
  });

  test('a second call of its methods', () => {
    const agents = make();
    agents.addLogQueries();
    agents.addAlarms();
    agents.addOperatorCommands();
    expect(() => agents.addLogQueries()).toThrow('`addLogQueries()` must be called once');
    expect(() => agents.addAlarms()).toThrow('`addAlarms()` must be called once');
    expect(() => agents.addOperatorCommands()).toThrow('`addOperatorCommands()` must be called once');
  });

  test.each<[number, FlueDatabaseEngine | undefined, { [name: string]: string } | undefined]>([
    [4, undefined, undefined],
    [16, FlueDatabaseEngine.postgres({ instanceType: new ec2.InstanceType('t4g.small') }), undefined],
    [16, LARGE, undefined],
    [16, FlueDatabaseEngine.auroraServerless(), undefined],
    [8, undefined, { max_connections: '90' }],
    [8, undefined, { max_connections: 'GREATEST(90,100)' }],
  ])('no %i shards where the database takes their connections (%#)', (shards, engine, parameters) => {
    const stack = stackOf();
    const database = new FlueDatabase(stack, 'Database', { vpc: new ec2.Vpc(stack, 'Net'), engine, parameters });
    expect(() => make({ database, shards }, stack)).not.toThrow();
  });

  test('connections that a parameter does not give', () => {
    const stack = stackOf();
    const database = new FlueDatabase(stack, 'Database', { vpc: new ec2.Vpc(stack, 'Net'), engine: LARGE, parameters: { max_connections: '49' } });
    expect(() => make({ database, shards: 4 }, stack)).toThrow('`shards` must be at most 2 with Test/Database, got: 4. Its server takes 49 connections, because `max_connections` is 49');
  });

  test('no public path that is a home path too', () => {
    const stack = stackOf();
    expect(() => make({ homePaths: ['/agents/a/hook'], ...signIn(stack, ['/agents/a/hook', '/webhooks/*']) }, stack)).not.toThrow();
  });
});

describe('operations', () => {
  test('alarms are those of each shard, and those of the load balancer once', () => {
    const agents = make();
    expect(agents.addAlarms().map(({ node }) => node.path.replace('Test/Agents/', ''))).toEqual([
      'Shard0/Alarms/Memory', 'Shard0/Alarms/Cpu', 'Shard0/Alarms/RunningTasks', 'Shard0/Alarms/UnhealthyHosts', 'Shard0/Alarms/ServerErrors', 'Shard0/Alarms/LoadBalancerErrors',
      ...[1, 2, 3].flatMap(shard => ['Memory', 'Cpu', 'RunningTasks', 'UnhealthyHosts', 'ServerErrors'].map(name => `Shard${shard}/Alarms/${name}`)),
    ]);
  });

  test('queries read the logs of every shard', () => {
    const stack = stackOf();
    make({}, stack).addLogQueries();
    const template = Template.fromStack(stack);
    Object.values(template.findResources('AWS::Logs::QueryDefinition')).forEach(({ Properties }) => expect(Properties.LogGroupNames).toHaveLength(4));
  });

  test('commands are one set for each shard', () => {
    const stack = stackOf();
    const commands = make({}, stack).addOperatorCommands();
    expect(commands).toHaveLength(4);
    expect(new Set(commands.map(({ redeploy }) => redeploy)).size).toBe(4);
    expect(new Set(commands.map(({ rollBack }) => JSON.stringify(stack.resolve(rollBack)))).size).toBe(4);
    expect(Object.keys(Template.fromStack(stack).findOutputs('*'))).toHaveLength(20);
  });

  test('metrics are those of the busiest shard, or sums', () => {
    const agents = make({ shards: 2 });
    expect([
      agents.metricCpuUtilization(), agents.metricMemoryUtilization(), agents.metricRunningTasks(), agents.metricUnhealthyHosts(),
    ].map(({ expression }) => expression)).toEqual([
      'MAX([cpu0, cpu1])', 'MAX([memory0, memory1])', 'SUM([running0, running1])', 'SUM([unhealthy0, unhealthy1])',
    ]);
    expect(agents.metricCpuUtilization({ period: Duration.minutes(1), label: 'CPU' })).toMatchObject({ label: 'CPU', period: Duration.minutes(1) });
    expect([agents.metric5xx(), agents.metricLoadBalancer5xx(), agents.metricTargetResponseTime()].map(({ metricName }) => metricName)).toEqual([
      'HTTPCode_Target_5XX_Count', 'HTTPCode_ELB_5XX_Count', 'TargetResponseTime',
    ]);
  });

  test('a dashboard shows the shards', () => {
    const stack = stackOf();
    new FlueDashboard(stack, 'Dashboard', { services: make({}, stack).services });
    Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  });

  test('a grant is one of all shards', () => {
    const stack = stackOf();
    new Bucket(stack, 'Bucket').grantRead(make({}, stack));
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 5);
  });

  test('connections are those of all shards', () => {
    const stack = stackOf();
    const agents = make({}, stack);
    agents.connections.allowToAnyIpv4(ec2.Port.tcp(25));
    expect(agents.services.every(service => service.connections.securityGroups[0] === agents.connections.securityGroups[0])).toBe(true);
    expect(agents.node.defaultChild).toBe(agents.home.node.defaultChild);
  });
});

describe('what is said of it', () => {
  test('is said once, not for each shard', () => {
    const stack = stackOf();
    serve({ image: FlueImage.fromRegistry(stack, 'Bare', URI, { cpuArchitecture: ecs.CpuArchitecture.X86_64 }), database: databaseIn(stack) }, stack);
    expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue()).map(({ id }) => id)).toEqual(Array(3).fill('/Test/Agents/Shard0'));
  });

  test.each([
    ['dispatches', 'import { dispatch } from \'@flue/runtime\';\n', ['/Test/Agents']],
    ['does not', 'export const dispatch = 1;\n', []],
  ])('if the source of the app %s', (_, source, paths) => {
    const stack = stackOf();
    const image = new FlueImage(stack, 'Source', { directory: appDirectory(FLUE_0, { 'src/hooks.ts': source }) });
    new FlueFargateService(stack, 'Alone', { image });
    serve({ image }, stack);
    const warned = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('takes `dispatch\\(\\)`.*POST to the public URL'));
    expect(warned.map(({ id }) => id)).toEqual(paths);
  });

  test('by the checks is nothing more', () => {
    const app = new App();
    const stack = new Stack(app, 'Test', { env: { account: '111111111111', region: 'eu-central-1' } });
    const agents = make({ database: databaseIn(stack), ...signIn(stack), longestRun: Duration.minutes(30) }, stack);
    agents.addAlarms();
    const hashed = new Stack(app, 'Hashed', { env: { account: '111111111111', region: 'eu-central-1' } });
    make({ exposure: FlueExposure.cloudFront(), shardKey: FlueShardKey.sha256(), deregistrationDelay: Duration.minutes(5) }, hashed);
    expect(new FlueChecks(app).validateScope(app).violations.map(({ ruleName, description }) => `${ruleName} ${description}`)).toEqual([]);
  });
});
