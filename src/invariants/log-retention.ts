import type { Finding, Invariant } from './invariant';
import { EXPRESS_SERVICE, TASK_DEFINITION, type Container } from './template/containers';
import { allOf } from './template/findings';
import { LOG_GROUP, type FlueServers } from './template/flue-servers';
import { UNKNOWN } from './template/value';

export const LOG_RETENTION: Invariant = {
  id: 'LogRetention',
  level: 'warning',
  statement: 'The log group of the server has a retention period.',
  why: 'Without one, CloudWatch keeps every prompt that was ever logged, and you pay for it, for ever.',
  limit: '`RetentionInDays` set on the log group',
  source: 'Amazon CloudWatch Logs user guide, log retention; Amazon ECS developer guide, Express Mode defaults',
  fix: 'Set `logRetention` (`RetentionInDays`).',
  rule: {
    resourceTypes: [LOG_GROUP, TASK_DEFINITION, EXPRESS_SERVICE],
    check: (resource, servers) => {
      if (resource.type === LOG_GROUP) {
        const days = resource.at('RetentionInDays').number();
        return days === UNKNOWN ? undefined
          : days !== undefined ? [] : [{ found: 'the log group keeps its events for ever', location: 'Properties/RetentionInDays' }];
      }
      return allOf(...servers.serverContainers(resource).map(container => container.express
        ? judgeExpressLogs(container)
        : judgeTaskLogs(container, servers)));
    },
  },
};

function judgeExpressLogs(container: Container): Finding[] | undefined {
  return !container.definition.at('AwsLogsConfiguration').absent ? undefined : [{
    found: 'the service creates its own log group, which keeps its events for ever',
    location: `${container.location}/AwsLogsConfiguration`,
    fix: 'Name a log group with retention in AwsLogsConfiguration.',
  }];
}

/** A group that the log driver makes for itself has no retention. */
function judgeTaskLogs(container: Container, servers: FlueServers): Finding[] | undefined {
  const options = container.definition.at('LogConfiguration', 'Options');
  const group = options.at('awslogs-group').string();
  if (options.at('awslogs-create-group').boolean() !== true || typeof group !== 'string') {
    return undefined;
  }
  const names = servers.app.ofType(LOG_GROUP).map(known => known.at('LogGroupName').string());
  if (names.some(name => name === group || name === UNKNOWN)) {
    return undefined;
  }
  return [{
    found: `the log driver creates the log group ${group}, which keeps its events for ever`,
    location: `${container.location}/LogConfiguration`,
    fix: 'Define the log group in the template, with RetentionInDays.',
  }];
}
