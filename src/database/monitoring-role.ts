import { ArnFormat, Stack, type Duration } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { secondsOf } from '../invariants/durations';

/** Log groups of RDS for the metrics of operating systems. */
const LOG_GROUPS = 'RDS*';

/**
 * The role with which RDS publishes metrics of the operating system.
 *
 * It allows what AWS's `AmazonRDSEnhancedMonitoringRole` does, and only in this account and region. None for an interval of 0,
 * beside which RDS refuses a role (Amazon RDS API reference, CreateDBInstance).
 */
export function monitoringRole(scope: Construct, interval: Duration | undefined): Role | undefined {
  if (!interval || secondsOf(interval) === 0) {
    return undefined;
  }
  const stack = Stack.of(scope);
  const logGroups = stack.formatArn({ service: 'logs', resource: 'log-group', resourceName: LOG_GROUPS, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  return new Role(scope, 'MonitoringRole', {
    assumedBy: new ServicePrincipal('monitoring.rds.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': stack.account } } }),
    // inline, so that the role can do its work as soon as it exists
    inlinePolicies: {
      Publish: new PolicyDocument({
        statements: [
          new PolicyStatement({ actions: ['logs:CreateLogGroup', 'logs:PutRetentionPolicy'], resources: [logGroups] }),
          new PolicyStatement({
            actions: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:GetLogEvents', 'logs:PutLogEvents'],
            resources: [`${logGroups}:log-stream:*`],
          }),
        ],
      }),
    },
  });
}
