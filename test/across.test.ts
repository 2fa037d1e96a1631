import { App, NestedStack, Size, Stack, Stage, type Environment } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { OidcProviderNative, Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import {
  FlueBuild, FlueDatabase, FlueDeployment, FlueDeployRole, FlueEc2Service, FlueExposure, FlueExpressService, FlueFargateService, FlueImage,
  type FlueFargateServiceProps,
} from '../src';
import { appDirectory, BUILT_0, FLUE_0, removeFixtures } from './image/fixtures';

afterAll(removeFixtures);

const HERE = { account: '111111111111', region: 'eu-west-1' };
const existing = (stack: Stack) => FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:1', { caBundlePath: '/etc/rds.pem' });
const fargate = (stack: Stack, props: Partial<FlueFargateServiceProps> = {}) => new FlueFargateService(stack, 'Agents', { image: existing(stack), ...props });

describe('an image of another stack', () => {
  const pair = (env?: Environment, other = env) => {
    const app = new App();
    return { app, images: new Stack(app, 'Images', { env: other }), services: new Stack(app, 'Services', { env }) };
  };
  const built = (stack: Stack) => new FlueImage(stack, 'Image', { directory: appDirectory(FLUE_0) });

  test.each([
    ['Fargate', (stack: Stack, images: Stack) => { new FlueFargateService(stack, 'Agents', { image: built(images) }); }],
    ['Express', (stack: Stack, images: Stack) => { new FlueExpressService(stack, 'Agents', { image: built(images) }); }],
    ['EC2', (stack: Stack, images: Stack) => { new FlueEc2Service(stack, 'Agents', { image: built(images) }); }],
    ['EC2 with a build', (stack: Stack, images: Stack) => { new FlueEc2Service(stack, 'Agents', { image: new FlueBuild(images, 'Build', { directory: appDirectory(BUILT_0) }) }); }],
  ])('is published before the service on %s', (_, serve) => {
    const { images, services } = pair(HERE);
    serve(services, images);
    expect(services.dependencies).toEqual([images]);
  });

  test('is published before a service in a nested stack', () => {
    const { images, services } = pair(HERE);
    fargate(new NestedStack(services, 'Nested'), { image: built(images) });
    expect(services.dependencies).toEqual([images]);
  });

  test.each([
    ['exists', (images: Stack) => existing(images)],
  ])('is not waited for if it %s', (_, make) => {
    const { images, services } = pair(HERE);
    fargate(services, { image: make(images) });
    expect(services.dependencies).toEqual([]);
  });

  test('in a nested stack of the same one needs nothing', () => {
    const { services } = pair(HERE);
    expect(() => fargate(services, { image: built(new NestedStack(services, 'Nested')) })).not.toThrow();
    expect(services.dependencies).toEqual([]);
  });

  test.each<[string, Environment | undefined, Environment | undefined]>([
    ['no account is named', undefined, undefined], ['one account is named', HERE, undefined], ['the region is another', HERE, { ...HERE, region: 'us-east-1' }],
  ])('passes where %s', (_, env, other) => {
    const { images, services } = pair(env, other);
    expect(() => fargate(services, { image: built(images) })).not.toThrow();
  });

  test('of another account is refused', () => {
    const { images, services } = pair(HERE, { ...HERE, account: '222222222222' });
    expect(() => fargate(services, { image: built(images) })).toThrow(
      '`image` must be made in a stack of the same account (111111111111), got: one of 222222222222 (Images). Each account has a repository of its own');
  });

  test('of another stage is refused', () => {
    const { app, images } = pair(HERE);
    const services = new Stack(new Stage(app, 'Prod', { env: HERE }), 'Services');
    expect(() => fargate(services, { image: built(images) })).toThrow('`image` must be made in the stage of the service, got: one in Images');
  });
});

describe('a certificate', () => {
  const imported = (arn: string) => (stack: Stack) => Certificate.fromCertificateArn(stack, 'Certificate', arn);
  const ofStack = (env: Environment) => (stack: Stack) => new Certificate(new Stack(stack.node.scope as App, 'Other', { env }), 'Certificate', { domainName: 'agents.example.com' });
  const serve = (make: (stack: Stack) => Certificate | ReturnType<ReturnType<typeof imported>>, env: Environment | undefined = HERE) => () => {
    const stack = new Stack(new App(), 'Stack', { env, crossRegionReferences: true });
    return fargate(stack, { certificate: make(stack) });
  };

  test.each([
    ['of us-east-1', imported('arn:aws:acm:us-east-1:111111111111:certificate/1'), 'region of the load balancer (eu-west-1), got: one in us-east-1'],
    ['of another account', imported('arn:aws:acm:eu-west-1:222222222222:certificate/1'), 'account of the load balancer (111111111111), got: one in 222222222222'],
    ['of a stack in us-east-1', ofStack({ ...HERE, region: 'us-east-1' }), 'region of the load balancer (eu-west-1), got: one in us-east-1'],
  ])('%s is refused', (_, make, message) => {
    expect(serve(make)).toThrow(`\`certificate\` must be in the ${message}. Create one in the stack of the service`);
  });

  test.each([
    ['of the region', imported('arn:aws:acm:eu-west-1:111111111111:certificate/1'), HERE],
    ['of another stack of the region', ofStack(HERE), HERE],
    ['in a stack of any region', imported('arn:aws:acm:us-east-1:111111111111:certificate/1'), {}],
  ])('%s passes', (_, make, env) => {
    expect(serve(make, env)).not.toThrow();
  });
});

describe('security groups of another stack', () => {
  const stacks = () => {
    const app = new App();
    const network = new Stack(app, 'Network', { env: HERE });
    const vpc = new ec2.Vpc(network, 'Vpc', { maxAzs: 2 });
    return { app, network, vpc, services: new Stack(app, 'Services', { env: HERE }) };
  };

  test.each([true, false])('make no cycle with the load balancer (all outbound: %p)', allowAllOutbound => {
    const { app, network, vpc, services } = stacks();
    const group = new ec2.SecurityGroup(network, 'Group', { vpc, allowAllOutbound });
    fargate(services, { vpc, securityGroups: [group] });
    expect(() => app.synth()).not.toThrow();
    Template.fromStack(services).hasResourceProperties('AWS::EC2::SecurityGroupIngress', { Description: 'Load balancer to target' });
  });

  test('make no cycle with CloudFront', () => {
    const { app, network, vpc, services } = stacks();
    fargate(services, { vpc, securityGroups: [new ec2.SecurityGroup(network, 'Group', { vpc })], exposure: FlueExposure.cloudFront() });
    expect(() => app.synth()).not.toThrow();
  });

  test.each(['Fargate', 'Express', 'EC2'])('make no cycle with a database of the service\'s stack on %s', platform => {
    const { app, network, vpc, services } = stacks();
    const props = {
      vpc,
      image: existing(services),
      database: new FlueDatabase(services, 'Database', { vpc }),
      securityGroups: [new ec2.SecurityGroup(network, 'Group', { vpc, allowAllOutbound: false })],
    };
    const Service = { Fargate: FlueFargateService, Express: FlueExpressService, EC2: FlueEc2Service }[platform as 'Fargate'];
    new Service(services, 'Agents', props);
    expect(() => app.synth()).not.toThrow();
  });

  test('of the service\'s own stack stay what they are', () => {
    const { vpc, services } = stacks();
    const group = new ec2.SecurityGroup(services, 'Group', { vpc });
    expect(fargate(services, { vpc, securityGroups: [group] }).connections.securityGroups[0]).toBe(group);
  });
});

describe('a cluster that is imported by its ARN', () => {
  const make = () => {
    const stack = new Stack(new App(), 'Stack', { env: HERE });
    return { stack, cluster: ecs.Cluster.fromClusterArn(stack, 'Cluster', 'arn:aws:ecs:eu-west-1:111111111111:cluster/agents') };
  };

  test.each(['Fargate', 'Express'])('runs a service on %s in the VPC that is given', platform => {
    const { stack, cluster } = make();
    const props = { image: existing(stack), cluster, vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 }) };
    platform === 'Fargate' ? new FlueFargateService(stack, 'Agents', props) : new FlueExpressService(stack, 'Agents', props);
    Template.fromStack(stack).hasResourceProperties(platform === 'Fargate' ? 'AWS::ECS::Service' : 'AWS::ECS::ExpressGatewayService', { Cluster: 'agents' });
  });

  test('is refused without a VPC', () => {
    const { stack, cluster } = make();
    expect(() => fargate(stack, { cluster })).toThrow('`vpc` must be given with a cluster whose VPC is not known, got: none for Stack/Cluster. Pass the VPC of the tasks');
  });
});

describe('a key of the data volume', () => {
  const volume = (env: Environment | undefined, make: (stack: Stack) => Key | ReturnType<typeof Key.fromKeyArn>) => {
    const stack = new Stack(new App(), 'Stack', { env });
    new FlueEc2Service(stack, 'Agents', { image: existing(stack), dataVolumeSize: Size.gibibytes(8), dataVolumeEncryptionKey: make(stack) });
    return Template.fromStack(stack);
  };

  test.each<[string, Environment | undefined]>([['111111111111', HERE], ['222222222222', HERE], ['222222222222', undefined]])('of account %s in %j is the volume\'s, and the role may use it', (account, env) => {
    const arn = `arn:aws:kms:eu-west-1:${account}:key/1`;
    const template = volume(env, stack => Key.fromKeyArn(stack, 'Key', arn));
    template.hasResourceProperties('AWS::EC2::Volume', { Encrypted: true, KmsKeyId: arn });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({
          Action: 'kms:CreateGrant', Resource: arn, Condition: Match.objectLike({ Bool: { 'kms:GrantIsForAWSResource': true } }),
        })]),
      },
    });
  });

  test('of this app gets a policy', () => {
    volume(HERE, stack => new Key(stack, 'Key')).hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Action: ['kms:DescribeKey', 'kms:GenerateDataKeyWithoutPlainText'] })]) },
    });
  });
});

test.each([
  ['imported', 1, (stack: Stack) => Bucket.fromBucketName(stack, 'Logs', 'logs')],
  ['made here', 0, (stack: Stack) => new Bucket(stack, 'Logs')],
])('a bucket for access logs that is %s gives %i warning', (_, count, make) => {
  const stack = new Stack(new App(), 'Stack', { env: HERE });
  fargate(stack, { accessLogsBucket: make(stack) });
  expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('cannot change the policy of the imported bucket Stack/Logs'))).toHaveLength(count);
});

describe('what is given from elsewhere', () => {
  const AWAY = { ...HERE, region: 'us-east-1' };
  const FOREIGN = { ...HERE, account: '222222222222' };
  const other = (stack: Stack, env: Environment) => new Stack(stack.node.root as App, 'Other', { env });

  test.each<[string, string, (stack: Stack) => object]>([
    ['vpc', 'region of the stack, eu-west-1, got: one in us-east-1', stack => ({ vpc: new ec2.Vpc(other(stack, AWAY), 'Vpc') })],
    ['vpc', 'account of the stack, 111111111111, got: one in 222222222222', stack => ({ vpc: new ec2.Vpc(other(stack, FOREIGN), 'Vpc') })],
    ['taskRole', 'account of the stack, 111111111111, got: one in 222222222222', stack => ({ taskRole: Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::222222222222:role/r') })],
    ['executionRole', 'account of the stack', stack => ({ executionRole: Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::222222222222:role/r') })],
    ['logGroup', 'region of the stack', stack => ({ logGroup: LogGroup.fromLogGroupArn(stack, 'Logs', 'arn:aws:logs:us-east-1:111111111111:log-group:l:*') })],
    ['accessLogsBucket', 'region of the stack', stack => ({ accessLogsBucket: new Bucket(other(stack, AWAY), 'Logs') })],
    ['securityGroups', 'region of the stack', stack => ({ securityGroups: [new ec2.SecurityGroup(other(stack, AWAY), 'Group', { vpc: new ec2.Vpc(stack, 'Net') })] })],
  ])('`%s` must be in the %s', (prop, message, props) => {
    const stack = new Stack(new App(), 'Stack', { env: HERE });
    expect(() => fargate(stack, props(stack))).toThrow(`\`${prop}\` must be in the ${message}`);
    expect(stack.node.findAll().filter(node => node.node.path.startsWith('Stack/Agents/'))).toEqual([]);
  });

  test.each([['region', 'arn:aws:cloudwatch:us-east-1:111111111111:alarm:a'], ['account', 'arn:aws:cloudwatch:eu-west-1:222222222222:alarm:a']])(
    'an alarm that judges a deployment, of another %s', (part, arn) => {
      const stack = new Stack(new App(), 'Stack', { env: HERE });
      const elsewhere = Alarm.fromAlarmArn(stack, 'Alarm', arn);
      expect(() => fargate(stack, { deployment: FlueDeployment.rolling({ alarms: [elsewhere] }) })).toThrow(`\`alarms\` must be in the ${part} of the stack, `);
      const here = new Stack(new App(), 'Stack', { env: HERE });
      const alarm = Alarm.fromAlarmArn(here, 'Alarm', 'arn:aws:cloudwatch:eu-west-1:111111111111:alarm:a');
      expect(() => fargate(here, { deployment: FlueDeployment.rolling({ alarms: [alarm] }) })).not.toThrow();
    });

  test('a provider of another account', () => {
    const stack = new Stack(new App(), 'Stack', { env: HERE });
    const deploy = (account: string) => () => new FlueDeployRole(stack, `Deploy${account}`, {
      repository: 'acme/agents',
      provider: OidcProviderNative.fromOidcProviderArn(stack, `Provider${account}`, `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`),
    });
    expect(deploy('222222222222')).toThrow('`provider` must be in the account of the stack, 111111111111, got: one in 222222222222. A role trusts only the providers of its account');
    expect(deploy('111111111111')).not.toThrow();
  });

  test('a topic of another region', () => {
    const stack = new Stack(new App(), 'Stack', { env: HERE });
    const agents = fargate(stack, {});
    expect(() => agents.addAlarms({ topic: Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:111111111111:t') })).toThrow(
      '`topic` must be in the region of the stack, eu-west-1, got: one in us-east-1. Pass a topic of that region');
  });

  test('at every entrance: an inbox, and a database that is given', () => {
    const stack = new Stack(new App(), 'Stack', { env: HERE });
    const topic = Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:111111111111:t');
    const group = new ec2.SecurityGroup(other(stack, AWAY), 'Group', { vpc: new ec2.Vpc(stack, 'Net') });
    expect(() => fargate(stack).addInbox({ topic })).toThrow('`topic` must be in the region of the stack, eu-west-1, got: one in us-east-1');
    expect(() => new FlueDatabase(stack, 'Database', { vpc: new ec2.Vpc(stack, 'Vpc'), securityGroups: [group] })).toThrow('`securityGroups` must be in the region');
  });

  test.each<[string, Environment | undefined]>([['of the account and region', HERE], ['where the deployment tells both', undefined]])('%s passes', (_, env) => {
    const stack = new Stack(new App(), 'Stack', { env });
    const agents = fargate(stack, {
      taskRole: Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111111111111:role/r'),
      logGroup: LogGroup.fromLogGroupArn(stack, 'Logs', 'arn:aws:logs:eu-west-1:111111111111:log-group:l:*'),
      vpc: new ec2.Vpc(stack, 'Vpc'),
      // access logs need a region
      ...env ? { accessLogsBucket: new Bucket(stack, 'Bucket') } : {},
    });
    // a topic may be of another account
    agents.addAlarms({ topic: Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-west-1:222222222222:t') });
  });
});

describe('a database', () => {
  test.each<[string, Environment, string | undefined]>([
    ['region', { ...HERE, region: 'us-east-1' }, 'region of the stack, eu-west-1, got: one in us-east-1'],
    ['account', { ...HERE, account: '222222222222' }, 'account of the stack, 111111111111, got: one in 222222222222'],
    ['stack alone', HERE, undefined],
  ])('of another %s', (_, env, message) => {
    const app = new App();
    const other = new Stack(app, 'Other', { env });
    const database = new FlueDatabase(other, 'Database', { vpc: new ec2.Vpc(other, 'Vpc') });
    const serve = expect(() => fargate(new Stack(app, 'Services', { env: HERE }), { database, vpc: database.vpc }));
    if (message === undefined) {
      serve.not.toThrow();
    } else {
      serve.toThrow(`\`database\` must be in the ${message}. A template reads nothing of a database of elsewhere`);
    }
  });
});

test('a role that a lookup has yet to find is in no account, one of another account is', () => {
  const stack = new Stack(new App(), 'Services', { env: HERE });
  expect(() => fargate(stack, { taskRole: Role.fromLookup(stack, 'Found', { roleName: 'agents' }) })).not.toThrow();
  const other = new Stack(new App(), 'Services', { env: HERE });
  expect(() => fargate(other, { taskRole: Role.fromRoleArn(other, 'Role', 'arn:aws:iam::222222222222:role/agents') }))
    .toThrow('`taskRole` must be in the account of the stack, 111111111111, got: one in 222222222222.');
});
