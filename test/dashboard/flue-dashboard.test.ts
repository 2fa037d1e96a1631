import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Metric, TextWidget, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Connections, Vpc } from 'aws-cdk-lib/aws-ec2';
import { UnknownPrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import {
  FlueChecks, FlueDashboard, FlueDatabase, FlueDatabaseEngine, FlueEc2Service, FlueExpressService, FlueFargateService,
  type FlueDashboardProps, type FlueService, type IFlueService,
} from '../../src';
import { LOG_SEARCHES, queryOf } from '../../src/operations/log-queries';
import { imageOf, refusalOf } from '../service/support';
import { expectTemplateSnapshot } from '../support/snapshot';

const VARIANTS: [string, (stack: Stack, id?: string) => FlueService, string[]][] = [
  ['Fargate', (stack, id = 'Agents') => new FlueFargateService(stack, id, { image: imageOf(new Construct(stack, `${id}Image`)) }),
    ['Memory', 'Cpu', 'Running tasks', 'Unhealthy hosts', 'Server errors', 'Load balancer errors']],
  ['Express', (stack, id = 'Agents') => new FlueExpressService(stack, id, { image: imageOf(new Construct(stack, `${id}Image`)) }), ['Memory', 'Cpu', 'Running tasks']],
  ['EC2', (stack, id = 'Agents') => new FlueEc2Service(stack, id, { image: imageOf(new Construct(stack, `${id}Image`)) }), ['Memory', 'Cpu', 'Healthy', 'Disk']],
];
const [[, fargate], [, express]] = VARIANTS;

const stackOf = () => new Stack(new App(), 'Test', { env: { account: '111111111111', region: 'eu-central-1' } });

function databaseIn(stack: Stack, engine?: FlueDatabaseEngine): FlueDatabase {
  return new FlueDatabase(stack, 'Database', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0 }), engine });
}

/** The widgets of a dashboard, with `*` for what only the deployment knows. */
function widgetsOf(stack: Stack): any[] {
  const [dashboard] = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'));
  const body: unknown = dashboard.Properties.DashboardBody;
  const text = typeof body === 'string' ? body : (body as any)['Fn::Join'][1].map((part: unknown) => typeof part === 'string' ? part : '*').join('');
  return JSON.parse(text).widgets;
}

function shown(stack: Stack, props: FlueDashboardProps) {
  const dashboard = new FlueDashboard(stack, 'Dashboard', props);
  return { dashboard, widgets: widgetsOf(stack) };
}

/** A server that runs where this library runs none. */
class TheirService extends Construct implements IFlueService {
  public readonly url = 'https://agents.example.com';
  public readonly logGroup = new LogGroup(this, 'Logs');
  public readonly connections = new Connections();
  public readonly grantPrincipal = new UnknownPrincipal({ resource: this });

  public metricCpuUtilization(props?: MetricOptions): Metric {
    return new Metric({ namespace: 'Theirs', metricName: 'cpu', ...props });
  }

  public metricMemoryUtilization(props?: MetricOptions): Metric {
    return new Metric({ namespace: 'Theirs', metricName: 'memory', ...props });
  }
}

const graphs = (widgets: any[]) => widgets.filter(({ type }) => type === 'metric').map(({ properties }) => properties);

describe.each(VARIANTS)('the dashboard of %s', (_, serve, titles) => {
  test('shows what the alarms watch, each with the threshold of its alarm', () => {
    const stack = stackOf();
    const service = serve(stack);
    service.addAlarms();
    const { widgets } = shown(stack, { services: [service] });
    expect(graphs(widgets).map(({ title }) => title)).toEqual(titles);
    const alarms = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);
    for (const { metrics: [[, name]], annotations: { horizontal: [annotation] } } of graphs(widgets)) {
      const alarm = alarms.find(({ MetricName }) => MetricName === name);
      expect(annotation).toMatchObject({ value: alarm!.Threshold, label: 'alarm', fill: alarm!.ComparisonOperator === 'LessThanThreshold' ? 'below' : 'above' });
    }
  });

  test('lists the last errors in the log of the server', () => {
    const stack = stackOf();
    const logs = shown(stack, { services: [serve(stack)] }).widgets.filter(({ type }) => type === 'log');
    expect(logs).toHaveLength(1);
    expect(logs[0].properties).toMatchObject({ view: 'table', title: 'Last errors' });
    const { filterStatements: [filter] } = queryOf(...LOG_SEARCHES);
    expect(logs[0].properties.query)
      .toBe(`SOURCE '*' | fields @timestamp, @logStream, @message\n| filter ${filter}\n| sort @timestamp desc\n| limit 200`);
  });

  test('lies on the grid without an overlap', () => {
    const stack = stackOf();
    const cells = shown(stack, { services: [serve(stack)] }).widgets
      .flatMap(({ x, y, width, height }) => Array.from({ length: width * height }, (__, i) => `${x + i % width},${y + Math.floor(i / width)}`));
    expect(new Set(cells).size).toBe(cells.length);
    expect(cells.every(cell => Number(cell.split(',')[0]) < 24)).toBe(true);
  });
});

describe('a dashboard', () => {
  test('maximal dashboard', () => {
    const stack = new Stack(new App(), 'Test');
    new FlueDashboard(stack, 'Dashboard', { services: [fargate(stack), express(stack, 'Others')], database: databaseIn(stack), dashboardName: 'agents' });
    expectTemplateSnapshot(Template.fromStack(stack));
  });

  test('has the thresholds of alarms that are added after it', () => {
    const stack = stackOf();
    const service = fargate(stack);
    new FlueDashboard(stack, 'Dashboard', { services: [service] });
    service.addAlarms({ memoryUtilizationPercent: 70, serverErrorsPerMinute: 2 });
    const values = Object.fromEntries(graphs(widgetsOf(stack)).map(({ title, annotations }) => [title, annotations.horizontal[0].value]));
    expect(values).toMatchObject({ 'Memory': 70, 'Cpu': 90, 'Server errors': 2, 'Running tasks': 1 });
  });

  test('takes another server later, and widgets of others', () => {
    const stack = stackOf();
    const dashboard = new FlueDashboard(stack, 'Dashboard');
    dashboard.addService(fargate(stack));
    dashboard.addService(express(stack, 'Others'));
    dashboard.dashboard.addWidgets(new TextWidget({ markdown: 'mine' }));
    const texts = widgetsOf(stack).filter(({ type }) => type === 'text').map(({ properties }) => properties.markdown);
    expect(texts).toEqual(['## Test/Agents\n\n[http://*](http://*)', '## Test/Others\n\n[https://*](https://*)', 'mine']);
    expect(dashboard.node.defaultChild).toBe(dashboard.dashboard);
  });

  test.each<[string, FlueDatabaseEngine, string[]]>([
    ['RDS', FlueDatabaseEngine.postgres(), ['CPUUtilization', 'DatabaseConnections', 'FreeStorageSpace']],
    ['Aurora', FlueDatabaseEngine.auroraServerless(), ['CPUUtilization', 'DatabaseConnections', 'ACUUtilization']],
  ])('shows a database on %s', (_, engine, metrics) => {
    const stack = stackOf();
    const { widgets } = shown(stack, { database: databaseIn(stack, engine) });
    expect(graphs(widgets).map(({ metrics: [[, name]] }) => name)).toEqual(metrics);
    expect(graphs(widgets).every(({ metrics: [[namespace]] }) => namespace === 'AWS/RDS')).toBe(true);
  });

  test('refuses a server that it shows already', () => {
    const stack = stackOf();
    const service = fargate(stack);
    const dashboard = new FlueDashboard(stack, 'Dashboard', { services: [service] });
    expect(refusalOf(() => dashboard.addService(service))).toContain('`addService()` must be called once for each server, got: Test/Agents again');
  });

  test('shows the memory, the processor and the errors of a server that is not of this library', () => {
    const stack = stackOf();
    const { widgets } = shown(stack, { services: [new TheirService(stack, 'Theirs')] });
    expect(graphs(widgets)).toMatchObject([
      { title: 'Memory', metrics: [['Theirs', 'memory', expect.anything()]], annotations: { horizontal: [{ value: 85 }] } },
      { title: 'Cpu', metrics: [['Theirs', 'cpu', expect.anything()]], annotations: { horizontal: [{ value: 90 }] } },
    ]);
    expect(widgets.filter(({ type }) => type === 'log')).toHaveLength(1);
  });

  test('may stand in a stack of its own', () => {
    const app = new App();
    const run = new Stack(app, 'Run');
    const watch = new Stack(app, 'Watch');
    const service = new FlueFargateService(run, 'Agents', { image: imageOf(run) });
    new FlueDashboard(watch, 'Dashboard', { services: [service] });
    expect(graphs(widgetsOf(watch))).toHaveLength(6);
    Template.fromStack(run).resourceCountIs('AWS::CloudWatch::Dashboard', 0);
  });

  test('brings no finding of FlueChecks', () => {
    const findings = (withDashboard: boolean) => {
      const app = new App();
      const stack = new Stack(app, 'Test');
      const service = new FlueFargateService(stack, 'Agents', { image: imageOf(stack) });
      if (withDashboard) {
        new FlueDashboard(stack, 'Dashboard', { services: [service] });
      }
      return new FlueChecks(app).validateScope(app).violations.map(({ ruleName }) => ruleName);
    };
    expect(findings(true)).toEqual(findings(false));
  });
});
