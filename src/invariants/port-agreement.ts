import type { IConstruct } from 'constructs';
import { refuse, type Finding, type Invariant } from './invariant';
import { usesAwsvpc } from './ip-target-type';
import { MAX_PORT, MIN_PORT } from './limits/image';
import { containersOf, EXPRESS_SERVICE, TASK_DEFINITION, type Container } from './template/containers';
import { allOf } from './template/findings';
import { SERVICE, type FlueServers } from './template/flue-servers';
import { TARGET_GROUP, type Attachment } from './template/routing';
import { UNKNOWN, type TemplateResource } from './template/value';
import { PORT } from './template/variables';
import { isUnknown } from './unknown';

export const PORT_AGREEMENT: Invariant = {
  id: 'PortAgreement',
  level: 'error',
  statement: 'The server, its container, the load balancer and the health check use one port.',
  why: 'The server listens on PORT, or on 3000 without it. A load balancer that uses another port finds no server.',
  limit: `PORT = container port = port of the service in the load balancer = health check port, ${MIN_PORT}–${MAX_PORT}`,
  source: 'Flue deployment guide for AWS, port and health check',
  fix: 'State the port once, as `port` of the image, and remove the others.',
  rule: {
    resourceTypes: [TASK_DEFINITION, EXPRESS_SERVICE, SERVICE, TARGET_GROUP],
    check: (resource, servers) => {
      switch (resource.type) {
        case SERVICE:
          return allOf(...servers.routing.attachmentsOf(resource).map(attachment => judgeAttachment(attachment, resource, servers)));
        case TARGET_GROUP:
          return judgeTargetGroup(resource, servers);
        default:
          return allOf(...servers.serverContainers(resource).map(judgeContainer));
      }
    },
  },
};

/** Refuses a port that the image's own Dockerfile contradicts. */
export function requireSamePort(scope: IConstruct, port: number, declared: { readonly port: number; readonly where: string }): void {
  if (!isUnknown(port) && port !== declared.port) {
    refuse(scope, `\`port\` must be ${declared.port}, which ${declared.where} declares, got: ${port}`,
      `Pass \`port: ${declared.port}\`, or change ${declared.where}`, PORT_AGREEMENT);
  }
}

/** The port a container's server binds, where its variables say so; the image may say it otherwise. */
function boundPort(container: Container): number | undefined {
  const variable = container.variable(PORT);
  const port = variable === UNKNOWN || variable?.secret ? undefined : variable?.value.number();
  return typeof port === 'number' ? port : undefined;
}

function judgeContainer(container: Container): Finding[] | undefined {
  const { ports } = container;
  const bound = boundPort(container);
  if (bound === undefined || ports === UNKNOWN || ports.length === 0) {
    return undefined;
  }
  return ports.includes(bound) ? [] : [{
    found: `container ${String(container.name)} binds ${PORT}=${bound} and publishes ${ports.join(', ')}`,
    location: `${container.location}/${container.express ? 'ContainerPort' : 'PortMappings'}`,
  }];
}

/** Whether the load balancer is sent to the port that the container publishes and binds. */
function judgeAttachment(attachment: Attachment, service: TemplateResource, servers: FlueServers): Finding[] | undefined {
  const definition = servers.taskDefinitionOf(service);
  const container = definition && servers.serverContainers(definition).find(({ name }) => name === attachment.containerName);
  if (!container || typeof attachment.containerPort !== 'number') {
    return undefined;
  }
  const { ports } = container;
  const published = ports === UNKNOWN ? [] : ports;
  const bound = boundPort(container);
  const expected = published.length > 0 && !published.includes(attachment.containerPort) ? published
    // a container that publishes another port than it binds is judged by itself
    : bound !== undefined && bound !== attachment.containerPort && (published.length === 0 || published.includes(bound)) ? [bound] : [];
  if (published.length === 0 && bound === undefined) {
    return undefined;
  }
  return expected.length === 0 ? [] : [{
    found: `the load balancer sends requests to port ${attachment.containerPort} of container ${String(container.name)}, which listens on ${expected.join(', ')}`,
    location: `${attachment.location}/ContainerPort`,
  }];
}

/** Whether a container of the targets, such as a proxy beside the server, answers on a port, or may. */
function isPublished(port: number, targetGroup: TemplateResource, servers: FlueServers): boolean {
  return servers.routing.registrantsOf(targetGroup).flatMap(service => servers.taskDefinitionOf(service) ?? [])
    .flatMap(containersOf).some(container => {
      const bound = boundPort(container);
      return bound === undefined ? container.ports === UNKNOWN || container.ports.includes(port) : bound === port;
    });
}

function judgeTargetGroup(targetGroup: TemplateResource, servers: FlueServers): Finding[] | undefined {
  const ports = servers.routing.registrantsOf(targetGroup)
    .filter(registrant => usesAwsvpc(registrant, servers))
    .flatMap(service => servers.routing.attachmentsOf(service))
    .filter(attachment => attachment.targetGroups.includes(targetGroup))
    .map(attachment => attachment.containerPort);
  const [port] = ports;
  if (typeof port !== 'number') {
    return undefined;
  }
  // not Port: it counts for a target that is registered without one, and ECS registers each task with the port of its container
  const own = targetGroup.at('HealthCheckPort').string();
  if (own === UNKNOWN) {
    return undefined;
  }
  return own === undefined || own === 'traffic-port' || Number(own) === port || isPublished(Number(own), targetGroup, servers) ? [] : [{
    detail: 'HealthCheckPort',
    found: `HealthCheckPort is ${own}, the container listens on ${port}`,
    location: 'Properties/HealthCheckPort',
    fix: 'Leave HealthCheckPort out, so that the health check uses the port that gets the requests.',
  }];
}
