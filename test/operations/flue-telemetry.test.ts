import { App, Lazy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { FlueChecks, FlueExpressService, FlueFargateService, FlueTelemetry, type FlueOtlpOptions, type FlueTaskProps } from '../../src';
import { imageOf, refusalOf, secretOf } from '../service/support';
import { expectTemplateSnapshot } from '../support/snapshot';

type Extra = (stack: Stack) => Partial<FlueTaskProps>;
type Serve = (stack: Stack, extra: Extra) => FlueFargateService | FlueExpressService;

const VARIANTS: [string, Serve][] = [
  ['Fargate', (stack, extra) => new FlueFargateService(stack, 'Agents', { image: imageOf(stack), ...extra(stack) })],
  ['Express', (stack, extra) => new FlueExpressService(stack, 'Agents', { image: imageOf(stack), ...extra(stack) })],
];
const adot: Extra = () => ({ telemetry: FlueTelemetry.adot() });

function served(serve: Serve, extra: Extra) {
  const stack = new Stack(new App(), 'Test', { env: { account: '111111111111', region: 'eu-central-1' } });
  const service = serve(stack, extra);
  const template = Template.fromStack(stack);
  const [definition] = Object.values(template.findResources('AWS::ECS::TaskDefinition'));
  const containers: any[] = definition.Properties.ContainerDefinitions;
  const [server, collector] = ['Main', 'Telemetry'].map(name => containers.find(({ Name }) => Name === name));
  const environment = variablesOf(server);
  return { stack, service, template, containers, server, collector, environment };
}

function variablesOf(container: any): Record<string, any> {
  return Object.fromEntries(container.Environment.map(({ Name, Value }: { Name: string; Value: unknown }) => [Name, Value]));
}

/** The configuration of a collector, with the name of its log group. */
function configurationOf(collector: any): any {
  return JSON.parse(variablesOf(collector).AOT_CONFIG_CONTENT['Fn::Join'][1].map((part: unknown) => typeof part === 'string' ? part : (part as { Ref: string }).Ref).join(''));
}

describe.each(VARIANTS)('telemetry of %s', (_, serve) => {
  test('maximal telemetry', () => {
    const stack = new Stack(new App(), 'Test');
    serve(stack, () => ({
      telemetry: FlueTelemetry.adot({ serviceName: 'agents' }), logRetention: RetentionDays.ONE_WEEK, logEncryptionKey: new Key(stack, 'Key', { enableKeyRotation: true }),
    }));
    expectTemplateSnapshot(Template.fromStack(stack));
  });

  test('is a collector that ends after the server, cannot end it, and leaves it the memory', () => {
    const { server, collector, containers } = served(serve, adot);
    expect(containers).toHaveLength(2);
    expect(collector).toMatchObject({ Essential: false, MemoryReservation: 64, Memory: 256, ReadonlyRootFilesystem: true });
    expect(collector.Image).toMatch(/^public\.ecr\.aws\/aws-observability\/aws-otel-collector:v\d+\.\d+\.\d+$/);
    expect(collector).not.toHaveProperty('PortMappings');
    expect(server).toMatchObject({ Essential: true, DependsOn: [{ ContainerName: 'Telemetry', Condition: 'START' }] });
  });

  test('has its log beside the server\'s, in streams of its own', () => {
    const { server, collector } = served(serve, adot);
    const [ofServer, ofCollector] = [server, collector].map(container => container.LogConfiguration.Options);
    expect(ofCollector['awslogs-group']).toEqual(ofServer['awslogs-group']);
    expect(ofCollector).toMatchObject({ 'awslogs-stream-prefix': 'telemetry', 'mode': 'non-blocking' });
  });

  test('listens where the server sends to, and for nobody else', () => {
    const { collector, environment } = served(serve, adot);
    const { receivers, exporters, processors, service } = configurationOf(collector);
    expect(receivers).toEqual({ otlp: { protocols: { http: { endpoint: '127.0.0.1:4318' } } } });
    expect(environment).toMatchObject({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf', OTEL_SERVICE_NAME: 'Test/Agents',
    });
    for (const pipeline of Object.values<any>(service.pipelines)) {
      expect(Object.keys(receivers)).toEqual(pipeline.receivers);
      expect(Object.keys(exporters)).toEqual(expect.arrayContaining(pipeline.exporters));
      expect(Object.keys(processors)).toEqual(expect.arrayContaining(pipeline.processors));
      expect(pipeline.processors[0]).toBe('memory_limiter');
    }
    // on port 8888, where the server's own might be
    expect(service.telemetry).toEqual({ metrics: { level: 'none' } });
  });

  test('refuses what it cannot hold, below the memory it has', () => {
    const { collector } = served(serve, adot);
    const { limit_mib: limit } = configurationOf(collector).processors.memory_limiter;
    const goal = Number(/^(\d+)MiB$/.exec(variablesOf(collector).GOMEMLIMIT)![1]);
    expect(limit).toBeLessThan(goal);
    expect(goal).toBeLessThan(collector.Memory);
  });

  test('names its traces and metrics after the service, so that those of two are not one', () => {
    const namesOf = (extra: Extra) => {
      const { collector, environment } = served(serve, extra);
      const { processors: { attributes }, exporters: { awsxray }, service: { pipelines } } = configurationOf(collector);
      expect(awsxray.indexed_attributes).toEqual(['otel.resource.service.name']);
      expect(pipelines.metrics.processors).toContain('attributes');
      return [environment.OTEL_SERVICE_NAME, attributes.actions];
    };
    expect(namesOf(adot)).toEqual(['Test/Agents', [{ key: 'service.name', value: 'Test/Agents', action: 'upsert' }]]);
    // the collector reads `$` as the beginning of a reference
    expect(namesOf(() => ({ telemetry: FlueTelemetry.adot({ serviceName: 'a${b}$' }) })))
      .toEqual(['a${b}$', [{ key: 'service.name', value: 'a$${b}$$', action: 'upsert' }]]);
  });

  test('has metrics that CloudWatch can add up, in units that it knows', () => {
    const { collector, environment } = served(serve, adot);
    expect(environment.OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE).toBe('delta');
    expect(configurationOf(collector).exporters.awsemf.metric_descriptors).toEqual([{ metric_name: 'gen_ai.client.token.usage', unit: 'Count', overwrite: true }]);
  });

  test('sends metrics through a log group that has an end', () => {
    const { collector, template } = served(serve, () => ({ telemetry: FlueTelemetry.adot(), logRetention: RetentionDays.ONE_WEEK }));
    const { awsemf } = configurationOf(collector).exporters;
    expect(template.findResources('AWS::Logs::LogGroup')[awsemf.log_group_name].Properties).toMatchObject({ RetentionInDays: 7 });
    expect(awsemf).toMatchObject({ namespace: 'Flue', dimension_rollup_option: 'NoDimensionRollup' });
  });

  test('takes a configuration and an image of the user, and grants nothing for them', () => {
    const { collector, template, environment } = served(serve, stack => ({
      telemetry: FlueTelemetry.adot({ config: secretOf(stack, 'Config'), image: ContainerImage.fromRegistry('example.com/collector:1') }),
    }));
    expect(collector.Image).toBe('example.com/collector:1');
    expect(collector.Secrets.map(({ Name }: { Name: string }) => Name)).toEqual(['AOT_CONFIG_CONTENT']);
    expect(collector).not.toHaveProperty('Environment');
    expect(Object.keys(environment).filter(name => name.startsWith('OTEL_')).sort()).toEqual(['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_SERVICE_NAME']);
    expect(Object.keys(template.findResources('AWS::Logs::LogGroup')).filter(id => id.includes('TelemetryMetrics'))).toEqual([]);
    expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).not.toContain('xray:');
  });

  test('to a collector elsewhere adds no container', () => {
    const { containers, server, environment } = served(serve, stack => ({
      telemetry: FlueTelemetry.otlp({ endpoint: 'https://collector.example.com', headers: secretOf(stack, 'Headers'), serviceName: 'agents' }),
    }));
    expect(containers).toHaveLength(1);
    expect(environment).toMatchObject({ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example.com', OTEL_SERVICE_NAME: 'agents' });
    expect(server.Secrets.map(({ Name }: { Name: string }) => Name)).toEqual(['OTEL_EXPORTER_OTLP_HEADERS']);
  });

  test('is nowhere by default', () => {
    const { containers, environment } = served(serve, () => ({}));
    expect(containers).toHaveLength(1);
    expect(Object.keys(environment).filter(name => name.startsWith('OTEL_'))).toEqual([]);
  });

  test.each<[string, Extra]>([
    ['environment', () => ({ telemetry: FlueTelemetry.adot(), environment: { OTEL_SERVICE_NAME: 'mine' } })],
    ['environment', () => ({ telemetry: FlueTelemetry.otlp({ endpoint: 'https://c.example.com' }), environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://d.example.com' } })],
    ['secrets', stack => ({
      telemetry: FlueTelemetry.otlp({ endpoint: 'https://c.example.com', headers: secretOf(stack, 'Headers') }), secrets: { OTEL_EXPORTER_OTLP_HEADERS: secretOf(stack, 'Others') },
    })],
  ])('refuses its variables in `%s` (%#)', (prop, extra) => {
    expect(refusalOf(() => served(serve, extra))).toMatch(new RegExp(`\`${prop}\` must not hold a variable that the construct sets, got: OTEL_\\w+\\. \`telemetry\` sets it`));
  });

  test('leaves other variables of OpenTelemetry to the app', () => {
    expect(served(serve, () => ({ telemetry: FlueTelemetry.adot(), environment: { OTEL_TRACES_SAMPLER: 'always_on' } })).environment).toMatchObject({ OTEL_TRACES_SAMPLER: 'always_on' });
  });

  test('brings no finding of FlueChecks', () => {
    const findings = (extra: Extra) => {
      const app = new App();
      serve(new Stack(app, 'Test'), extra);
      return new FlueChecks(app).validateScope(app).violations.map(({ ruleName }) => ruleName);
    };
    expect(findings(adot)).toEqual(findings(() => ({})));
  });
});

describe('the endpoint', () => {
  const bind = (endpoint: string, more: Partial<FlueOtlpOptions> = {}) =>
    refusalOf(() => FlueTelemetry.otlp({ endpoint, ...more })._bind(new Stack(new App(), 'Test')));

  test.each(['https://collector.example.com', 'http://10.0.0.7:4318', 'https://otlp.example.com/v1/otlp', 'http://collector.internal:4318/'])('may be %s', endpoint => {
    expect(bind(endpoint)).toBe('');
  });

  test('may be known only at the deployment', () => {
    expect(bind(Lazy.string({ produce: () => 'whatever' }))).toBe('');
  });

  test.each([
    ['', 'an empty string'],
    ['collector:4317', 'collector:4317'],
    ['grpc://collector:4317', 'grpc://collector:4317'],
    ['https://', 'https://'],
    ['https://me:pw@collector.example.com', 'https://…@collector.example.com'],
    ['https://collector.example.com?token=abc', 'https://collector.example.com?…'],
  ])('is refused as %p, without saying what may be secret', (endpoint, got) => {
    expect(bind(endpoint)).toContain(`\`endpoint\` must be an http or https URL without user and password, got: ${got}.`);
  });

  test('is refused before the first resource exists', () => {
    const stack = new Stack(new App(), 'Test');
    const image = imageOf(stack);
    const before = stack.node.findAll().length;
    expect(refusalOf(() => new FlueFargateService(stack, 'Agents', { image, telemetry: FlueTelemetry.otlp({ endpoint: 'nowhere' }) }))).toContain('`endpoint`');
    expect(stack.node.findAll()).toHaveLength(before + 1);
  });
});

test('permissions reach the log group of the metrics, and nothing else of CloudWatch Logs', () => {
  const { template } = served(VARIANTS[0][1], adot);
  const ofTask = Object.entries(template.findResources('AWS::IAM::Policy')).find(([id]) => id.includes('TaskRole'))![1];
  expect(ofTask.Properties.PolicyDocument.Statement).toEqual([
    { Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: { 'Fn::GetAtt': [expect.stringContaining('TelemetryMetrics'), 'Arn'] } },
    { Effect: 'Allow', Action: 'xray:PutTraceSegments', Resource: '*' },
  ]);
  template.hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: Match.absent() });
});
