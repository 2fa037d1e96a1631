import { Stack } from 'aws-cdk-lib';
import { CfnDBCluster, CfnDBInstance } from 'aws-cdk-lib/aws-rds';
import type { IConstruct } from 'constructs';
import { WARNINGS } from '../invariants/warnings';

/** Warns of a protected database that a failed first deployment of its server would leave behind. */
export function warnOfSameStack(service: IConstruct, database: IConstruct | undefined): void {
  if (database && Stack.of(database) === Stack.of(service) && database.node.findAll().some(isProtected)) {
    WARNINGS.databaseInSameStack.give(service, { database: database.node.path });
  }
}

function isProtected(resource: IConstruct): boolean {
  return (resource instanceof CfnDBInstance || resource instanceof CfnDBCluster) && resource.deletionProtection === true;
}
