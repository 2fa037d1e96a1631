import { Stack } from 'aws-cdk-lib';
import { CfnDBInstance, CfnDBParameterGroup } from 'aws-cdk-lib/aws-rds';
import type { IConstruct } from 'constructs';

/** Memory of the classes that have least of it, in GiB (Amazon RDS user guide, DB instance classes). All others take more servers than there can be. */
const SMALL_CLASSES: Readonly<Record<string, number>> = { micro: 1, small: 2 };
/** What the system of an instance keeps for itself, in MiB: a db.t4g.micro was seen to take 80 to 85 connections, not the 112 of its memory. */
const SYSTEM_MIB = 300;
/** RDS gives one connection to this much memory, in bytes (Amazon RDS user guide, maximum number of database connections). */
const BYTES_FOR_A_CONNECTION = 9531392;
const MEBIBYTE = 1024 * 1024;

/** How many connections a database takes. */
export interface ConnectionCount {
  readonly connections: number;
  /** What the number follows from, as a clause. */
  readonly because: string;
}

/** The connections of an instance of RDS: as its parameters say, or as its memory allows. Undefined where there is enough, and where only the deployment knows. */
export function connectionsOf(database: IConstruct): ConnectionCount | undefined {
  const resources = database.node.findAll();
  const stated = resources.flatMap(resource => (resource instanceof CfnDBParameterGroup ? [maxConnectionsIn(resource)] : [])).find(Boolean);
  if (stated !== undefined) {
    return /^\d+$/.test(stated) ? { connections: Number(stated), because: `\`max_connections\` is ${stated}` } : undefined;
  }
  const instance = resources.find((resource): resource is CfnDBInstance => resource instanceof CfnDBInstance);
  const type: unknown = instance && Stack.of(instance).resolve(instance.dbInstanceClass);
  const gib = typeof type === 'string' ? SMALL_CLASSES[type.split('.')[2] ?? ''] : undefined;
  return gib === undefined || instance?.engine !== 'postgres' ? undefined : {
    connections: Math.floor((gib * 1024 - SYSTEM_MIB) * MEBIBYTE / BYTES_FOR_A_CONNECTION), because: `it is a ${type as string} with ${gib} GiB`,
  };
}

function maxConnectionsIn(group: CfnDBParameterGroup): string | undefined {
  const parameters = Stack.of(group).resolve(group.parameters) as Readonly<Record<string, unknown>> | undefined;
  const value = parameters?.max_connections;
  return value === undefined ? undefined : String(value);
}
