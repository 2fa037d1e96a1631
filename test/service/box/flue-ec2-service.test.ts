import { App, Duration, Lazy, Size, Stack, Tags } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { HostedZone, type IHostedZone } from 'aws-cdk-lib/aws-route53';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import {
  FlueDatabase, FlueEc2Service, FlueExposure, FlueImage, FlueModel, type FlueEc2ServiceProps, type FlueExistingImageOptions, type IFlueImage,
} from '../../../src';
import { appDirectory, BUILT_0, FLUE_0, newBuild, removeFixtures } from '../../image/fixtures';
import { expectTemplateSnapshot } from '../../support/snapshot';

afterAll(removeFixtures);

const URI = 'public.ecr.aws/example/agents:1.0.0';

function stackOf(): Stack {
  return new Stack(new App(), 'Test', { env: { account: '111111111111', region: 'eu-central-1' } });
}

function imageIn(stack: Stack, props: FlueExistingImageOptions = {}): IFlueImage {
  return FlueImage.fromRegistry(stack, 'Image', URI, { caBundlePath: '/etc/ssl/rds.pem', flueMajor: 0, ...props });
}

function serve(props: Partial<FlueEc2ServiceProps> = {}, stack = stackOf()) {
  const service = new FlueEc2Service(stack, 'Agents', { image: props.image ?? imageIn(stack), ...props });
  return { stack, service, template: Template.fromStack(stack) };
}

function zoneIn(stack: Stack): IHostedZone {
  return HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.com' });
}

/** What a box boots with, as it reads it; references stand in angle brackets. */
function userDataOf(template: Template): string {
  const [launchTemplate] = Object.values(template.findResources('AWS::EC2::LaunchTemplate'));
  const userData = launchTemplate.Properties.LaunchTemplateData.UserData['Fn::Base64'];
  const parts: unknown[] = userData['Fn::Join']?.[1] ?? [userData];
  return parts.map(part => typeof part === 'string' ? part : `<${JSON.stringify(part)}>`).join('');
}

/** A file that the user data writes. */
function fileOf(template: Template, path: string): string {
  return new RegExp(`^cat >${path} <<'(\\w+)'\\n([\\s\\S]*?)\\n\\1$`, 'm').exec(userDataOf(template))?.[2] ?? '';
}

function maximal() {
  const stack = stackOf();
  const vpc = new ec2.Vpc(stack, 'Net', { maxAzs: 2 });
  return serve({
    image: FlueImage.fromRegistry(stack, 'Private', 'registry.example.com/agents@sha256:' + 'a'.repeat(64), {
      cpuArchitecture: ecs.CpuArchitecture.ARM64, caBundlePath: '/ca.pem', port: 9000, flueMajor: 2, nodeOptions: '--enable-source-maps', credentials: new Secret(stack, 'Login'),
    }),
    vpc,
    vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC, availabilityZones: [vpc.availabilityZones[1]] },
    securityGroups: [new ec2.SecurityGroup(stack, 'One', { vpc }), new ec2.SecurityGroup(stack, 'Two', { vpc })],
    secrets: {
      API_TOKEN: ecs.Secret.fromSecretsManager(new Secret(stack, 'Token'), 'token'),
      WEBHOOK: ecs.Secret.fromSsmParameter(StringParameter.fromSecureStringParameterAttributes(stack, 'Hook', { parameterName: '/flue/hook' })),
    },
    environment: { LOG_LEVEL: 'debug', QUOTES: 'a "b" $c `d` \\e\n#f', NODE_OPTIONS: '--max-old-space-size=1024' },
    database: new FlueDatabase(stack, 'Database', { vpc }),
    model: FlueModel.bedrock('eu.anthropic.claude-sonnet-4-6'),
    healthCheckPath: '/health/live?deep=\'1\'',
    startupBudget: Duration.seconds(90),
    healthCheckGracePeriod: Duration.seconds(200),
    longestRun: Duration.minutes(20),
    idleTimeout: Duration.minutes(25),
    stopTimeout: Duration.minutes(20),
    logRetention: RetentionDays.ONE_YEAR,
    logEncryptionKey: new Key(stack, 'LogKey', { enableKeyRotation: true }),
    instanceType: new ec2.InstanceType('m7g.medium'),
    machineImage: ec2.MachineImage.latestAmazonLinux2023({ cpuType: ec2.AmazonLinuxCpuType.ARM_64 }),
    domainName: 'agents.example.com',
    hostedZone: zoneIn(stack),
    exposure: FlueExposure.toPeers(ec2.Peer.ipv4('203.0.113.0/24')),
    dataVolumeSize: Size.gibibytes(20),
    dataVolumeEncryptionKey: new Key(stack, 'DataKey'),
    rootVolumeSize: Size.gibibytes(30),
    readonlyRootFilesystem: true,
    terminationProtection: true,
    detailedMonitoring: true,
  }, stack);
}

describe('snapshots', () => {
  test('maximal, with the role and the log group of the user', () => {
    const stack = stackOf();
    const role = new iam.Role(stack, 'Box', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    expectTemplateSnapshot(serve({ role, logGroup: new LogGroup(stack, 'Logs'), instanceRoleAccess: false }, stack).template);
  });

  test('maximal data volumes: from a snapshot and with backups, and one that exists', () => {
    const stack = stackOf();
    const vpc = new ec2.Vpc(stack, 'Net', { maxAzs: 2 });
    new FlueEc2Service(stack, 'First', { image: imageIn(stack), vpc, dataVolumeSize: Size.gibibytes(20), dataVolumeSnapshot: 'snap-0123456789abcdef0', dataVolumeBackups: Duration.days(14) });
    const dataVolume = ec2.Volume.fromVolumeAttributes(stack, 'Left', { volumeId: 'vol-0123456789abcdef0', availabilityZone: 'eu-central-1a' });
    const image = FlueImage.fromRegistry(stack, 'Other', URI, { caBundlePath: '/etc/ssl/rds.pem', flueMajor: 0 });
    expectTemplateSnapshot(serve({ image, vpc, vpcSubnets: { subnets: [vpc.publicSubnets[0]] }, dataVolume }, stack).template);
  });

  test('minimal properties', () => {
    expectTemplateSnapshot(serve().template);
  });

  test('maximal properties', () => {
    expectTemplateSnapshot(maximal().template);
  });

  test('maximal build under systemd', () => {
    const stack = stackOf();
    const image = newBuild(appDirectory(FLUE_0, { 'out/server.mjs': '', 'prompts/a.md': 'A' }), { outputDirectory: 'out', include: ['prompts'], port: 9000, cpuArchitecture: ecs.CpuArchitecture.ARM64 }, stack);
    const { template } = serve({ image, dataVolumeSize: Size.gibibytes(8) }, stack);
    expect(userDataOf(template).replace(/[0-9a-f]{64}/g, '<hash>')).toMatchSnapshot();
  });
});

describe('the box', () => {
  test('is one at a time, replaced when it changes, and only a signal says that it runs', () => {
    serve().template.hasResource('AWS::AutoScaling::AutoScalingGroup', {
      Properties: { MinSize: '1', MaxSize: '1', DesiredCapacity: Match.absent(), VPCZoneIdentifier: [Match.anyValue()] },
      CreationPolicy: { ResourceSignal: { Count: 1, Timeout: 'PT17M30S' } },
      UpdatePolicy: { AutoScalingRollingUpdate: Match.objectLike({ MinInstancesInService: 0, MaxBatchSize: 1, WaitOnResourceSignals: true, PauseTime: 'PT17M30S' }) },
    });
  });

  test('is hardened: IMDSv2, encrypted disks, no key pair, no way in', () => {
    const { template } = serve();
    template.hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: {
        KeyName: Match.absent(),
        MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2 },
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { Encrypted: true, VolumeSize: 16, VolumeType: 'gp3' } }],
        Monitoring: { Enabled: false },
        DisableApiTermination: false,
      },
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', { SecurityGroupIngress: Match.absent() });
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    template.hasResourceProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent() });
  });

  test.each([[undefined, 2], [true, 2], [false, 1]])('with instanceRoleAccess %p the metadata service answers over %d hops', (instanceRoleAccess, hops) => {
    serve({ instanceRoleAccess }).template.hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: { MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: hops } },
    });
  });

  test('finds its machine image when it is launched, so that no deployment replaces it for a newer one', () => {
    const stack = stackOf();
    for (const [image, ami, instanceType] of [
      [imageIn(stack), 'x86_64', 't3.small'],
      [FlueImage.fromRegistry(stack, 'Arm', URI, { cpuArchitecture: ecs.CpuArchitecture.ARM64 }), 'arm64', 't4g.small'],
    ] as const) {
      const { template } = serve({ image: FlueImage.fromRegistry(stack, ami, URI, { cpuArchitecture: image.cpuArchitecture }) });
      template.hasResourceProperties('AWS::EC2::LaunchTemplate', {
        LaunchTemplateData: {
          ImageId: `resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${ami}`, InstanceType: instanceType,
        },
      });
      expect(template.toJSON().Parameters).toEqual({ BootstrapVersion: expect.anything() });
    }
  });

  test('has the longest boot that CloudFormation waits for', () => {
    serve({ stopTimeout: Duration.seconds(2640) }).template.hasResource('AWS::AutoScaling::AutoScalingGroup', {
      CreationPolicy: { ResourceSignal: { Timeout: 'PT1H' } },
    });
  });

  test('is held at its end until the server has stopped', () => {
    serve({ stopTimeout: Duration.minutes(20) }).template.hasResourceProperties('AWS::AutoScaling::LifecycleHook', {
      LifecycleHookName: 'stop', LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING', HeartbeatTimeout: 1320, DefaultResult: 'CONTINUE',
    });
  });

  test('may do only what its boot and its watcher do', () => {
    const { template } = serve();
    const [policy] = Object.values(template.findResources('AWS::IAM::Policy'));
    const statements: any[] = policy.Properties.PolicyDocument.Statement;
    const everywhere = statements.filter(({ Resource }) => Resource === '*');
    expect(everywhere.map(({ Action, Condition }) => [Action, Condition])).toEqual([
      ['cloudwatch:PutMetricData', { StringEquals: { 'cloudwatch:namespace': 'Flue' } }],
      [[
        'ssm:UpdateInstanceInformation', 'ssmmessages:CreateControlChannel', 'ssmmessages:CreateDataChannel', 'ssmmessages:OpenControlChannel',
        'ssmmessages:OpenDataChannel',
      ], undefined],
      [['ec2:DescribeInstances', 'ec2:DescribeVolumes'], undefined],
    ]);
    const wild = statements.filter(({ Resource }) => /\/\*"/.test(JSON.stringify(Resource)));
    expect(wild.every(({ Condition }) => Condition)).toBe(true);
    expect(wild).toHaveLength(3);
  });

  test('reads its secrets, and pulls its image', () => {
    const stack = stackOf();
    const { template } = serve({ secrets: { API_TOKEN: ecs.Secret.fromSecretsManager(new Secret(stack, 'Token')) } }, stack);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'] })]) },
    });
  });
});

describe('the user data', () => {
  test('is the same twice, small at its largest, and holds no secret', () => {
    const { template } = maximal();
    const userData = userDataOf(template);
    expect(userDataOf(maximal().template)).toBe(userData);
    expect(userData.length).toBeLessThan(10_000);
    expect(userData).not.toMatch(/^\s*#(?!!|f"$)/m);
    expect(userData).not.toMatch(/\{\{\w/);
  });

  test('quotes the environment for systemd, and keeps its line breaks', () => {
    const { template } = maximal();
    expect(fileOf(template, '/etc/flue/server.env')).toContain('QUOTES="a \\"b\\" \\$c \\`d\\` \\\\e\n#f"');
    expect(fileOf(template, '/etc/flue/box.env')).toContain('HEALTH_PATH=\'/health/live?deep=\'\\\'\'1\'\\\'\'\'');
  });

  test('refers to the secrets as ECS does', () => {
    const references = fileOf(maximal().template, '/etc/flue/secrets.json');
    expect(references).toMatch(/"API_TOKEN": "<\{"Ref":"Token\w+"\}>:token::"/);
    expect(references).toMatch(/"WEBHOOK": "arn:<\{"Ref":"AWS::Partition"\}>:ssm:eu-central-1:111111111111:parameter\/flue\/hook"/);
    expect(references).toMatch(/"DATABASE_URL"/);
  });

  test('signals the group that waits for it', () => {
    const { template } = serve();
    const [group] = Object.keys(template.findResources('AWS::AutoScaling::AutoScalingGroup'));
    expect(fileOf(template, '/etc/flue/box.env')).toContain(`RESOURCE='${group}'`);
  });

  test('runs the container with an init, without privileges, and with every variable by its name alone', () => {
    const unit = fileOf(maximal().template, '/etc/systemd/system/flue.service');
    const run = /^ExecStart=((?:.*\\\n)*.*)$/m.exec(unit)![1];
    for (const flag of ['--init', '--user 1000:1000', '--cap-drop ALL', '--security-opt no-new-privileges', '--memory', '--log-driver none',
      '--publish 127.0.0.1:9000:9000', '--env API_TOKEN ', '--env DATABASE_URL ', '--env LOG_LEVEL ', '--env PORT ', '--volume /var/lib/flue/data/server:/data']) {
      expect(`${run} `).toContain(flag);
    }
    expect(unit).toContain('ExecStop=/usr/bin/docker stop -t 1200 flue');
    expect(unit).toContain('TimeoutStopSec=1230');
    expect(unit).toContain('Restart=always');
    expect(unit).toContain('StartLimitIntervalSec=0');
  });

  test('publishes the port to everyone who may connect only where nothing ends TLS before it', () => {
    expect(fileOf(serve().template, '/etc/systemd/system/flue.service')).toContain(' --publish 8080:8080 ');
    expect(userDataOf(serve().template)).not.toMatch(/caddy/i);
  });

  test('has Caddy cut no stream, and keep its certificates', () => {
    const { template } = serve({ domainName: 'agents.example.com' });
    expect(fileOf(template, '/etc/flue/Caddyfile')).toMatch(/^agents\.example\.com \{\n\treverse_proxy 127\.0\.0\.1:8080 \{\n\t\tflush_interval -1\n/m);
    expect(fileOf(template, '/etc/flue/Caddyfile')).not.toMatch(/read_timeout|write_timeout/);
    // the security group opens no UDP
    expect(fileOf(template, '/etc/flue/Caddyfile')).toContain('\tservers {\n\t\tprotocols h1 h2\n\t}');
    expect(fileOf(template, '/etc/systemd/system/flue-proxy.service')).toMatch(/--volume \/var\/lib\/flue\/caddy:\/data/);
    const kept = serve({ domainName: 'agents.example.com', dataVolumeSize: Size.gibibytes(1) }).template;
    expect(fileOf(kept, '/etc/systemd/system/flue-proxy.service')).toMatch(/--volume \/var\/lib\/flue\/data\/caddy:\/data/);
  });

  test.each<[what: string, props: Partial<FlueEc2ServiceProps>, path: string | undefined]>([
    ['none', {}, undefined],
    ['a volume', { dataVolumeSize: Size.gibibytes(1) }, '/data/flue.sqlite'],
    ['a volume, and a path of its own', { dataVolumeSize: Size.gibibytes(1), environment: { SQLITE_PATH: '/data/other' } }, '/data/other'],
  ])('tells the server of the disk it has: %s', (_, props, path) => {
    expect(/^SQLITE_PATH="(.*)"$/m.exec(fileOf(serve(props).template, '/etc/flue/server.env'))?.[1]).toBe(path);
  });

  test('names no file for sqlite when there is a database', () => {
    expect(fileOf(maximal().template, '/etc/flue/server.env')).not.toContain('SQLITE_PATH');
  });

  test('grows by what is given, and not beyond what EC2 takes', () => {
    expect(() => serve({ environment: { LONG: 'x'.repeat(8000) } })).not.toThrow();
    expect(() => serve({ environment: { LONG: 'x'.repeat(12000) } })).toThrow(/must leave the user data within 16384 bytes, got: about \d+\. Move long values/);
  });

  test('ends no file early', () => {
    const { template } = serve({ environment: { TEXT: 'a\nEND_OF_FILE\nb' } });
    expect(fileOf(template, '/etc/flue/server.env')).toContain('TEXT="a\nEND_OF_FILE\nb"');
  });
});

describe('a build', () => {
  function serveBuild(props: Partial<FlueEc2ServiceProps> = {}) {
    const stack = stackOf();
    return serve({ image: newBuild(appDirectory(BUILT_0), {}, stack), ...props }, stack);
  }

  test('runs under systemd, hardened, without docker', () => {
    const { template } = serveBuild({ dataVolumeSize: Size.gibibytes(1) });
    const unit = fileOf(template, '/etc/systemd/system/flue.service');
    for (const line of ['User=flue', 'WorkingDirectory=/opt/flue/app', 'ExecStart=/usr/bin/node dist/server.mjs', 'EnvironmentFile=-/run/flue/environment',
      'Restart=always', 'TimeoutStopSec=90', 'MemoryMax=@MEMORY_MIB@M', 'NoNewPrivileges=yes', 'ProtectSystem=strict', 'ReadWritePaths=/var/lib/flue/data/server']) {
      expect(unit.split('\n')).toContain(line);
    }
    expect(userDataOf(template)).not.toContain('docker');
    expect(fileOf(template, '/etc/flue/server.env')).toContain('SQLITE_PATH="/var/lib/flue/data/server/flue.sqlite"');
    expect(fileOf(template, '/etc/flue/box.env')).toContain('PACKAGES=\'logrotate amazon-cloudwatch-agent nodejs22 nodejs22-npm\'');
  });

  test('keeps the metadata service to the box itself', () => {
    serveBuild().template.hasResourceProperties('AWS::EC2::LaunchTemplate', { LaunchTemplateData: { MetadataOptions: { HttpPutResponseHopLimit: 1 } } });
  });
});

describe('the network', () => {
  test('opens HTTPS to everyone with a domain, and HTTP for certificates', () => {
    const stack = stackOf();
    const { template, service } = serve({ domainName: 'agents.example.com', hostedZone: zoneIn(stack) }, stack);
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: [Match.objectLike({ FromPort: 443, CidrIp: '0.0.0.0/0' }), Match.objectLike({ FromPort: 80, CidrIp: '0.0.0.0/0' })],
    });
    template.hasResourceProperties('AWS::Route53::RecordSet', { Name: 'agents.example.com.', Type: 'A', TTL: '300' });
    expect(service.url).toBe('https://agents.example.com');
    Annotations.fromStack(stack).hasNoWarning('/Test/Agents', Match.stringLikeRegexp('plain HTTP'));
  });

  test('makes no record without a zone', () => {
    serve({ domainName: 'agents.example.com' }).template.resourceCountIs('AWS::Route53::RecordSet', 0);
  });

  test('opens the port to peers without a domain, and warns of plain HTTP', () => {
    const { template, service, stack } = serve({ exposure: FlueExposure.toPeers(ec2.Peer.ipv4('198.51.100.7/32')) });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', { SecurityGroupIngress: [Match.objectLike({ FromPort: 8080, ToPort: 8080, CidrIp: '198.51.100.7/32' })] });
    expect(stack.resolve(service.url)).toEqual({ 'Fn::Join': ['', ['http://', { Ref: expect.any(String) }, ':8080']] });
    Annotations.fromStack(stack).hasWarning('/Test/Agents', Match.stringLikeRegexp('plain HTTP.*\\[ack: cdk-flue:FlueEc2Service.plainHttp\\]'));
  });

  test('opens a database from the importing side', () => {
    const { template } = maximal();
    template.resourcePropertiesCountIs('AWS::EC2::SecurityGroupIngress', { FromPort: 5432, Description: 'Flue server to its database' }, 2);
  });
});

describe('the data volume', () => {
  test('is encrypted, stays, and is in the zone of the box', () => {
    const { template, service, stack } = serve({ dataVolumeSize: Size.gibibytes(20) });
    template.hasResource('AWS::EC2::Volume', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: { Encrypted: true, Size: 20, VolumeType: 'gp3', AvailabilityZone: stack.resolve(service.vpc.publicSubnets[0].availabilityZone) },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'ec2:AttachVolume', Condition: Match.anyValue() })]) },
    });
  });

  test('begins with a snapshot, under the same id', () => {
    const { template } = serve({ dataVolumeSize: Size.gibibytes(20), dataVolumeSnapshot: 'snap-11111111111111111' });
    template.hasResourceProperties('AWS::EC2::Volume', { Encrypted: true, Size: 20, SnapshotId: 'snap-11111111111111111' });
    expect(Object.keys(template.findResources('AWS::EC2::Volume'))).toEqual(Object.keys(serve({ dataVolumeSize: Size.gibibytes(20) }).template.findResources('AWS::EC2::Volume')));
  });

  test('is kept in snapshots for the days that are asked for', () => {
    const { template } = serve({ dataVolumeSize: Size.gibibytes(20), dataVolumeBackups: Duration.days(14) });
    template.hasResourceProperties('AWS::Backup::BackupPlan', { BackupPlan: { BackupPlanRule: [Match.objectLike({ Lifecycle: { DeleteAfterDays: 14 } })] } });
    const [[volume]] = Object.entries(template.findResources('AWS::EC2::Volume'));
    template.hasResourceProperties('AWS::Backup::BackupSelection', {
      BackupSelection: { Resources: [{ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':ec2:eu-central-1:111111111111:volume/', { Ref: volume }]] }] },
    });
    serve({ dataVolumeSize: Size.gibibytes(20) }).template.resourceCountIs('AWS::Backup::BackupPlan', 0);
  });

  describe('that exists', () => {
    const ZONES = ['eu-central-1a', 'eu-central-1b'];
    const zoned = (stack: Stack) => ec2.Vpc.fromVpcAttributes(stack, 'Net', {
      vpcId: 'vpc-11111111', availabilityZones: ZONES, publicSubnetIds: ['subnet-1', 'subnet-2'], publicSubnetRouteTableIds: ['rtb-1', 'rtb-2'],
    });
    const left = (stack: Stack, availabilityZone = ZONES[1], encryptionKey?: Key) =>
      ec2.Volume.fromVolumeAttributes(stack, 'Left', { volumeId: 'vol-0123456789abcdef0', availabilityZone, encryptionKey });

    test('is attached in its zone, and is not of this stack', () => {
      const stack = stackOf();
      const { template, service } = serve({ vpc: zoned(stack), dataVolume: left(stack) }, stack);
      template.resourceCountIs('AWS::EC2::Volume', 0);
      template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', { VPCZoneIdentifier: ['subnet-2'] });
      expect(userDataOf(template)).toContain('vol-0123456789abcdef0');
      expect(fileOf(template, '/etc/flue/server.env')).toContain('SQLITE_PATH');
      expect(service.dataVolume!.volumeId).toBe('vol-0123456789abcdef0');
    });

    test('may be attached by the boxes of this server alone', () => {
      const stack = stackOf();
      const key = new Key(stack, 'Key');
      const { template } = serve({ vpc: zoned(stack), dataVolume: left(stack, undefined, key) }, stack);
      const statements = Object.values(template.findResources('AWS::IAM::Policy')).flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
      const attach = statements.filter(({ Action }) => Action === 'ec2:AttachVolume');
      expect(attach.map(({ Resource, Condition }) => [JSON.stringify(Resource).match(/:(volume|instance)\/[^"]*/)![0], Condition?.StringEquals])).toEqual([
        [':volume/vol-0123456789abcdef0', undefined],
        [':instance/*', { 'aws:ResourceTag/cdk-flue': expect.stringMatching(/^Test\/Agents-/) }],
      ]);
      expect(statements.filter(({ Action }) => Action === 'kms:CreateGrant')).toHaveLength(1);
    });

    test('of this app is attached like one of elsewhere, and may be backed up', () => {
      const stack = stackOf();
      const vpc = zoned(stack);
      const own = new ec2.Volume(stack, 'Own', { availabilityZone: ZONES[0], size: Size.gibibytes(8), encrypted: true });
      const { template } = serve({ vpc, dataVolume: own, dataVolumeBackups: Duration.days(1) }, stack);
      template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', { VPCZoneIdentifier: ['subnet-1'] });
      template.resourceCountIs('AWS::Backup::BackupSelection', 1);
    });

    test.each([['again, which two imports name', 'vol-0123456789abcdef0', true], ['beside another one', 'vol-0123456789abcdef1', false]])('is refused for a second box: %s', (_, volumeId, isRefused) => {
      const stack = stackOf();
      const vpc = zoned(stack);
      new FlueEc2Service(stack, 'First', { image: imageIn(stack), vpc, dataVolume: left(stack) });
      const dataVolume = ec2.Volume.fromVolumeAttributes(stack, 'Again', { volumeId, availabilityZone: ZONES[1] });
      const second = expect(() => new FlueEc2Service(stack, 'Second', { image: FlueImage.fromRegistry(stack, 'Another', 'ghcr.io/acme/agents:1'), vpc, dataVolume }));
      (isRefused ? second : second.not).toThrow('[Test/Second] `dataVolume` must be of one box, got: that of Test/First. A volume attaches to one instance at a time');
    });

    test.each<[what: string, make: (stack: Stack) => ec2.IVolume, says: string | undefined]>([
      ['an import', stack => left(stack), 'The construct cannot tell whether the imported volume Test/Left is encrypted.'],
      ['an import with its key', stack => left(stack, undefined, new Key(stack, 'Key')), undefined],
      ['one of this app', stack => new ec2.Volume(stack, 'Own', { availabilityZone: ZONES[0], size: Size.gibibytes(8) }), 'The volume Test/Own is not encrypted.'],
      ['an encrypted one of this app', stack => new ec2.Volume(stack, 'Own', { availabilityZone: ZONES[0], size: Size.gibibytes(8), encrypted: true }), undefined],
    ])('gives a warning where it is not known to be encrypted: %s', (_, make, says) => {
      const stack = stackOf();
      serve({ vpc: zoned(stack), dataVolume: make(stack) }, stack);
      const warnings = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('dataVolumeEncryption')).map(({ entry }) => String(entry.data));
      expect(warnings).toEqual(says === undefined ? [] : [expect.stringContaining(says)]);
    });

    test.each(['us-east-1a', 'eu-west-1a'])('is refused from another region: %s', zone => {
      const stack = stackOf();
      expect(() => serve({ vpc: zoned(stack), dataVolume: left(stack, zone) }, stack)).toThrow(
        `\`dataVolume\` must be in the region of the stack, eu-central-1, got: one in the zone ${zone}. EC2 attaches no volume of elsewhere.`);
    });

    test('is taken on the word of the user, who selects one subnet', () => {
      const stack = stackOf();
      const subnet = ec2.Subnet.fromSubnetId(stack, 'Subnet', 'subnet-1');
      expect(() => serve({ vpc: zoned(stack), vpcSubnets: { subnets: [subnet] }, dataVolume: left(stack) }, stack)).not.toThrow();
    });

    test.each<[string, (stack: Stack) => Partial<FlueEc2ServiceProps>, string]>([
      ['in another zone', stack => ({ vpc: zoned(stack), dataVolume: left(stack, 'eu-central-1c') }),
        '`vpcSubnets` must select a public subnet in the zone of `dataVolume` (eu-central-1c), got: eu-central-1a, eu-central-1b. Select the one subnet of that zone in `vpcSubnets`, or give the stack an `env`, with which zones have names'],
      ['in a zone that nobody knows', stack => ({ vpc: zoned(stack), dataVolume: left(stack, Lazy.string({ produce: () => ZONES[0] })) }),
        '`vpcSubnets` must select a public subnet in the zone of `dataVolume` (one known only at deployment), got: eu-central-1a, eu-central-1b'],
      ['beside a new one', stack => ({ dataVolume: left(stack), dataVolumeSize: Size.gibibytes(8) }),
        '`dataVolumeSize` must not be given with `dataVolume`, got: both. A volume that exists has its size: leave one of them out'],
      ['with a snapshot', stack => ({ dataVolume: left(stack), dataVolumeSnapshot: 'snap-11111111' }), '`dataVolumeSize` must be given with `dataVolumeSnapshot`, got: none'],
      ['as backups of none', () => ({ dataVolumeBackups: Duration.days(1) }),
        '`dataVolumeBackups` must be given with a data volume, got: none. Pass `dataVolumeSize` or `dataVolume`, or leave it out'],
    ])('is refused %s, before anything exists', (_, props, message) => {
      const stack = stackOf();
      expect(() => serve(props(stack), stack)).toThrow(message);
      expect(stack.node.findAll().filter(child => 'cfnResourceType' in child)).toEqual([]);
    });
  });

  test('is none by default', () => {
    const { template, service } = serve();
    template.resourceCountIs('AWS::EC2::Volume', 0);
    expect(service.dataVolume).toBeUndefined();
  });
});

describe('attributes', () => {
  test('are those that users look for; grants go to the role', () => {
    const stack = stackOf();
    const service = new FlueEc2Service(stack, 'Agents', { image: imageIn(stack) });
    new Bucket(stack, 'Files').grantRead(service);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      Roles: [stack.resolve(service.role.roleName)],
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: ['s3:GetObject*', 's3:GetBucket*', 's3:List*'] })]) },
    });
    expect(service.node.defaultChild).toBe(service.autoScalingGroup);
    expect(service.launchTemplate.node.path).toBe('Test/Agents/LaunchTemplate');
    expect(service.elasticIp.domain).toBe('vpc');
    Template.fromStack(stack).templateMatches({ Outputs: Match.absent() });
  });

  test('metrics name the server', () => {
    const { service, stack, template } = serve();
    const name = /^SERVER='(.*)'$/m.exec(userDataOf(template))![1];
    expect(service.metricHealthy()).toMatchObject({ namespace: 'Flue', metricName: 'Healthy', statistic: 'Minimum', dimensions: { Server: name } });
    const memory = service.metricMemoryUtilization({ period: Duration.minutes(1) });
    expect(memory).toMatchObject({ namespace: 'Flue', period: Duration.minutes(1), dimensions: { Server: name } });
    const cpu = service.metricCpuUtilization();
    expect(stack.resolve(cpu.dimensions)).toEqual({ AutoScalingGroupName: stack.resolve(service.autoScalingGroup.autoScalingGroupName) });
  });

  test('another tag on the app reaches the group for the next box, and replaces none', () => {
    const tagged = (commit?: string) => {
      const stack = stackOf();
      if (commit !== undefined) {
        Tags.of(stack.node.root).add('commit', commit);
      }
      return serve({ dataVolumeSize: Size.gibibytes(8) }, stack).template;
    };
    const launched = (template: Template) => template.findResources('AWS::EC2::LaunchTemplate');
    const groupTags = (template: Template) => Object.values(template.findResources('AWS::AutoScaling::AutoScalingGroup'))[0].Properties.Tags;
    const [none, one, other] = [tagged(), tagged('1111111'), tagged('2222222')];

    expect(Object.keys(launched(none))).toHaveLength(1);
    expect(launched(one)).toEqual(launched(none));
    expect(launched(other)).toEqual(launched(none));
    expect(groupTags(one)).toEqual(expect.arrayContaining([...groupTags(none), { Key: 'commit', Value: '1111111', PropagateAtLaunch: true }]));
    expect(groupTags(other)).toContainEqual({ Key: 'commit', Value: '2222222', PropagateAtLaunch: true });
    expect(groupTags(none)).toContainEqual(expect.objectContaining({ Key: 'cdk-flue', PropagateAtLaunch: true }));
    other.hasResourceProperties('AWS::EC2::Volume', { Tags: Match.arrayWith([{ Key: 'commit', Value: '2222222' }]) });
  });

  test('two servers in one stack are told apart', () => {
    const stack = stackOf();
    const image = imageIn(stack);
    const { vpc } = new FlueEc2Service(stack, 'Agents', { image });
    new FlueEc2Service(stack, 'Others', { image, vpc });
    const names = Object.values(Template.fromStack(stack).findResources('AWS::AutoScaling::AutoScalingGroup'))
      .map(({ Properties }) => Properties.Tags.find(({ Key: key }: any) => key === 'cdk-flue').Value);
    expect(new Set(names).size).toBe(2);
  });

  test('a model on Amazon Bedrock needs no key', () => {
    serve({ model: FlueModel.bedrock('anthropic.claude-sonnet-4-6') }).template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'] })]) },
    });
  });
});

describe('takes', () => {
  test.each<[what: string, props: (stack: Stack) => Partial<FlueEc2ServiceProps>]>([
    ['the longest stop', () => ({ stopTimeout: Duration.seconds(2640) })],
    ['a stop above the cap of Fargate', () => ({ stopTimeout: Duration.seconds(121) })],
    ['the smallest disks', () => ({ rootVolumeSize: Size.gibibytes(8), dataVolumeSize: Size.gibibytes(1) })],
    ['the largest disks', () => ({ rootVolumeSize: Size.tebibytes(16), dataVolumeSize: Size.tebibytes(16) })],
    ['the smallest instance that the server fits into', () => ({ instanceType: new ec2.InstanceType('t3.micro') })],
    ['a server without the role, with a model of another provider', stack => ({
      instanceRoleAccess: false, model: FlueModel.anthropic(ecs.Secret.fromSecretsManager(new Secret(stack, 'Key')), 'claude-sonnet-4-6'),
    })],
    ['a type known only at deployment', () => ({ instanceType: new ec2.InstanceType(Lazy.string({ produce: () => 'm7g.large' })) })],
    ['a domain known only at deployment', stack => ({ domainName: Lazy.string({ produce: () => 'agents.example.com' }), hostedZone: zoneIn(stack) })],
    ['an imported subnet', stack => ({
      vpc: ec2.Vpc.fromVpcAttributes(stack, 'Imported', { vpcId: 'vpc-1', availabilityZones: ['a'], publicSubnetIds: ['subnet-1'] }),
      vpcSubnets: { subnets: [ec2.Subnet.fromSubnetAttributes(stack, 'Subnet', { subnetId: 'subnet-2', availabilityZone: 'a' })] },
    })],
    ['a VPC that is the default', stack => ({ vpc: ec2.Vpc.fromLookup(stack, 'Default', { isDefault: true }) })],
  ])('%s', (_, props) => {
    const stack = stackOf();
    expect(() => serve(props(stack), stack)).not.toThrow();
  });
});

describe('fails before the first resource', () => {
  const cases: Array<[string, (stack: Stack) => Partial<FlueEc2ServiceProps>, RegExp]> = [
    ['a type of the other architecture', () => ({ instanceType: new ec2.InstanceType('t4g.small') }), /`instanceType` must be of the image's architecture \(X86_64\), got: t4g\.small\. Use t3\.small/],
    ['a type of the other architecture, for ARM64', stack => ({
      image: FlueImage.fromRegistry(stack, 'Arm', URI, { cpuArchitecture: ecs.CpuArchitecture.ARM64 }), instanceType: new ec2.InstanceType('m7i.large'),
    }), /\(ARM64\), got: m7i\.large\. Use t4g\.small/],
    ['an instance without memory for a server', () => ({ instanceType: new ec2.InstanceType('t3.nano') }),
      /`instanceType` must have at least 1 GiB of memory, got: t3\.nano\. Use t3\.micro or a larger one: the system alone needs 400 MiB/],
    ['a build without the role', stack => ({ image: newBuild(appDirectory(BUILT_0), {}, stack), instanceRoleAccess: false }),
      /`instanceRoleAccess` must not be false with FlueBuild, got: false\. A server without a container always reaches the role/],
    ['Amazon Bedrock without the role', () => ({ model: FlueModel.bedrock('eu.anthropic.claude-sonnet-4-6'), instanceRoleAccess: false }),
      /`instanceRoleAccess` must not be false with a model on Amazon Bedrock, got: false/],
    ['Windows', () => ({ machineImage: ec2.MachineImage.genericWindows({ 'eu-central-1': 'ami-1' }) }), /`machineImage` must be an Amazon Linux 2023, got: Windows/],
    ['a stop that no deployment waits for', () => ({ stopTimeout: Duration.seconds(2641) }), /`stopTimeout` and `startupBudget` must be at most 2700 s together on a box, got: 2641 s and 60 s.+Flue-ShutdownTime/],
    ['a stop at the bound', () => ({ stopTimeout: Duration.seconds(60) }), /must be above 60 s, the server's own shutdown bound, got: 60 s/],
    ['a stop known only at deployment', () => ({ stopTimeout: Duration.seconds(Lazy.number({ produce: () => 90 })) }), /must be known at synthesis on a box, got: a token/],
    ['a root too small', () => ({ rootVolumeSize: Size.gibibytes(7) }), /`rootVolumeSize` must be 8–16384 whole GiB, got: 7 GiB/],
    ['a root too large', () => ({ rootVolumeSize: Size.gibibytes(16385) }), /`rootVolumeSize` must be 8–16384 whole GiB, got: 16385 GiB/],
    ['data of nothing', () => ({ dataVolumeSize: Size.gibibytes(0) }), /`dataVolumeSize` must be 1–16384 whole GiB, got: 0 GiB/],
    ['data of a size known only at deployment', () => ({ dataVolumeSize: Size.gibibytes(Lazy.number({ produce: () => 8 })) }),
      /`dataVolumeSize` must be 1–16384 whole GiB, got: a value known only at deployment/],
    ['a disk of no whole size', () => ({ dataVolumeSize: Size.mebibytes(1536) }), /`dataVolumeSize` must be 1–16384 whole GiB, got: 1\.5 GiB/],
    ['a key without a volume', stack => ({ dataVolumeEncryptionKey: new Key(stack, 'K') }), /`dataVolumeSize` must be given with `dataVolumeEncryptionKey`/],
    ['a wildcard', () => ({ domainName: '*.example.com' }), /`domainName` must be a host name without wildcard, scheme or port, got: \*\.example\.com/],
    ['a URL for a domain', () => ({ domainName: 'https://agents.example.com' }), /must be a host name/],
    ['an empty domain', () => ({ domainName: '' }), /got: an empty string/],
    ['a zone without domain', stack => ({ hostedZone: zoneIn(stack) }), /`domainName` must be given with `hostedZone`/],
    ['a domain of another zone', stack => ({ domainName: 'a.example.org', hostedZone: zoneIn(stack) }), /`domainName` must be in `hostedZone` \(example\.com\)/],
    ['an internal exposure', () => ({ exposure: FlueExposure.internal() }), /`exposure` must not be internal.+public addresses.+`FlueExposure.toPeers/],
    ['everyone on plain HTTP', () => ({ exposure: FlueExposure.open() }), /`exposure` must name peers without `domainName`, got: everyone.+Flue-EncryptedTransport/],
    ['everyone on plain HTTP by IPv6', () => ({ exposure: FlueExposure.toPeers(ec2.Peer.anyIpv6()) }), /must name peers/],
    ['no public subnets', stack => ({
      vpc: new ec2.Vpc(stack, 'Iso', { natGateways: 0, subnetConfiguration: [{ name: 'I', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }] }),
    }), /`vpc` must have public subnets for a box/],
    ['a private subnet', stack => ({ vpc: new ec2.Vpc(stack, 'Net'), vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS } }), /`vpcSubnets` must select a public subnet, got: Test\/Net\/PrivateSubnet1/],
    ['a database in another VPC', stack => ({
      vpc: new ec2.Vpc(stack, 'Net'), database: new FlueDatabase(stack, 'Database', { vpc: new ec2.Vpc(stack, 'Other') }),
    }), /`database` must be in the VPC of `vpc`/],
    ['a key in the environment', () => ({ environment: { ANTHROPIC_API_KEY: 'x' } }), /`environment` must not hold a secret in plain text/],
    ['a reserved variable', () => ({ environment: { FLUE_MODE: 'local' } }), /Flue reserves for itself, got: FLUE_MODE/],
    ['the root as health path', () => ({ healthCheckPath: '/' }), /must be a path that the app defines, got: \//],
    ['a grace period below the startup', () => ({ healthCheckGracePeriod: Duration.seconds(60) }), /`healthCheckGracePeriod` must be above `startupBudget`/],
  ];

  test.each(cases)('%s', (_what, props, message) => {
    const stack = stackOf();
    expect(() => serve(props(stack), stack)).toThrow(message);
    expect(stack.node.findChild('Agents').node.children).toHaveLength(0);
  });
});
