import type { DatabaseClusterProps, DatabaseInstanceProps } from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';
import type { DatabaseOptions } from './database-strategy';
import { monitoringRole } from './monitoring-role';

/** What only a database that begins empty can choose: a snapshot brings its own. */
export function newProps({ credentials, encryptionKey }: DatabaseOptions) {
  return { credentials, storageEncrypted: true, storageEncryptionKey: encryptionKey };
}

/** The props that an instance of RDS and a cluster of Aurora have under one name. */
export function engineProps(scope: Construct, options: DatabaseOptions) {
  return {
    vpc: options.vpc,
    vpcSubnets: options.vpcSubnets,
    securityGroups: options.securityGroups,
    port: options.port,
    iamAuthentication: options.iamAuthentication,
    preferredMaintenanceWindow: options.preferredMaintenanceWindow,
    copyTagsToSnapshot: true,
    deletionProtection: options.deletionProtection,
    removalPolicy: options.removalPolicy,
    cloudwatchLogsRetention: options.cloudwatchLogsRetention,
    monitoringInterval: options.monitoringInterval,
    monitoringRole: monitoringRole(scope, options.monitoringInterval),
    enablePerformanceInsights: options.enablePerformanceInsights,
    performanceInsightEncryptionKey: options.enablePerformanceInsights ? options.encryptionKey : undefined,
  } satisfies Partial<DatabaseInstanceProps> & Partial<DatabaseClusterProps>;
}
