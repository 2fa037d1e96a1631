import { App, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights, type ClusterProps, type ICluster } from 'aws-cdk-lib/aws-ecs';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { FlueEc2Service, FlueExpressService, FlueFargateService, type FlueAlarmsOptions, type FlueServiceProps } from '../../src';
import { imageOf, refusalOf } from '../service/support';
import { expectTemplateSnapshot } from '../support/snapshot';

type Service = FlueFargateService | FlueExpressService | FlueEc2Service;

const VARIANTS: [string, (stack: Stack, props?: Partial<FlueServiceProps>) => Service, string[]][] = [
  ['Fargate', (stack, props) => new FlueFargateService(stack, 'Agents', { image: imageOf(stack), ...props }),
    ['CPUUtilization', 'HTTPCode_ELB_5XX_Count', 'HTTPCode_Target_5XX_Count', 'MemoryUtilization', 'RunningTaskCount', 'UnHealthyHostCount']],
  ['Express', (stack, props) => new FlueExpressService(stack, 'Agents', { image: imageOf(stack), ...props }),
    ['CPUUtilization', 'MemoryUtilization', 'RunningTaskCount']],
  ['EC2', (stack, props) => new FlueEc2Service(stack, 'Agents', { image: imageOf(stack), ...props }),
    ['CPUUtilization', 'DiskUtilization', 'Healthy', 'MemoryUtilization']],
];

/** The metrics whose silence says that nothing runs any more. */
const LIFE = ['RunningTaskCount', 'Healthy'];

function alarmed(serve: (typeof VARIANTS)[0][1], props?: FlueAlarmsOptions, serviceProps?: Partial<FlueServiceProps>) {
  const stack = new Stack(new App(), 'Test');
  const service = serve(stack, serviceProps);
  const alarms = service.addAlarms(props);
  return { stack, service, alarms, template: Template.fromStack(stack) };
}

describe.each(VARIANTS)('alarms of %s', (_, serve, metrics) => {
  test('watch what the platform reports, each over minutes', () => {
    const { alarms, template } = alarmed(serve);
    const found = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);
    expect(found.map(({ MetricName }) => MetricName).sort()).toEqual(metrics);
    expect(alarms).toHaveLength(metrics.length);
    for (const { Period, EvaluationPeriods, DatapointsToAlarm, AlarmDescription, Dimensions } of found) {
      expect(Period).toBe(60);
      expect(DatapointsToAlarm).toBeLessThan(EvaluationPeriods);
      expect(DatapointsToAlarm).toBeGreaterThanOrEqual(3);
      expect(AlarmDescription).toMatch(/\.$/);
      expect(Dimensions.length).toBeGreaterThan(0);
    }
  });

  test('treat the silence of a service that is gone as a fault, and other silence not', () => {
    const { template } = alarmed(serve);
    for (const { Properties } of Object.values(template.findResources('AWS::CloudWatch::Alarm'))) {
      expect(Properties.TreatMissingData).toBe(LIFE.includes(Properties.MetricName) ? 'breaching' : 'notBreaching');
    }
  });

  test('are raised below the one server that must run', () => {
    alarmed(serve).template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: Match.stringLikeRegexp(LIFE.join('|')), Threshold: 1, ComparisonOperator: 'LessThanThreshold', Statistic: 'Minimum',
    });
  });

  test('maximal alarms', () => {
    const stack = new Stack(new App(), 'Test');
    serve(stack).addAlarms({
      topic: Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-central-1:111111111111:operators'), memoryUtilizationPercent: 70, cpuUtilizationPercent: 80, serverErrorsPerMinute: 2,
    });
    expectTemplateSnapshot(Template.fromStack(stack));
  });

  test('tell a topic when they are raised and when they are over', () => {
    const stack = new Stack(new App(), 'Test');
    const topic = new Topic(stack, 'Topic');
    serve(stack).addAlarms({ topic });
    const [id] = Object.keys(Template.fromStack(stack).findResources('AWS::SNS::Topic'));
    Template.fromStack(stack).allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [{ Ref: id }], OKActions: [{ Ref: id }] });
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('FlueService.alarmsWithoutTopic'));
  });

  test('may use the key of the topic, which CloudWatch publishes to as itself', () => {
    const stack = new Stack(new App(), 'Test');
    serve(stack).addAlarms({ topic: new Topic(stack, 'Topic', { masterKey: new Key(stack, 'Key') }) });
    Template.fromStack(stack).hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' } })]) },
    });
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('FlueService.alarmsTopicKey'));
  });

  test('warn of a key whose policy is that of others', () => {
    const stack = new Stack(new App(), 'Test');
    serve(stack).addAlarms({ topic: new Topic(stack, 'Topic', { masterKey: Alias.fromAliasName(stack, 'Key', 'alias/aws/sns') }) });
    Annotations.fromStack(stack).hasWarning('/Test/Agents', Match.stringLikeRegexp('key of the topic Test/Topic.*cdk-flue:FlueService.alarmsTopicKey'));
  });

  test('without a topic warn under an id', () => {
    const { stack } = alarmed(serve);
    Annotations.fromStack(stack).hasWarning('/Test/Agents', Match.stringLikeRegexp('cdk-flue:FlueService.alarmsWithoutTopic'));
  });

  test('take thresholds', () => {
    const { template } = alarmed(serve, { memoryUtilizationPercent: 70, cpuUtilizationPercent: 99 });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'MemoryUtilization', Threshold: 70 });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'CPUUtilization', Threshold: 99 });
  });

  test.each([0, 100, Number.NaN, -1])('refuse a memory threshold of %s percent', value => {
    expect(refusalOf(() => alarmed(serve, { memoryUtilizationPercent: value })))
      .toContain(`\`memoryUtilizationPercent\` must be from 1 to 99, got: ${value}`);
  });

  test.each([1, 99])('take a processor threshold of %s percent', value => {
    expect(refusalOf(() => alarmed(serve, { cpuUtilizationPercent: value }))).toBe('');
  });

  test('refuse less than one failed answer, and take one', () => {
    expect(refusalOf(() => alarmed(serve, { serverErrorsPerMinute: 0 }))).toContain('`serverErrorsPerMinute` must be at least 1, got: 0');
    expect(refusalOf(() => alarmed(serve, { serverErrorsPerMinute: 1 }))).toBe('');
  });

  test('take thresholds that only the deployment knows', () => {
    expect(refusalOf(() => alarmed(serve, { memoryUtilizationPercent: Lazy.number({ produce: () => 50 }) }))).toBe('');
  });

  test('are refused a second time', () => {
    const { service } = alarmed(serve);
    expect(refusalOf(() => service.addAlarms())).toContain('`addAlarms()` must be called once, got: a second call. Use what the first call returned');
  });
});

// a start of 75 s is unhealthy from 45 s to 105 s after it began, which touches two periods of a minute
test.each<[startup: Duration, datapoints: number, periods: number]>([
  [Duration.seconds(1), 3, 5],
  [Duration.seconds(60), 3, 5],
  [Duration.seconds(75), 3, 5],
  [Duration.seconds(76), 4, 6],
  [Duration.seconds(135), 4, 6],
  [Duration.seconds(136), 5, 7],
  [Duration.minutes(10), 12, 14],
  [Duration.seconds(Lazy.number({ produce: () => 600 })), 3, 5],
])('a start of %p does not look like a server that fails', (startupBudget, DatapointsToAlarm, EvaluationPeriods) => {
  const serviceProps = { startupBudget, ...startupBudget.isUnresolved() ? { healthCheckGracePeriod: Duration.minutes(15) } : {} };
  const { template } = alarmed(VARIANTS[0][1], { rollBackDeployments: true }, serviceProps);
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'UnHealthyHostCount', Period: 60, DatapointsToAlarm, EvaluationPeriods });
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'HTTPCode_Target_5XX_Count', DatapointsToAlarm: 3, EvaluationPeriods: 5 });
});

test('metrics of a Fargate service carry the statistic that fits them, and another on request', () => {
  const service = new FlueFargateService(new Stack(new App(), 'Test'), 'Agents', { image: imageOf(new Stack(new App(), 'Other')) });
  expect(service.metricRunningTasks().statistic).toBe('Minimum');
  expect(service.metricUnhealthyHosts().statistic).toBe('Maximum');
  expect(service.metricTargetResponseTime().metricName).toBe('TargetResponseTime');
  expect(service.metric5xx().statistic).toBe('Sum');
  expect(service.metricLoadBalancer5xx().statistic).toBe('Sum');
  expect(service.metricRunningTasks({ statistic: 'Average' }).statistic).toBe('Average');
});

describe.each<[string, (stack: Stack, cluster: ICluster) => FlueFargateService | FlueExpressService]>([
  ['Fargate', (stack, cluster) => new FlueFargateService(stack, 'Agents', { image: imageOf(stack), cluster })],
  ['Express', (stack, cluster) => new FlueExpressService(stack, 'Agents', { image: imageOf(stack), cluster })],
])('alarms of %s in a cluster that exists', (_, serve) => {
  const MISSING = Match.stringLikeRegexp('no Container Insights.*cdk-flue:FlueService.alarmsWithoutContainerInsights');
  const vpcIn = (stack: Stack) => new Vpc(stack, 'Vpc', { maxAzs: 2 });

  test.each<[string, Partial<ClusterProps>, boolean]>([
    ['without a setting', {}, true],
    ['without Container Insights', { containerInsightsV2: ContainerInsights.DISABLED }, true],
    ['with Container Insights', { containerInsightsV2: ContainerInsights.ENABLED }, false],
    ['with enhanced ones', { containerInsightsV2: ContainerInsights.ENHANCED }, false],
  ])('%s', (_what, settings, isWarned) => {
    const stack = new Stack(new App(), 'Test');
    const service = serve(stack, new Cluster(stack, 'Cluster', { vpc: vpcIn(stack), ...settings }));
    Annotations.fromStack(stack).hasNoWarning('/Test/Agents', MISSING);
    service.addAlarms();
    const annotations = Annotations.fromStack(stack);
    expect(annotations.findWarning('/Test/Agents', MISSING)).toHaveLength(isWarned ? 1 : 0);
  });

  test('made elsewhere, of which nothing is known', () => {
    const stack = new Stack(new App(), 'Test');
    serve(stack, Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: 'theirs', vpc: vpcIn(stack) })).addAlarms();
    Annotations.fromStack(stack).hasNoWarning('/Test/Agents', MISSING);
  });
});
