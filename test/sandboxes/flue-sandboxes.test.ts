import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Duration, Lazy, RemovalPolicy, Size, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import {
  GatewayVpcEndpoint, GatewayVpcEndpointAwsService, InterfaceVpcEndpoint, InterfaceVpcEndpointAwsService, PrefixList, SecurityGroup, Subnet,
  SubnetType, Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { pool, sandboxImage, world } from './support';
import { FlueEgress, FlueNetwork, FlueSandbox, FlueSandboxEgress, FlueSandboxes, type FlueFargateSandboxOptions, type FlueSandboxEndpointOptions, type FlueSandboxesProps } from '../../src';
import { expectTemplateSnapshot } from '../support/snapshot';

/** The container of the sandbox, and its task definition. */
const task = (stack: Stack) => {
  const [definition] = Object.values(Template.fromStack(stack).findResources('AWS::ECS::TaskDefinition'));
  return { definition: definition.Properties, container: definition.Properties.ContainerDefinitions[0] };
};

test('minimal pool', () => {
  expectTemplateSnapshot(Template.fromStack(pool().stack));
});

test('maximal pool', () => {
  const { stack, vpc } = world();
  const endpoints: Required<FlueSandboxEndpointOptions> = {
    ecrApi: new InterfaceVpcEndpoint(stack, 'Api', { vpc, service: InterfaceVpcEndpointAwsService.ECR }),
    ecrDocker: InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(stack, 'Docker', {
      vpcEndpointId: 'vpce-1', port: 443, securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'OfDocker', 'sg-0123456789abcdef0')],
    }),
    logs: new InterfaceVpcEndpoint(stack, 'Logs', { vpc, service: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS, open: false }),
    s3: GatewayVpcEndpoint.fromGatewayVpcEndpointId(stack, 'S3', 'vpce-2'),
    s3PrefixList: PrefixList.fromPrefixListId(stack, 'List', 'pl-1'),
  };
  const options: Required<Omit<FlueFargateSandboxOptions, 'logGroup'>> = {
    vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED, availabilityZones: ['eu-west-1a'] },
    image: sandboxImage(),
    cpuArchitecture: CpuArchitecture.ARM64,
    cpu: 1024,
    memoryLimitMiB: 4096,
    ephemeralStorage: Size.gibibytes(40),
    cluster: new Cluster(stack, 'Cluster', { vpc }),
    endpoints,
    egress: FlueSandboxEgress.none(),
    allowedDomains: ['api.anthropic.com', '*.example.com'],
    topic: new Topic(stack, 'Topic'),
    logRetention: RetentionDays.ONE_WEEK,
    logEncryptionKey: new Key(stack, 'Key', { removalPolicy: RemovalPolicy.DESTROY }),
  };
  const props: Required<FlueSandboxesProps> = {
    vpc,
    sandbox: FlueSandbox.fargate(options),
    maxLifetime: Duration.minutes(30),
    idleTimeout: Duration.minutes(5),
    maxConcurrent: 50,
  };
  new FlueSandboxes(stack, 'Sandboxes', props);
  new FlueSandboxes(stack, 'Others', { vpc, sandbox: FlueSandbox.fargate({ image: sandboxImage(), logGroup: new LogGroup(stack, 'LogGroup') }) });
  expectTemplateSnapshot(Template.fromStack(stack));
});

describe('a sandbox', () => {
  test('has no role, no secret, no capability and no way to write but to its volumes', () => {
    const { definition, container } = task(pool().stack);
    expect(definition.TaskRoleArn).toBeUndefined();
    expect(container.Secrets).toBeUndefined();
    expect(container).toMatchObject({
      Name: 'sandbox',
      User: '1000:1000',
      ReadonlyRootFilesystem: true,
      LinuxParameters: { Capabilities: { Drop: ['ALL'] }, InitProcessEnabled: true },
      MountPoints: [
        { ContainerPath: '/workspace', ReadOnly: false, SourceVolume: 'workspace' }, { ContainerPath: '/tmp', ReadOnly: false, SourceVolume: 'tmp' },
      ],
      PortMappings: [{ ContainerPort: 8080, Protocol: 'tcp' }],
    });
    expect(container.Environment).toEqual([
      { Name: 'SANDBOX_PORT', Value: '8080' }, { Name: 'SANDBOX_IDLE_SECONDS', Value: '900' }, { Name: 'SANDBOX_MAX_LIFETIME_SECONDS', Value: '3600' },
    ]);
  });

  test('makes one role of ECS, which pulls and logs and is never the role of the task', () => {
    const template = Template.fromStack(pool().stack);
    const roles = Object.entries(template.findResources('AWS::IAM::Role')).filter(([, { Properties }]) => JSON.stringify(Properties).includes('ecs-tasks'));
    expect(roles).toHaveLength(1);
    const [[id]] = roles;
    const statements = Object.values(template.findResources('AWS::IAM::Policy')).filter(({ Properties }) => JSON.stringify(Properties.Roles).includes(id))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
    expect(statements.map(({ Action }) => Action)).toEqual([['logs:CreateLogStream', 'logs:PutLogEvents']]);
  });

  test('is known to nobody before the role that pulls its image has its policy', () => {
    const { Resources } = Template.fromStack(pool().stack).toJSON();
    const [definition] = Object.values<any>(Resources).filter(({ Type }) => Type === 'AWS::ECS::TaskDefinition');
    const [policy] = Object.keys(Resources).filter(id => /^SandboxesTaskDefinitionExecutionRoleDefaultPolicy/.test(id));
    expect(policy).toBeDefined();
    expect(definition.DependsOn).toContain(policy);
  });

  test('lives no longer without a request than at all', () => {
    const { stack } = pool({ maxLifetime: Duration.minutes(5) });
    expect(task(stack).container.Environment).toContainEqual({ Name: 'SANDBOX_IDLE_SECONDS', Value: '300' });
  });

  test('is let out to the registry, the logs and the layers alone', () => {
    const { stack } = pool();
    const template = Template.fromStack(stack);
    const rules = [
      ...Object.values(template.findResources('AWS::EC2::SecurityGroupEgress')).map(({ Properties }) => Properties),
      ...Object.values(template.findResources('AWS::EC2::SecurityGroup')).filter(({ Properties }) => /^Flue sandboxes/.test(Properties.GroupDescription))
        .flatMap(({ Properties }) => Properties.SecurityGroupEgress),
    ];
    // the one that matches nothing stands in the group itself, so that EC2 does not let everything out until the others are there
    expect(rules).toHaveLength(5);
    expect(rules.filter(rule => rule.IpProtocol === 'icmp')).toMatchObject([{ CidrIp: '255.255.255.255/32' }]);
    for (const rule of rules.filter(({ IpProtocol }) => IpProtocol !== 'icmp')) {
      expect(rule).toMatchObject({ IpProtocol: 'tcp', FromPort: 443, ToPort: 443 });
      expect(rule.CidrIp ?? rule.CidrIpv6).toBeUndefined();
    }
    expect(rules.filter(rule => rule.DestinationPrefixListId)).toHaveLength(1);
  });
});

test('the log group of each function and machine of a pool has its key and its time', () => {
  const { stack, vpc } = world();
  const logEncryptionKey = new Key(stack, 'Key');
  new FlueSandboxes(stack, 'Sandboxes', { vpc, sandbox: FlueSandbox.fargate({ image: sandboxImage(), logEncryptionKey, logRetention: RetentionDays.ONE_YEAR }) });
  const groups = Object.entries(Template.fromStack(stack).findResources('AWS::Logs::LogGroup')).filter(([id]) => id.includes('Sandboxes'));
  expect(groups.map(([id]) => id.slice(0, -8)).sort()).toEqual(['FlueSandboxesS3Logs', 'SandboxesLogGroup', 'SandboxesReaperLogGroup']);
  for (const [, { Properties }] of groups) {
    expect(Properties).toMatchObject({ KmsKeyId: { 'Fn::GetAtt': [expect.stringContaining('Key'), 'Arn'] }, RetentionInDays: 365 });
  }
});

describe('VPC endpoints', () => {
  const policyOf = (template: Template, service: RegExp) => Object.values(template.findResources('AWS::EC2::VPCEndpoint'))
    .filter(({ Properties }) => service.test(JSON.stringify(Properties.ServiceName))).map(({ Properties }) => Properties.PolicyDocument.Statement);

  test('are made where the VPC has none, for credentials of the account and the bucket of the layers', () => {
    const { stack, sandboxes } = pool();
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::EC2::VPCEndpoint', 4);
    expect(Object.keys(sandboxes.interfaceEndpoints)).toEqual(['ecrApi', 'ecrDocker', 'logs']);
    for (const service of [/\.ecr\.api"/, /\.ecr\.dkr"/, /\.logs"/]) {
      expect(policyOf(template, service)).toEqual([[
        { Effect: 'Allow', Principal: { AWS: '*' }, Action: '*', Resource: '*' },
        { Effect: 'Deny', Principal: { AWS: '*' }, Action: '*', Resource: '*', Condition: { StringNotEquals: { 'aws:PrincipalAccount': '111111111111' } } },
      ]]);
    }
    expect(policyOf(template, /\.s3"/)).toEqual([[{
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: 's3:GetObject',
      Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::prod-eu-west-1-starport-layer-bucket/*']] },
    }]]);
  });

  test('of the app are found, and stay as they are for everyone else', () => {
    const stack = new Stack(new App(), 'Test', { env: { account: '111111111111', region: 'eu-west-1' } });
    const { vpc } = new FlueNetwork(stack, 'Network', { egress: FlueEgress.vpcEndpoints() });
    new FlueSandboxes(stack, 'Sandboxes', { vpc, sandbox: FlueSandbox.fargate({ image: sandboxImage() }) });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::EC2::VPCEndpoint', 5);
    const ranges = vpc.isolatedSubnets.map(({ ipv4CidrBlock }) => ipv4CidrBlock);
    expect(ranges).toHaveLength(2);
    expect(policyOf(template, /\.s3"/)).toEqual([[
      { Effect: 'Allow', Principal: { AWS: '*' }, Action: '*', Resource: '*' },
      {
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: 's3:*',
        NotResource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::prod-eu-west-1-starport-layer-bucket/*']] },
        Condition: { IpAddress: { 'aws:VpcSourceIp': ranges } },
      },
    ]]);
    expect(policyOf(template, /\.ecr\.api"/)[0]).toHaveLength(2);
  });

  test('of another pool are found, those of another VPC are not', () => {
    const first = pool();
    new FlueSandboxes(first.stack, 'Second', { vpc: first.vpc, sandbox: FlueSandbox.fargate({ image: sandboxImage() }) });
    Template.fromStack(first.stack).resourceCountIs('AWS::EC2::VPCEndpoint', 4);
    const other = pool();
    new FlueSandboxes(other.stack, 'Second', {
      vpc: new Vpc(other.stack, 'Other', { natGateways: 0, subnetConfiguration: [{ name: 'Isolated', subnetType: SubnetType.PRIVATE_ISOLATED }] }),
      sandbox: FlueSandbox.fargate({ image: sandboxImage() }),
    });
    Template.fromStack(other.stack).resourceCountIs('AWS::EC2::VPCEndpoint', 8);
  });

  test('that the user limited are limited further, and opened to nobody', () => {
    const { stack, vpc } = world();
    const s3 = vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 });
    s3.addToPolicy(new PolicyStatement({
      principals: [new AnyPrincipal()], actions: ['s3:GetObject'], resources: ['*'],
    }));
    pool({}, { stack, vpc });
    expect(policyOf(Template.fromStack(stack), /\.s3"/)[0].map(({ Effect, Action }: { Effect: string; Action: string }) => [Effect, Action])).toEqual([['Allow', 's3:GetObject'], ['Deny', 's3:*']]);
  });

  test('that are imported cannot be limited: a warning names each', () => {
    const { stack, vpc } = world();
    const s3 = GatewayVpcEndpoint.fromGatewayVpcEndpointId(stack, 'S3', 'vpce-2');
    pool({ endpoints: { s3 } }, { stack, vpc });
    Annotations.fromStack(stack).hasWarning('/Test/Sandboxes', Match.stringLikeRegexp('cannot change the policy of the VPC endpoint Test/S3\\b'));
    Template.fromStack(stack).resourceCountIs('AWS::EC2::VPCEndpoint', 3);
  });
});

describe('subnets that are imported', () => {
  const importing = (routeTableId: string | undefined, endpoints?: (stack: Stack) => FlueSandboxEndpointOptions) => {
    const { stack, vpc } = world();
    const subnets = ['1', '2'].map(id => Subnet.fromSubnetAttributes(stack, `Subnet${id}`, { subnetId: `subnet-${id}`, availabilityZone: `eu-west-1${id}`, routeTableId }));
    return () => pool({ vpcSubnets: { subnets }, endpoints: endpoints?.(stack) }, { stack, vpc });
  };

  test('without their route tables are refused, before there is anything', () => {
    expect(importing(undefined)).toThrow('`vpcSubnets` must have route tables that are known for the VPC endpoint of Amazon S3, got: Test/Subnet1 without `routeTableId`. '
      + 'Import it by `Subnet.fromSubnetAttributes()` with its route table, or pass `s3` in `endpoints`');
  });

  test('are taken with their route tables, and where the endpoint is there', () => {
    expect(importing('rtb-1')).not.toThrow();
    expect(importing(undefined, stack => ({ s3: GatewayVpcEndpoint.fromGatewayVpcEndpointId(stack, 'S3', 'vpce-2') }))).not.toThrow();
  });
});

describe('DNS', () => {
  test('is a warning, unless the names are listed', () => {
    Annotations.fromStack(pool().stack).hasWarning('/Test/Sandboxes', Match.stringLikeRegexp('The resolver of the VPC answers every name'));
    Annotations.fromStack(pool({ allowedDomains: [] }).stack).hasNoWarning('/Test/Sandboxes', Match.stringLikeRegexp('resolver'));
  });

  test('answers what is listed and what starts a task, and nothing else', () => {
    const template = Template.fromStack(pool({ allowedDomains: ['api.anthropic.com'] }).stack);
    const lists = template.findResources('AWS::Route53Resolver::FirewallDomainList');
    const [[allowed, { Properties: { Domains } }], [all]] = Object.entries(lists).sort(([, one]) => one.Properties.Domains.includes('*') ? 1 : -1);
    expect(JSON.stringify(Domains)).toMatch(/api\.ecr\.eu-west-1.*\*\.dkr\.ecr\.eu-west-1.*starport-layer-bucket\.s3\.eu-west-1.*logs\.eu-west-1.*"api\.anthropic\.com"/);
    expect(Domains).not.toContain('*');
    template.hasResourceProperties('AWS::Route53Resolver::FirewallRuleGroup', {
      FirewallRules: [
        { Priority: 1, Action: 'ALLOW', FirewallDomainListId: { 'Fn::GetAtt': [allowed, 'Id'] } },
        { Priority: 2, Action: 'BLOCK', BlockResponse: 'NXDOMAIN', FirewallDomainListId: { 'Fn::GetAtt': [all, 'Id'] } },
      ],
    });
    template.resourceCountIs('AWS::Route53Resolver::FirewallRuleGroupAssociation', 1);
  });

  test.each(['https://api.example.com', 'api', '*', 'a..b', 'api.example.com/path', ''])('refuses the domain %j', domain => {
    expect(() => pool({ allowedDomains: [domain] })).toThrow('[Test/Sandboxes] `allowedDomains` must be the names of domains, which may begin with `*.`, got: ');
  });
});

describe('refuses before anything exists', () => {
  const cases: [string, Partial<FlueSandboxesProps> & FlueFargateSandboxOptions, string][] = [
    ['a lifetime that is too short', { maxLifetime: Duration.seconds(59) }, '`maxLifetime` must be 60–86400 whole seconds, got: 59 s. Leave it out for 60 minutes'],
    ['a lifetime that is too long', { maxLifetime: Duration.seconds(86401) }, '`maxLifetime` must be 60–86400 whole seconds, got: 86401 s. Leave it out for 60 minutes'],
    ['a lifetime known later', { maxLifetime: Duration.seconds(Lazy.number({ produce: () => 60 })) }, '`maxLifetime` must be 60–86400 whole seconds, got: a value known only at deployment'],
    ['an idle time that is too short', { idleTimeout: Duration.seconds(59) }, '`idleTimeout` must be 60–86400 whole seconds, got: 59 s'],
    ['an idle time above the lifetime', { idleTimeout: Duration.seconds(3601) }, '`idleTimeout` must be at most `maxLifetime`, got: 3601 s and 3600 s. Shorten it, or leave it out'],
    ['no sandbox at all', { maxConcurrent: 0 }, '`maxConcurrent` must be a whole number from 1 to 500, got: 0. Leave it out for 10'],
    ['too many', { maxConcurrent: 501 }, '`maxConcurrent` must be a whole number from 1 to 500, got: 501. Leave it out for 10'],
    ['a size that Fargate does not have', { cpu: 512, memoryLimitMiB: 512 }, '`memoryLimitMiB` must be 1024–4096 MiB in steps of 1024 with 512 CPU units, got: 512 MiB'],
    ['too small a disk', { ephemeralStorage: Size.gibibytes(20) }, '`ephemeralStorage` must be 21–200 whole GiB, got: 20 GiB'],
    ['no subnet', { vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED, availabilityZones: ['eu-west-1c'] } }, '`vpcSubnets` must select at least one subnet, got: none of Test/Vpc'],
    ['public subnets', { vpcSubnets: { subnetType: SubnetType.PUBLIC } }, '`vpcSubnets` must have no route to the internet, got: Test/Vpc/PublicSubnet1'],
  ];
  test.each(cases)('%s', (_, props, message) => {
    const { stack, vpc } = world();
    expect(() => pool(props, { stack, vpc })).toThrow(`[Test/Sandboxes] ${message}`);
    expect(stack.node.findChild('Sandboxes').node.findAll().filter(child => 'cfnResourceType' in child)).toEqual([]);
  });

  test('a VPC without isolated subnets', () => {
    const stack = new Stack(new App(), 'Test');
    const vpc = new Vpc(stack, 'Vpc', { natGateways: 1 });
    expect(() => pool({}, { stack, vpc })).toThrow('[Test/Sandboxes] `vpc` must have isolated subnets, got: Test/Vpc without any. ');
  });

  test('a VPC whose range is not known, for endpoints that everyone in it has to reach', () => {
    const stack = new Stack(new App(), 'Test');
    const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], isolatedSubnetIds: ['subnet-1'], isolatedSubnetRouteTableIds: ['rtb-1'] });
    expect(() => pool({}, { stack, vpc: vpc as Vpc })).toThrow('[Test/Sandboxes] `vpc` must have a range that is known for the VPC endpoints of the sandboxes, got: Test/Vpc without `vpcCidrBlock`. ');
    const endpoint = InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(stack, 'Endpoint', { vpcEndpointId: 'vpce-1', port: 443 });
    expect(() => new FlueSandboxes(stack, 'Pool', { vpc, sandbox: FlueSandbox.fargate({ image: sandboxImage(), endpoints: { ecrApi: endpoint, ecrDocker: endpoint, logs: endpoint } }) })).not.toThrow();
  });

  test.each([[60, 60], [86400, 86400], [120, 60]])('but takes %d s with %d s', (lifetime, idle) => {
    expect(() => pool({ maxLifetime: Duration.seconds(lifetime), idleTimeout: Duration.seconds(idle) })).not.toThrow();
  });
});

test.each([[CpuArchitecture.ARM64, 'linux/arm64'], [undefined, 'linux/amd64']])('the image of the library is built for %j', (cpuArchitecture, platform) => {
  const { stack } = pool({ image: undefined, cpuArchitecture });
  const [{ source }] = Object.values((JSON.parse(readFileSync(Stage.of(stack)!.synth().artifacts
    .map(artifact => join(artifact.assembly.directory, artifact.manifest.properties && 'file' in artifact.manifest.properties ? artifact.manifest.properties.file : ''))
    .find(file => file.endsWith('.assets.json'))!, 'utf8')) as { dockerImages: { [hash: string]: { source: { platform: string } } } }).dockerImages);
  expect(source.platform).toBe(platform);
  Annotations.fromStack(stack).hasNoWarning('/Test/Sandboxes', Match.stringLikeRegexp('pulls'));
});

test('an image that is not in Amazon ECR is a warning: nothing else can be pulled there', () => {
  const { stack } = pool({ image: ContainerImage.fromRegistry('ghcr.io/acme/sandbox:1') });
  Annotations.fromStack(stack).hasWarning('/Test/Sandboxes', Match.stringLikeRegexp('pulls ghcr.io/acme/sandbox:1'));
  Annotations.fromStack(pool().stack).hasNoWarning('/Test/Sandboxes', Match.stringLikeRegexp('pulls'));
});

test('an alarm for more sandboxes than a server may have, and for silence', () => {
  const { stack, sandboxes } = pool({ maxConcurrent: 3 });
  Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
    Namespace: 'CdkFlue/Sandboxes',
    MetricName: 'RunningSandboxes',
    Dimensions: [{ Name: 'Pool', Value: sandboxes.poolName }],
    Threshold: 3,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'breaching',
  });
  Annotations.fromStack(stack).hasWarning('/Test/Sandboxes', Match.stringLikeRegexp('notify no one'));
});
