import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import {
  Color, ComparisonOperator, Dashboard, GraphWidget, LogQueryVisualizationType, LogQueryWidget, Shading, Stats, TextWidget,
  type IMetric, type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { QueryString } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FlueDatabase } from '../database/flue-database';
import { refuse } from '../invariants/invariant';
import { DASHBOARD_LIMITS } from '../invariants/limits/dashboard';
import { requireWritten } from '../invariants/limits/guard';
import { requireNoSecretTexts } from '../invariants/secrets-only';
import { placed } from '../invariants/types/placed';
import { requireArguments, requireTypes } from '../invariants/types/require-types';
import { isPending } from '../invariants/unknown';
import { DEFAULT_THRESHOLDS, utilizationWatches, type Watch } from '../operations/alarms';
import { LOG_SEARCHES, queryOf } from '../operations/log-queries';
import type { FlueService, IFlueService } from '../service/flue-service';

/** CloudWatch lays widgets on a grid of this many columns. */
const COLUMNS = 24;
const GRAPHS_IN_A_ROW = 3;
const GRAPH = { width: COLUMNS / GRAPHS_IN_A_ROW, height: 6 };
const PERIOD = Duration.minutes(1);
/** Comparisons whose alarm is raised below the threshold. */
const BELOW = [ComparisonOperator.LESS_THAN_THRESHOLD, ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD];

/**
 * What a dashboard shows.
 */
export interface FlueDashboardProps {
  /**
   * The services to show, in this order.
   *
   * Throws if a server is in the list twice.
   *
   * @default - none; add them with `addService`
   */
  readonly services?: IFlueService[];

  /**
   * The database to show below the services.
   *
   * @default - none
   */
  readonly database?: FlueDatabase;

  /**
   * The name of the dashboard: letters, digits, dashes and underscores.
   *
   * Throws for any other character, and for more than 255.
   *
   * @default - CloudFormation generates one
   */
  readonly dashboardName?: string;
}

/**
 * A dashboard of Flue servers: the metrics of their alarms, with the thresholds, and the last errors in their logs.
 *
 * **Cost.** 3 USD a month beyond three dashboards of an account, which are free with up to 50 metrics each. The list of errors
 * is a query: whenever you open or refresh the dashboard, you pay for the data that it reads.
 *
 * @example
 * const agents = new FlueFargateService(this, 'Agents', { image });
 *
 * new FlueDashboard(this, 'Dashboard', { services: [agents] });
 */
export class FlueDashboard extends Construct {
  /** The CloudWatch dashboard. Add widgets of your own to it. */
  public readonly dashboard: Dashboard;

  private readonly shown = new Set<IFlueService>();

  public constructor(scope: Construct, id: string, props: FlueDashboardProps = {}) {
    super(placed('FlueDashboard', scope, id), id);
    requireTypes(this, 'FlueDashboardProps', props);
    requireNoSecretTexts(this, props);
    requireWritten(this, props.dashboardName, DASHBOARD_LIMITS.dashboardName);
    this.dashboard = new Dashboard(this, 'Dashboard', { dashboardName: isPending(props.dashboardName) ? undefined : props.dashboardName, defaultInterval: Duration.hours(3) });
    this.node.defaultChild = this.dashboard;
    props.services?.forEach(service => this.addService(service));
    if (props.database) {
      this.addDatabase(props.database);
    }
  }

  /**
   * Adds a service below those that the dashboard already shows.
   *
   * A server of this library is shown with everything that its alarms watch. Of any other IFlueService the dashboard
   * shows the memory, the processor and the last errors.
   *
   * Throws for a server that the dashboard already shows.
   *
   * @param service the service
   */
  public addService(service: IFlueService): void {
    requireArguments('FlueDashboard.addService', { service }, this);
    if (this.shown.has(service)) {
      refuse(this, `\`addService()\` must be called once for each server, got: ${service.node.path} again`, 'Remove one of the two calls, or take it out of `services`');
    }
    this.shown.add(service);
    this.dashboard.addWidgets(heading(`${service.node.path}\n\n[${service.url}](${service.url})`));
    this.dashboard.addWidgets(...[...watchesOf(service), ...inboxWatchesOf(service)].map(watch => watchGraph(service, watch)));
    this.dashboard.addWidgets(new LogQueryWidget({
      title: 'Last errors',
      logGroupNames: [service.logGroup.logGroupName],
      queryString: new QueryString(queryOf(...LOG_SEARCHES)).toString(),
      region: Stack.of(service).region,
      view: LogQueryVisualizationType.TABLE,
      width: COLUMNS,
      height: 8,
    }));
  }

  private addDatabase(database: FlueDatabase): void {
    const source = database.instance ?? database.cluster!;
    const graphs: [string, IMetric][] = [
      ['Processor, percent', source.metricCPUUtilization({ period: PERIOD })],
      ['Connections', source.metricDatabaseConnections({ period: PERIOD, statistic: Stats.MAXIMUM })],
      database.instance
        ? ['Free storage, bytes', source.metric('FreeStorageSpace', { period: PERIOD, statistic: Stats.MINIMUM })]
        : ['Capacity in use, percent', source.metric('ACUUtilization', { period: PERIOD, statistic: Stats.MAXIMUM })],
    ];
    this.dashboard.addWidgets(heading(database.node.path));
    this.dashboard.addWidgets(...graphs.map(([title, metric]) => new GraphWidget({ title, left: [metric], leftYAxis: { min: 0 }, ...GRAPH })));
  }
}

function heading(markdown: string): IWidget {
  return new TextWidget({ markdown: `## ${markdown}`, width: COLUMNS, height: 2 });
}

/** What the alarms of a server watch; a server that is not of this library has no more than the interface. */
function watchesOf(service: IFlueService & Partial<Pick<FlueService, '_watches'>>): Watch[] {
  return service._watches?.() ?? utilizationWatches({
    memory: options => service.metricMemoryUtilization(options),
    cpu: options => service.metricCpuUtilization(options),
  });
}

/** What is watched of the events that wait for a server; nothing where it has no inbox. */
function inboxWatchesOf(service: IFlueService & Partial<Pick<FlueService, '_inboxWatches'>>): Watch[] {
  return service._inboxWatches?.() ?? [];
}

/** What an alarm watches, with the threshold that the service's alarms have, or would have. */
function watchGraph(service: IFlueService & Partial<Pick<FlueService, '_alarmThresholds'>>, watch: Watch): IWidget {
  return new GraphWidget({
    // RunningTasks → Running tasks
    title: watch.id.replace(/(?<=[a-z])[A-Z]/g, letter => ` ${letter.toLowerCase()}`),
    left: [watch.metric(PERIOD)],
    leftAnnotations: [{
      // the alarms may be added after the dashboard
      value: Lazy.number({ produce: () => watch.threshold(service._alarmThresholds?.() ?? DEFAULT_THRESHOLDS) }),
      label: 'alarm',
      color: Color.RED,
      fill: BELOW.includes(watch.comparison) ? Shading.BELOW : Shading.ABOVE,
    }],
    leftYAxis: { min: 0 },
    ...GRAPH,
  });
}
