import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Metric, Stats, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnCluster, ContainerInsights, type ICluster } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { WARNINGS } from '../invariants/warnings';
import type { Watch } from '../operations/alarms';

/** Tasks of an ECS service that run, as Container Insights counts them. */
export function runningTasksMetric(scope: Construct, clusterName: string, serviceName: string, props?: MetricOptions): Metric {
  return new Metric({
    namespace: 'ECS/ContainerInsights',
    metricName: 'RunningTaskCount',
    dimensionsMap: { ClusterName: clusterName, ServiceName: serviceName },
    statistic: Stats.MINIMUM,
    period: Duration.minutes(5),
    ...props,
  }).attachTo(scope);
}

/** The alarm for a service that runs fewer tasks than it must. */
export function runningTasksWatch(metric: (props: MetricOptions) => Metric, minTasks: number, cluster: ICluster): Watch {
  return {
    id: 'RunningTasks',
    metric: period => metric({ period }),
    threshold: () => minTasks,
    comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
    description: `Fewer than ${minTasks} Flue servers run: streams are cut, and clients get no answer.`,
    missingIsBad: true,
    caution: lacksContainerInsights(cluster) ? WARNINGS.alarmsWithoutContainerInsights : undefined,
  };
}

/** Whether a cluster that this app makes does not say that it has Container Insights; another app's may have it. */
function lacksContainerInsights(cluster: ICluster): boolean {
  const made = cluster.node.defaultChild;
  if (!(made instanceof CfnCluster)) {
    return false;
  }
  const settings = made.clusterSettings ?? [];
  return Array.isArray(settings)
    && !settings.some(setting => 'name' in setting && setting.name === 'containerInsights' && setting.value !== ContainerInsights.DISABLED);
}
