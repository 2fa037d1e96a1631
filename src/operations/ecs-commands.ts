import { Construct } from 'constructs';
import { aws, forwardCommand, withRevision, type PlatformCommands } from './operator-commands';
import type { IFlueDatabase } from '../database/database';

const SERVICE = 'services[0].{status: status, desired: desiredCount, running: runningCount, pending: pendingCount, '
  + 'deployments: deployments[].{status: status, rollout: rolloutState, reason: rolloutStateReason, revision: taskDefinition, running: runningCount, failed: failedTasks, since: createdAt}, '
  + 'events: events[:3].[createdAt, message]}';
const RUNNING = 'tasks[].{task: taskArn, revision: taskDefinitionArn, status: lastStatus, health: healthStatus, since: startedAt}';
// a task that is still stopping has no time to sort by
const LAST_STOPPED = 'sort_by(tasks[?stoppedAt], &stoppedAt)[-1].{task: taskArn, stopped: stoppedAt, code: stopCode, reason: stoppedReason, '
  + 'containers: containers[].{name: name, exit: exitCode, reason: reason}}';
const TARGET_GROUPS = 'services[].loadBalancers[].[targetGroupArn, advancedConfiguration.alternateTargetGroupArn][]';
const TARGETS = 'TargetHealthDescriptions[].{target: Target.Id, health: TargetHealth.State, reason: TargetHealth.Description}';
/** What a task definition is registered with, and what it may lack. The rest of its description cannot be registered. */
const REGISTERED = ['family', 'networkMode', 'containerDefinitions', 'volumes', 'requiresCompatibilities', 'cpu', 'memory', 'runtimePlatform'];
const OPTIONAL = ['taskRoleArn', 'executionRoleArn', 'ephemeralStorage', 'pidMode', 'proxyConfiguration', 'enableFaultInjection'];
const DEFINITION = `taskDefinition.merge({${REGISTERED.map(key => `${key}: ${key}`).join(', ')}}, ${OPTIONAL.map(key => `${key} && {${key}: ${key}} || \`{}\``).join(', ')})`;

export interface EcsCommandsProps {
  readonly clusterName: string;
  readonly serviceName: string;
  /** The family of its task definitions. */
  readonly family: string;
  /** The container of the server. */
  readonly containerName: string;
  /** The service, where it is one of ECS Express Mode. */
  readonly expressServiceArn?: string;
  /** Whether ECS Exec is on. */
  readonly hasShell?: boolean;
  readonly database?: IFlueDatabase;
}

/** Commands on a service of ECS tasks. */
export function ecsCommands(scope: Construct, props: EcsCommandsProps): PlatformCommands {
  const { clusterName, serviceName, hasShell } = props;
  return {
    status: statusCommand(scope, clusterName, serviceName),
    releases: releasesCommand(scope, props),
    rollBack: rollBackCommand(scope, props),
    redeploy: `${aws(scope, 'ecs update-service')} --cluster ${clusterName} --service ${serviceName} --force-new-deployment`,
    ...hasShell ? shellCommands(scope, props) : {},
  };
}

function statusCommand(scope: Construct, cluster: string, service: string): string {
  const describe = `${aws(scope, 'ecs describe-services')} --cluster ${cluster} --services ${service}`;
  const tasks = (desired: string, query: string): string =>
    `${aws(scope, 'ecs list-tasks')} --cluster ${cluster} --service-name ${service} --desired-status ${desired} --no-paginate --query 'taskArns[]' --output text`
    + ` | xargs -r ${aws(scope, 'ecs describe-tasks')} --cluster ${cluster} --query '${query}' --output json --tasks`;
  return [
    `${describe} --query '${SERVICE}' --output json`,
    tasks('RUNNING', RUNNING),
    `${describe} --query '${TARGET_GROUPS}' --output text`
      + ` | xargs -r -n 1 ${aws(scope, 'elbv2 describe-target-health')} --query '${TARGETS}' --output json --target-group-arn`,
    tasks('STOPPED', LAST_STOPPED),
  ].join(' && ');
}

/** CloudFormation deregisters a task definition that it replaces, so most releases are inactive. */
function releasesCommand(scope: Construct, { family, containerName }: EcsCommandsProps): string {
  const list = `${aws(scope, 'ecs list-task-definitions')} --family-prefix ${family} --status "$STATUS" --sort DESC --no-paginate`
    + ' --query \'taskDefinitionArns[:20]\' --output text';
  const image = `containerDefinitions[?name==\`"${containerName}"\`].image | [0]`;
  return `for STATUS in ACTIVE INACTIVE; do ${list}; done`
    + ` | xargs -r -n 1 ${aws(scope, 'ecs describe-task-definition')} --query 'taskDefinition.[revision, registeredAt, ${image}]' --output text --task-definition`;
}

/** A service takes no task definition that is inactive: a copy of it is registered. */
function rollBackCommand(scope: Construct, { clusterName, serviceName, family, expressServiceArn }: EcsCommandsProps): string {
  const describe = `${aws(scope, 'ecs describe-task-definition')} --task-definition "${family}:$REVISION" --query '${DEFINITION}' --output json`;
  const register = `${aws(scope, 'ecs register-task-definition')} --cli-input-json "$DEFINITION" --query taskDefinition.taskDefinitionArn --output text`;
  const run = expressServiceArn === undefined
    ? `${aws(scope, 'ecs update-service')} --cluster ${clusterName} --service ${serviceName} --task-definition "$REGISTERED" --query service.taskDefinition --output text`
    : `${aws(scope, 'ecs update-express-gateway-service')} --service-arn ${expressServiceArn} --task-definition-arn "$REGISTERED" --query service.serviceArn --output text`;
  return withRevision(`DEFINITION="$(${describe})" && REGISTERED="$(${register})" && ${run}`);
}

function shellCommands(scope: Construct, { clusterName, serviceName, containerName, database }: EcsCommandsProps): Pick<PlatformCommands, 'openShell' | 'forwardDatabase'> {
  const task = `$(${aws(scope, 'ecs list-tasks')} --cluster ${clusterName} --service-name ${serviceName} --desired-status RUNNING`
    + ' --query \'taskArns[0]\' --output text)';
  const runtimeId = `$(${aws(scope, 'ecs describe-tasks')} --cluster ${clusterName} --tasks "$TASK"`
    + ` --query "tasks[0].containers[?name=='${containerName}'].runtimeId | [0]" --output text)`;
  const forward = forwardCommand(scope, `"ecs:${clusterName}_\${TASK##*/}_${runtimeId}"`, database);
  return {
    openShell: `${aws(scope, 'ecs execute-command')} --cluster ${clusterName} --task "${task}" --container ${containerName} --interactive --command /bin/sh`,
    forwardDatabase: forward && `TASK=${task} && ${forward}`,
  };
}
