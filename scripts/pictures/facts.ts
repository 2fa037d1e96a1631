import { isGroup, type Group, type Part } from './drawing';
import { KEEP_ALIVE_PRELOAD_PATTERN } from '../../src/invariants/keep-alive-above-idle-timeout';
import { clusterOf, DB_INSTANCE, SECRET } from '../../src/invariants/template/databases';
import type { FlueServers } from '../../src/invariants/template/flue-servers';
import { SECURITY_GROUP, SECURITY_GROUP_INGRESS } from '../../src/invariants/template/security-groups';
import type { TemplateResource, TemplateValue } from '../../src/invariants/template/value';

const SUBNET = 'AWS::EC2::Subnet';
const ROUTE_TABLE = 'AWS::EC2::RouteTable';

/** The one of a list; a picture of a template that has none, or several, would be wrong. */
export function only<T>(list: readonly T[], what: string): T {
  if (list.length !== 1) {
    throw new Error(`The picture expects one ${what}, the template has ${list.length}`);
  }
  return list[0]!;
}

export function numberAt(resource: TemplateResource, ...keys: string[]): number {
  return numberOf(resource.at(...keys), `${resource.path}: ${keys.join('.')}`);
}

export function numberOf(value: TemplateValue, what: string): number {
  return numeric(value.number(), what);
}

export function numeric(value: unknown, what: string): number {
  if (typeof value !== 'number' || Number.isNaN(value)) {
    throw new Error(`The template does not say ${what}`);
  }
  return value;
}

export function textAt(resource: TemplateResource, ...keys: string[]): string {
  const text = resource.at(...keys).string();
  if (typeof text !== 'string') {
    throw new Error(`The template does not say ${resource.path}: ${keys.join('.')}`);
  }
  return text;
}

/** What a pattern finds in a text that the template holds. */
export function found(text: string, pattern: RegExp): string {
  const value = pattern.exec(text)?.[1];
  if (value === undefined) {
    throw new Error(`The template does not hold ${pattern}`);
  }
  return value;
}

export function listOf(value: TemplateValue): TemplateValue[] {
  const list = value.list();
  return Array.isArray(list) ? list : [];
}

export const resourcesIn = (value: TemplateValue, type: string): TemplateResource[] =>
  value.targets().map(({ resource }) => resource).filter(resource => resource.type === type);

export const groupsIn = (value: TemplateValue): TemplateResource[] => resourcesIn(value, SECURITY_GROUP);
export const subnetsIn = (value: TemplateValue): TemplateResource[] => resourcesIn(value, SUBNET);

export const keepAliveSeconds = (options: string): number => Number(found(options, KEEP_ALIVE_PRELOAD_PATTERN)) / 1000;

const unique = <T>(list: readonly T[]): T[] => [...new Set(list)];

/** Ports that a security group opens, and to whom. */
export interface Ingress {
  readonly ports: string[];
  readonly peer: string;
}

/** Who may connect to what a security group protects. */
export function ingressOf(group: TemplateResource, servers: FlueServers, names: ReadonlyMap<TemplateResource, string> = new Map()): Ingress[] {
  const separate = servers.app.ofType(SECURITY_GROUP_INGRESS).filter(rule => groupsIn(rule.at('GroupId')).includes(group));
  const rules = [...listOf(group.at('SecurityGroupIngress')), ...separate.map(rule => rule.at())];
  const ports = new Map<string, string[]>();
  for (const rule of rules) {
    const cidr = rule.at('CidrIp').string();
    const peer = typeof cidr === 'string' ? (cidr === '0.0.0.0/0' ? 'everyone' : cidr) : names.get(only(groupsIn(rule.at('SourceSecurityGroupId')), 'source of a rule'));
    const [from, to] = [rule.at('FromPort').number(), rule.at('ToPort').number()].map(String);
    if (peer === undefined) {
      throw new Error(`Who may connect to ${group.path} is not in the picture`);
    }
    ports.set(peer, [...ports.get(peer) ?? [], from === to ? from! : `${from}–${to}`]);
  }
  return [...ports].map(([peer, list]) => ({ ports: list, peer }));
}

/** Which ports what a security group protects may reach itself. */
export function egressOf(group: TemplateResource): string {
  const protocol = only(listOf(group.at('SecurityGroupEgress')), 'rule for the way out').at('IpProtocol').string();
  return protocol === '-1' ? 'any port' : String(protocol);
}

/** The frame of a security group round what it protects. */
export function guarded(id: string, ingress: readonly Ingress[], child: Part, otherwise: string[] = []): Group {
  // one card is narrow
  const title = ingress.length === 0 ? otherwise : ingress.flatMap(({ ports, peer }) => isGroup(child) ? [`${ports.join(', ')} from ${peer}`] : [`${ports.join(', ')} from`, peer]);
  return { id, kind: 'securityGroup', title, children: [child] };
}

type Reach = 'public' | 'private' | 'isolated';

/** Whether subnets lead to the internet themselves, by a NAT gateway, or not at all. */
export function reachOf(subnets: readonly TemplateResource[], servers: FlueServers): Reach {
  const { app } = servers;
  const reaches = subnets.map((subnet): Reach => {
    const tables = app.ofType('AWS::EC2::SubnetRouteTableAssociation')
      .filter(association => subnetsIn(association.at('SubnetId')).includes(subnet))
      .flatMap(association => resourcesIn(association.at('RouteTableId'), ROUTE_TABLE));
    const routes = app.ofType('AWS::EC2::Route')
      .filter(route => resourcesIn(route.at('RouteTableId'), ROUTE_TABLE).some(table => tables.includes(table)));
    return routes.some(route => !route.at('GatewayId').absent) ? 'public' : routes.some(route => !route.at('NatGatewayId').absent) ? 'private' : 'isolated';
  });
  return only(unique(reaches), 'kind of subnet');
}

/** The frame of the subnets in which something lives. */
export function subnetGroup(subnets: readonly TemplateResource[], servers: FlueServers, children: Part[]): Group {
  const reach = reachOf(subnets, servers);
  const title = `${reach[0]!.toUpperCase()}${reach.slice(1)} subnet${subnets.length > 1 ? 's' : ''}`;
  return { id: `${reach}Subnets`, kind: reach === 'public' ? 'public' : 'private', title: [title], children };
}

export function vpcGroup(servers: FlueServers, children: Part[]): Group {
  const vpc = only(servers.app.ofType('AWS::EC2::VPC'), 'VPC');
  return { id: 'vpc', kind: 'vpc', title: [`VPC ${textAt(vpc, 'CidrBlock')}`], children };
}

/** The database that a server is given, and how it speaks to it. */
export function databaseFacts(servers: FlueServers) {
  const instance = only(servers.ofType(DB_INSTANCE).filter(candidate => clusterOf(candidate) === undefined), 'database');
  const url = only(servers.ofType(SECRET).map(secret => secret.at('SecretString').text()).filter(text => text.includes('postgres://')), 'connection string');
  const mode = found(url, /[?&]sslmode=([\w-]+)/);
  const subnets = subnetsIn(only(resourcesIn(instance.at('DBSubnetGroupName'), 'AWS::RDS::DBSubnetGroup'), 'subnet group').at('SubnetIds'));
  return {
    subnets,
    securityGroup: only(servers.securityGroupsOf(instance), 'security group of the database'),
    protocol: mode === 'disable' ? 'Postgres' : 'TLS',
    port: numberAt(instance, 'Port'),
    card: {
      id: 'database',
      kind: 'data' as const,
      title: `PostgreSQL ${textAt(instance, 'EngineVersion')}`,
      lines: [
        `RDS ${textAt(instance, 'DBInstanceClass')}`,
        `${textAt(instance, 'AllocatedStorage')} GiB${instance.at('StorageEncrypted').boolean() === true ? ', encrypted' : ''}`,
        `backups for ${textAt(instance, 'BackupRetentionPeriod')} days`,
      ],
    },
  };
}
