import { ComparisonOperator, MathExpression, Stats, type IMetric, type Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Watch } from './alarms';

type MetricOf = (props: MetricOptions) => Metric;

/** What a load balancer knows of a server. */
export interface LoadBalancerMetrics {
  readonly unhealthyHosts: MetricOf;
  /** Of the target group that takes turns with the first; a deployment empties one of them. */
  readonly unhealthyAlternates?: MetricOf;
  /** Minutes of the metric in which a task that only starts may be unhealthy. */
  readonly startupMinutes?: number;
  readonly serverErrors: MetricOf;
  /** Left out where the load balancer is shared, whose errors cannot be attributed to one service. */
  readonly loadBalancerErrors?: MetricOf;
}

/** Tasks that fail the health check of a target group. */
export function unhealthyHostsOf(targetGroup: ApplicationTargetGroup, props?: MetricOptions): Metric {
  return targetGroup.metrics.unhealthyHostCount({ statistic: Stats.MAXIMUM, ...props });
}

/** What a load balancer tells of a server that is in trouble. */
export function loadBalancerWatches(metrics: LoadBalancerMetrics): Watch[] {
  const { loadBalancerErrors } = metrics;
  const atLeast = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD;
  return [
    {
      id: 'UnhealthyHosts',
      metric: period => unhealthyHosts(metrics, { period }),
      threshold: () => 1,
      comparison: atLeast,
      description: 'A Flue server has failed its health check for minutes.',
      startupMinutes: metrics.startupMinutes,
      judgesDeployment: true,
    },
    {
      id: 'ServerErrors',
      metric: period => metrics.serverErrors({ period }),
      threshold: ({ serverErrorsPerMinute }) => serverErrorsPerMinute,
      comparison: atLeast,
      description: 'The Flue server answers with errors.',
      judgesDeployment: true,
    },
    ...loadBalancerErrors ? [{
      id: 'LoadBalancerErrors',
      metric: (period): IMetric => loadBalancerErrors({ period }),
      threshold: ({ serverErrorsPerMinute }) => serverErrorsPerMinute,
      comparison: atLeast,
      description: 'The load balancer itself answers with 5xx: it has no healthy Flue server, or the server closed the connection.',
    } satisfies Watch] : [],
  ];
}

function unhealthyHosts({ unhealthyHosts: current, unhealthyAlternates: alternate }: LoadBalancerMetrics, props: MetricOptions): IMetric {
  return !alternate ? current(props) : new MathExpression({
    expression: 'FILL(current, 0) + FILL(alternate, 0)', usingMetrics: { current: current(props), alternate: alternate(props) }, period: props.period,
  });
}
