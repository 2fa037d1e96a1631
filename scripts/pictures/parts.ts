import type { Bar, Card, Drawing, Flow, Group, Lane, Part } from './drawing';
import { databaseFacts, egressOf, guarded, ingressOf, keepAliveSeconds, listOf, numberAt, numberOf, numeric, only, reachOf, subnetGroup, textAt, vpcGroup } from './facts';
import type { Container } from '../../src/invariants/template/containers';
import type { FlueServers } from '../../src/invariants/template/flue-servers';
import { MODEL_SPECIFIER } from '../../src/invariants/template/traits';
import type { TemplateResource } from '../../src/invariants/template/value';
import { NODE_OPTIONS } from '../../src/invariants/template/variables';

export const CLIENT: Card = { id: 'client', kind: 'outside', title: 'Client', lines: ['browser, app'] };

export const modelCard = (specifier: string): Card => ({ id: 'model', kind: 'outside', title: 'Model', lines: [specifier.split('/')[0]!] });

export const LEGEND: Drawing['legend'] = [['step', 'a request, step by step'], ['securityGroup', 'security group: who may connect, on which port']];

export const inSeconds = (count: number): string => `${count} s`;

export const drain = (seconds: number): Bar => ({ label: 'deregistration delay', seconds, kind: 'edge' });
export const stop = (seconds: number): Bar => ({ label: 'stop timeout, from SIGTERM', seconds, kind: 'server' });

/** While an answer is silent, each timer has to be longer than the one before. */
export function silentAnswer({ longestRun, keepAlive }: ReturnType<typeof taskFacts>, idleTimeout: number): Lane {
  return {
    title: 'While an answer is silent',
    order: 'together',
    bars: [
      { label: 'longest run of the agent', seconds: longestRun, kind: 'outside' },
      { label: 'idle timeout, load balancer', seconds: idleTimeout, kind: 'edge' },
      { label: 'keep-alive, server', seconds: keepAlive, kind: 'server' },
    ],
  };
}

function variableOf(container: Container, name: string): string {
  return only(container.variables.filter(candidate => candidate.name === name && !candidate.secret), `variable ${name}`).value.text();
}

/** What a task says of itself, whichever service runs it. */
export function taskFacts(service: TemplateResource, servers: FlueServers) {
  const task = only([servers.taskDefinitionOf(service)].filter(definition => definition !== undefined), 'task definition');
  const container = only(servers.serverContainers(task), 'container of the server');
  const [cpu, memory] = [numberAt(task, 'Cpu') / 1024, numberAt(task, 'Memory') / 1024];
  const mapping = only(listOf(container.definition.at('PortMappings')), 'port of the server');
  return {
    protocol: mapping.at('Name').text().toUpperCase(),
    port: numberOf(mapping.at('ContainerPort'), 'the port of the server'),
    size: [`${cpu} vCPU, ${memory} GiB`, textAt(task, 'RuntimePlatform', 'CpuArchitecture')],
    keepAlive: keepAliveSeconds(variableOf(container, NODE_OPTIONS)),
    stopTimeout: numberOf(container.definition.at('StopTimeout'), 'the stop timeout'),
    longestRun: numeric(servers.declaredFor(service)?.longestRunSeconds, 'the longest run'),
    model: variableOf(container, MODEL_SPECIFIER),
  };
}

/** A server of a task, the frame of its security group, and where it stands. */
interface PlacedServer {
  readonly card: Card;
  readonly securityGroup: TemplateResource;
  readonly subnets: TemplateResource[];
  readonly frame: Group;
}

/** The edge, the server and its database, in their subnets. */
export function network(
  servers: FlueServers, edge: { part: Part; subnets: TemplateResource[] }, server: PlacedServer,
): { vpc: Group; flows: Flow[] } {
  const database = databaseFacts(servers);
  const ingress = ingressOf(database.securityGroup, servers, new Map([[server.securityGroup, 'server']]));
  const front = reachOf(edge.subnets, servers) === reachOf(server.subnets, servers)
    ? [subnetGroup(server.subnets, servers, [edge.part, server.frame])]
    : [subnetGroup(edge.subnets, servers, [edge.part]), subnetGroup(server.subnets, servers, [server.frame])];
  return {
    vpc: vpcGroup(servers, [...front, subnetGroup(database.subnets, servers, [guarded('databaseGroup', ingress, database.card)])]),
    flows: [
      { from: server.card.id, to: database.card.id, step: 3, label: [database.protocol, String(database.port)] },
      { from: server.card.id, to: 'model', step: 4, label: [egressOf(server.securityGroup)], back: true },
    ],
  };
}
