import { App, CfnResource, Duration, Stack, Tags } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Peer, Vpc } from 'aws-cdk-lib/aws-ec2';
import { DeploymentLifecycleLambdaTarget, DeploymentLifecycleStage } from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancer, ListenerAction, ListenerCondition, SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { FlueAuth, FlueChecks, FlueExposure, FlueExpressService, FlueFargateService, type FlueFargateServiceProps } from '../../src';
import { FlueDeployment } from '../../src/timers/flue-deployment';
import type { FlueBlueGreenDeploymentOptions } from '../../src/timers/flue-deployment-options';
import { imageOf, refusalOf } from '../service/support';
import { expectTemplateSnapshot } from '../support/snapshot';

test('recreate stops the old process before it starts the new one', () => {
  expect(FlueDeployment.recreate()).toMatchObject({ minHealthyPercent: 0, maxHealthyPercent: 100, overlaps: false, rollback: true });
});

test('rolling starts the new process before it stops the old one', () => {
  expect(FlueDeployment.rolling()).toMatchObject({ minHealthyPercent: 100, maxHealthyPercent: 200, overlaps: true, rollback: true });
});

test.each([
  ['recreate', FlueDeployment.recreate],
  ['rolling', FlueDeployment.rolling],
  ['blueGreen', FlueDeployment.blueGreen],
] as const)('%s goes back to the last good deployment unless told otherwise', (_, deployment) => {
  expect(deployment({}).rollback).toBe(true);
  expect(deployment({ rollback: true }).rollback).toBe(true);
  expect(deployment({ rollback: false }).rollback).toBe(false);
});

function stackOf(): Stack {
  return new Stack(new App(), 'Test', { env: { account: '111111111111', region: 'eu-central-1' } });
}

function serve(deployment: FlueDeployment, props: Partial<FlueFargateServiceProps> = {}, stack = stackOf()): FlueFargateService {
  return new FlueFargateService(stack, 'Agents', { image: imageOf(stack), deployment, ...props });
}

function templateOf(deployment: FlueDeployment, props?: Partial<FlueFargateServiceProps>): Template {
  return Template.fromStack(Stack.of(serve(deployment, props)));
}

function alarmIn(stack: Stack): Alarm {
  return new Alarm(stack, 'Canary', { metric: new Metric({ namespace: 'Canary', metricName: 'Failed' }), threshold: 1, evaluationPeriods: 1 });
}

describe('snapshots', () => {
  test('minimal blue/green deployment', () => {
    expectTemplateSnapshot(templateOf(FlueDeployment.blueGreen()));
  });

  test('maximal blue/green deployment', () => {
    const stack = stackOf();
    const judge = LambdaFunction.fromFunctionAttributes(stack, 'Judge', {
      functionArn: 'arn:aws:lambda:eu-central-1:111111111111:function:judge', sameEnvironment: true,
    });
    const service = serve(FlueDeployment.blueGreen({
      rollback: false,
      alarms: [Alarm.fromAlarmArn(stack, 'Canary', 'arn:aws:cloudwatch:eu-central-1:111111111111:alarm:canary')],
      bakeTime: Duration.minutes(30),
      testPort: 8443,
      testPeers: [Peer.ipv4('203.0.113.0/24')],
      lifecycleHooks: [new DeploymentLifecycleLambdaTarget(judge, 'Hook', { lifecycleStages: [DeploymentLifecycleStage.POST_TEST_TRAFFIC_SHIFT] })],
    }), { certificate: Certificate.fromCertificateArn(stack, 'Tls', 'arn:aws:acm:eu-central-1:111111111111:certificate/a') }, stack);
    service.addAlarms({ topic: Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-central-1:111111111111:operators'), rollBackDeployments: true });
    expectTemplateSnapshot(Template.fromStack(stack));
  });
});

describe('blue/green', () => {
  test('has rules without tags, so that a tag of each deployment does not put the weights back', () => {
    const stack = stackOf();
    Tags.of(stack.node.root).add('commit', 'd34db33f');
    serve(FlueDeployment.blueGreen({ testPort: 8443 }), {}, stack);
    const template = Template.fromStack(stack);
    const rules = Object.values(template.findResources('AWS::ElasticLoadBalancingV2::ListenerRule'));
    expect(rules).toHaveLength(2);
    for (const { Properties } of rules) {
      expect(Properties).not.toHaveProperty('Tags');
    }
    template.allResourcesProperties('AWS::ElasticLoadBalancingV2::TargetGroup', { Tags: [{ Key: 'commit', Value: 'd34db33f' }] });
  });

  test('moves the traffic between two equal target groups by the weights of a rule for every path', () => {
    const template = templateOf(FlueDeployment.blueGreen());
    const groups = Object.entries(template.findResources('AWS::ElasticLoadBalancingV2::TargetGroup'));
    expect(groups).toHaveLength(2);
    const [[, one], [, other]] = groups;
    expect(other.Properties).toEqual(one.Properties);
    const [[rule]] = Object.entries(template.findResources('AWS::ElasticLoadBalancingV2::ListenerRule', {
      Properties: { Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['*'] } }] },
    }));
    template.hasResourceProperties('AWS::ECS::Service', {
      DeploymentConfiguration: {
        Strategy: 'BLUE_GREEN',
        BakeTimeInMinutes: 5,
        MinimumHealthyPercent: 100,
        MaximumPercent: 200,
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      },
      LoadBalancers: [{
        AdvancedConfiguration: {
          AlternateTargetGroupArn: { Ref: Match.stringLikeRegexp('AlternateTargetGroup') }, ProductionListenerRule: { Ref: rule },
        },
      }],
    });
  });

  test('has a test listener that admits only its testers, and asks for the certificate of the service', () => {
    const stack = stackOf();
    const certificate = Certificate.fromCertificateArn(stack, 'Tls', 'arn:aws:acm:eu-central-1:111111111111:certificate/a');
    const service = serve(FlueDeployment.blueGreen({ testPort: 8443, testPeers: [Peer.ipv4('203.0.113.7/32')] }), { certificate }, stack);
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Port: 8443, Protocol: 'HTTPS', Certificates: Match.anyValue() });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: Match.arrayWith([Match.objectLike({ CidrIp: '203.0.113.7/32', FromPort: 8443, ToPort: 8443 })]),
    });
    expect(service.testListener).toBeDefined();
    expect(service.alternateTargetGroup).toBeDefined();
  });

  test('asks on the test listener for the policy of the service', () => {
    const stack = stackOf();
    const certificate = Certificate.fromCertificateArn(stack, 'Tls', 'arn:aws:acm:eu-central-1:111111111111:certificate/a');
    serve(FlueDeployment.blueGreen({ testPort: 8443 }), { certificate, sslPolicy: SslPolicy.TLS13_13 }, stack);
    const listeners = Object.values(Template.fromStack(stack).findResources('AWS::ElasticLoadBalancingV2::Listener', { Properties: { Protocol: 'HTTPS' } }));
    expect(listeners.map(({ Properties }) => Properties.SslPolicy)).toEqual([SslPolicy.TLS13_13, SslPolicy.TLS13_13]);
  });

  test('has its errors counted by the load balancer, and its unhealthy tasks in both target groups', () => {
    const service = serve(FlueDeployment.blueGreen());
    service.addAlarms();
    const template = Template.fromStack(Stack.of(service));
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Metrics: Match.arrayWith([Match.objectLike({ Expression: 'FILL(current, 0) + FILL(alternate, 0)' })]),
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'HTTPCode_Target_5XX_Count', Dimensions: [Match.objectLike({ Name: 'LoadBalancer' })],
    });
  });

  test('is an overlap by its warning, and nothing to FlueChecks', () => {
    const stack = stackOf();
    serve(FlueDeployment.blueGreen({ testPort: 8080 }), {}, stack);
    const { violations } = new FlueChecks(stack).validateScope(stack);
    expect(violations).toEqual([]);
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('is blue/green: the old and the new process are live together'));
  });

  test.each<[string, FlueBlueGreenDeploymentOptions, RegExp]>([
    ['a bake time of a day and a minute', { bakeTime: Duration.minutes(1441) }, /`bakeTime` must be 0–1440 whole minutes, got: 1441 minutes/],
    ['a bake time in seconds', { bakeTime: Duration.seconds(90) }, /`bakeTime` must be 0–1440 whole minutes, got: 1\.5 minutes/],
    ['testers without a port', { testPeers: [] }, /`testPort` must be given with `testPeers`, got: none/],
    ['the port of the service', { testPort: 80 }, /`testPort` must be a whole number from 1 to 65535 other than 80 and 443, got: 80/],
    ['the port of its HTTPS', { testPort: 443 }, /got: 443/],
    ['port 0', { testPort: 0 }, /got: 0/],
    ['port 65536', { testPort: 65536 }, /got: 65536/],
  ])('refuses %s', (_, options, message) => {
    const stack = stackOf();
    expect(refusalOf(() => serve(FlueDeployment.blueGreen(options), {}, stack))).toMatch(message);
  });

  test('does not take turns behind a sign-in, or with the rule of a listener that others share', () => {
    const stack = stackOf();
    const certificate = Certificate.fromCertificateArn(stack, 'Tls', 'arn:aws:acm:eu-central-1:111111111111:certificate/a');
    const auth = FlueAuth.oidc({
      issuer: 'https://id.example.com',
      authorizationEndpoint: 'https://id.example.com/a',
      tokenEndpoint: 'https://id.example.com/t',
      userInfoEndpoint: 'https://id.example.com/u',
      clientId: 'agents',
      clientSecret: Secret.fromSecretNameV2(stack, 'Client', 'client'),
    });
    expect(refusalOf(() => serve(FlueDeployment.blueGreen(), { auth, certificate }, stack))).toMatch(/must not be blue\/green with `auth`, got: both/);

    const shared = new ApplicationLoadBalancer(stack, 'Shared', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 2 }) }).addListener('Http', {
      port: 80, defaultAction: ListenerAction.fixedResponse(404),
    });
    const exposure = FlueExposure.throughListener(shared, {
      conditions: [ListenerCondition.pathPatterns(['/agents/*'])], priority: 1, idleTimeout: Duration.minutes(20),
    });
    const other = new Stack(App.of(stack) as App, 'Other', { env: { account: '111111111111', region: 'eu-central-1' } });
    expect(refusalOf(() => serve(FlueDeployment.blueGreen(), { exposure }, other))).toMatch(/must not be blue\/green with FlueExposure\.throughListener/);
  });

  test.each([Duration.minutes(0), Duration.minutes(1440)])('takes a bake time of %s', bakeTime => {
    templateOf(FlueDeployment.blueGreen({ bakeTime })).hasResourceProperties('AWS::ECS::Service', {
      DeploymentConfiguration: { BakeTimeInMinutes: bakeTime.toMinutes() },
    });
  });
});

describe('alarms', () => {
  test.each([
    ['recreate', true, FlueDeployment.recreate],
    ['recreate', false, FlueDeployment.recreate],
    ['rolling', true, FlueDeployment.rolling],
    ['blueGreen', false, FlueDeployment.blueGreen],
  ] as const)('fail a deployment by %s, which goes back: %s', (_, rollback, deployment) => {
    const stack = stackOf();
    serve(deployment({ alarms: [alarmIn(stack)], rollback }), {}, stack);
    Template.fromStack(stack).hasResourceProperties('AWS::ECS::Service', {
      DeploymentConfiguration: { Alarms: { Enable: true, Rollback: rollback, AlarmNames: [{ Ref: Match.stringLikeRegexp('Canary') }] } },
    });
  });

  test('of the service itself are known to it by names, and join those given', () => {
    const stack = stackOf();
    serve(FlueDeployment.recreate({ alarms: [alarmIn(stack)] }), {}, stack).addAlarms({ rollBackDeployments: true });
    const template = Template.fromStack(stack);
    const names = Object.values(template.findResources('AWS::CloudWatch::Alarm')).flatMap(({ Properties }) => Properties.AlarmName ?? []);
    expect(names).toEqual([expect.stringMatching(/^Test.*-UnhealthyHosts$/), expect.stringMatching(/^Test.*-ServerErrors$/)]);
    template.hasResourceProperties('AWS::ECS::Service', {
      DeploymentConfiguration: { Alarms: { AlarmNames: [{ Ref: Match.stringLikeRegexp('Canary') }, ...names] } },
    });
  });

  test('of the service judge no deployment unless told to', () => {
    const stack = stackOf();
    serve(FlueDeployment.recreate(), {}, stack).addAlarms();
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::ECS::Service', { DeploymentConfiguration: { Alarms: { Enable: false, AlarmNames: [] } } });
    template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmName: Match.absent() });
  });

  test('judge no deployment where the platform judges by itself', () => {
    const stack = stackOf();
    const service = new FlueExpressService(stack, 'Express', { image: imageOf(stack) });
    expect(() => service.addAlarms({ rollBackDeployments: true })).toThrow(/`rollBackDeployments` must be left out on this platform, got: true/);
    expect(service.node.tryFindChild('Alarms')).toBeUndefined();
  });
});

describe('deferred clean-up', () => {
  test('ends the deployment when the new tasks are healthy', () => {
    templateOf(FlueDeployment.rolling({ deferredCleanup: true })).hasResourceProperties('AWS::ECS::Service', {
      DeploymentConfiguration: {
        MinimumHealthyPercent: 100,
        MaximumPercent: 200,
        EarlySuccessCriteria: { Enable: true, HealthyPercent: 100, SourceServiceRevisionCleanup: 'DEFERRED' },
      },
    });
  });

  test('is off unless told otherwise', () => {
    templateOf(FlueDeployment.rolling()).hasResourceProperties('AWS::ECS::Service', { DeploymentConfiguration: { EarlySuccessCriteria: Match.absent() } });
  });

  const findingsOf = (stack: Stack) => new FlueChecks(stack).validateScope(stack).violations.map(({ ruleName }) => ruleName);

  test('lets streams drain for an hour', () => {
    const stack = stackOf();
    serve(FlueDeployment.rolling({ deferredCleanup: true }), { deregistrationDelay: Duration.hours(1) }, stack);
    expect(findingsOf(stack)).toEqual([]);
  });

  test('and so does Express Mode, which keeps the old task by itself', () => {
    const stack = stackOf();
    new FlueExpressService(stack, 'Agents', { image: imageOf(stack), deregistrationDelay: Duration.hours(1) });
    expect(findingsOf(stack)).toEqual([]);
  });

  test('may drain for two minutes where the old task goes first, and no longer', () => {
    const stack = stackOf();
    serve(FlueDeployment.recreate(), { deregistrationDelay: Duration.minutes(2) }, stack);
    expect(findingsOf(stack)).toEqual([]);
    const refused = stackOf();
    expect(refusalOf(() => serve(FlueDeployment.recreate(), { deregistrationDelay: Duration.seconds(121) }, refused)))
      .toMatch(/`deregistrationDelay` must be at most 120 s where FlueFargateService drains the old task before the new one starts, got: 121 s/);
    expect(refused.node.findChild('Agents').node.findAll().filter(CfnResource.isCfnResource)).toEqual([]);
  });
});
