import { Construct } from 'constructs';
import { aws, forwardCommand, withRevision, type PlatformCommands } from './operator-commands';
import type { IFlueDatabase } from '../database/database';

const BOX = 'AutoScalingGroups[].Instances[].{box: InstanceId, release: LaunchTemplate.Version, state: LifecycleState, health: HealthStatus}';
const HEALTHY = 'sort_by(Datapoints, &Timestamp)[-5:].{at: Timestamp, healthy: Minimum}';
const REFRESH = 'InstanceRefreshes[:1].{deployment: Status, reason: StatusReason, percent: PercentageComplete, since: StartTime}';
const LAST_STOPPED = 'Activities[?starts_with(Description, `"Terminating"`)] | [0].{stopped: EndTime, what: Description, reason: Cause}';
const VERSIONS = 'reverse(sort_by(LaunchTemplateVersions, &VersionNumber))[:20].[VersionNumber, CreateTime, LaunchTemplateData.UserData]';
// the default keeps nine tenths of a group in service: a group of one would get a second box first
const ONE_AT_A_TIME = '--preferences MinHealthyPercentage=0';
const MINUTES = 10;

export interface BoxCommandsProps {
  readonly groupName: string;
  readonly launchTemplateId: string;
  /** The metric that says whether the server answers. */
  readonly healthy: { readonly namespace: string; readonly metricName: string; readonly server: string };
  readonly database?: IFlueDatabase;
}

/** Commands on the one instance of a group. */
export function boxCommands(scope: Construct, { groupName, launchTemplateId, healthy, database }: BoxCommandsProps): PlatformCommands {
  const instance = `"$(${aws(scope, 'autoscaling describe-auto-scaling-groups')} --auto-scaling-group-names ${groupName}`
    + ' --query "AutoScalingGroups[0].Instances[?LifecycleState==\'InService\'].InstanceId | [0]" --output text)"';
  const refresh = `${aws(scope, 'autoscaling start-instance-refresh')} --auto-scaling-group-name ${groupName} ${ONE_AT_A_TIME}`;
  return {
    status: [
      `${aws(scope, 'autoscaling describe-auto-scaling-groups')} --auto-scaling-group-names ${groupName} --query '${BOX}' --output json`,
      `${aws(scope, 'cloudwatch get-metric-statistics')} --namespace ${healthy.namespace} --metric-name ${healthy.metricName} --dimensions Name=Server,Value=${healthy.server}`
        + ` --statistics Minimum --period 60 --start-time "$(($(date +%s) - ${60 * MINUTES}))" --end-time "$(date +%s)" --query '${HEALTHY}' --output json`,
      `${aws(scope, 'autoscaling describe-instance-refreshes')} --auto-scaling-group-name ${groupName} --no-paginate --query '${REFRESH}' --output json`,
      `${aws(scope, 'autoscaling describe-scaling-activities')} --auto-scaling-group-name ${groupName} --no-paginate --query '${LAST_STOPPED}' --output json`,
    ].join(' && '),
    releases: `${aws(scope, 'ec2 describe-launch-template-versions')} --launch-template-id ${launchTemplateId} --query '${VERSIONS}' --output text`
      + ' | while read -r VERSION TIME DATA; do printf \'%s\\t%s\\t%s\\n\' "$VERSION" "$TIME" "$(printf %s "$DATA" | base64 --decode | grep -E \'^(IMAGE|BUILD)=\')"; done',
    rollBack: withRevision(`${refresh} --desired-configuration "LaunchTemplate={LaunchTemplateId=${launchTemplateId},Version=$REVISION}"`),
    redeploy: refresh,
    openShell: `${aws(scope, 'ssm start-session')} --target ${instance}`,
    forwardDatabase: forwardCommand(scope, instance, database),
  };
}
