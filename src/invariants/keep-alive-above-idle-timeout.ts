import { Duration } from 'aws-cdk-lib';
import { IDLE_TIMEOUT_ATTRIBUTE, IMPLICIT_IDLE_TIMEOUT } from './idle-timeout';
import type { Finding, Invariant } from './invariant';
import { attributeOf } from './template/attributes';
import { EXPRESS_SERVICE, TASK_DEFINITION, type Container } from './template/containers';
import { customizedAttribute, customizersOf } from './template/express-load-balancer';
import { allOf } from './template/findings';
import type { FlueServers } from './template/flue-servers';
import { orDefault, UNKNOWN, type TemplateResource } from './template/value';
import { NODE_OPTIONS } from './template/variables';

/** How long the server outwaits the load balancer on an idle connection. */
export const KEEP_ALIVE_MARGIN = Duration.seconds(10);

export const KEEP_ALIVE_ABOVE_IDLE_TIMEOUT: Invariant = {
  id: 'KeepAliveAboveIdleTimeout',
  level: 'error',
  statement: 'The server keeps an idle connection open for longer than the load balancer does.',
  why: 'Node.js closes idle connections after 5 s (65 s from Node.js 26). If the load balancer reuses one at that moment, the client gets a 502.',
  limit: `server keep-alive > idle timeout (default: idle timeout + ${KEEP_ALIVE_MARGIN.toSeconds()} s)`,
  source: 'Node.js documentation, server.keepAliveTimeout; measured on Flue 0.10.2 and 2.0.3',
  fix: 'Raise `server.keepAliveTimeout` above the idle timeout; the constructs do it with a preload in NODE_OPTIONS.',
  rule: {

    resourceTypes: [TASK_DEFINITION, EXPRESS_SERVICE],
    check: (owner, servers) => {
      const idle = idleTimeoutAbove(owner, servers);
      return idle && allOf(...servers.serverContainers(owner).map(container => judgeKeepAlive(container, idle)));
    },
  },
};

/**
 * The NODE_OPTIONS word that raises the keep-alive of every HTTP server of the process.
 *
 * A `data:` module needs no file, so it works in any image.
 */
export function keepAlivePreload(keepAlive: Duration): string {
  const milliseconds = keepAlive.toMilliseconds();
  const script = 'import dc from "node:diagnostics_channel";'
    + `dc.subscribe("http.server.request.start",({server})=>{if(server.keepAliveTimeout<${milliseconds})server.keepAliveTimeout=${milliseconds}})`;
  return `${KEEP_ALIVE_PRELOAD_PREFIX}${script.replace(/ /g, '%20').replace(/"/g, '%22')}`;
}

/** How every preload of `keepAlivePreload` begins. */
export const KEEP_ALIVE_PRELOAD_PREFIX = '--import=data:text/javascript,';
/** Finds the milliseconds in a preload of `keepAlivePreload`. */
export const KEEP_ALIVE_PRELOAD_PATTERN = /server\.keepAliveTimeout=(\d+)/;

/** What loads code before the server does, and could set the keep-alive out of a template's sight. */
const OTHER_PRELOAD = /(^|\s)(--import|--require|-r|--experimental-loader|--loader)[=\s]/;

/** An idle timeout that a server stands behind: in seconds, or not known. */
type IdleTimeoutAbove = { readonly seconds?: number; readonly where: string };

/** The longest idle timeout in front of a server; undefined where no load balancer is known of. */
function idleTimeoutAbove(owner: TemplateResource, servers: FlueServers): IdleTimeoutAbove | undefined {
  const services = servers.servicesOf(owner);
  const loadBalancers = services.flatMap(service => servers.routing.loadBalancersOf(service))
    .filter(loadBalancer => orDefault(loadBalancer.at('Type').string(), 'application') === 'application');
  const timeouts = loadBalancers.map(loadBalancer => ({
    seconds: orDefault(attributeOf(loadBalancer, IDLE_TIMEOUT_ATTRIBUTE).number(), IMPLICIT_IDLE_TIMEOUT.toSeconds()),
    where: loadBalancer.path,
  }));
  const known = timeouts.filter((timeout): timeout is { seconds: number; where: string } => timeout.seconds !== UNKNOWN);
  if (known.length > 0) {
    return known.reduce((longest, timeout) => timeout.seconds > longest.seconds ? timeout : longest);
  }
  const express = services.find(service => service.type === EXPRESS_SERVICE);
  return express && { seconds: managedIdleTimeout(express, servers), where: `the load balancer of ${express.path}` };
}

/** The idle timeout that a custom resource gives the load balancer of an Express service. */
function managedIdleTimeout(express: TemplateResource, servers: FlueServers): number | undefined {
  const timeouts = customizersOf(servers.app, service => service === express).map(custom => customizedAttribute(custom, IDLE_TIMEOUT_ATTRIBUTE));
  return timeouts.find(seconds => typeof seconds === 'number');
}

function judgeKeepAlive(container: Container, idle: IdleTimeoutAbove): Finding[] | undefined {
  const options = container.variable(NODE_OPTIONS);
  if (options === UNKNOWN || options?.secret) {
    return undefined;
  }
  const texts = options?.value.texts() ?? [''];
  const kept = texts.map(text => KEEP_ALIVE_PRELOAD_PATTERN.exec(text)?.[1]);
  const milliseconds = kept[0];
  const name = String(container.name);
  // where the cases of a condition differ, only the deployment knows
  if (kept.some(other => other !== milliseconds)) {
    return undefined;
  }
  if (milliseconds === undefined) {
    return texts.some(text => OTHER_PRELOAD.test(`${text} ${container.commandLine}`) || text.includes('${')) ? undefined : [{
      found: `container ${name} leaves the keep-alive at Node's default, below the idle timeout of ${idle.where}`,
      location: `${container.location}/Environment`,
    }];
  }
  if (idle.seconds === undefined) {
    return undefined;
  }
  return Number(milliseconds) > idle.seconds * 1000 ? [] : [{
    found: `container ${name} keeps idle connections for ${Number(milliseconds) / 1000} s, must be above the ${idle.seconds} s of ${idle.where}`,
    location: `${container.location}/Environment`,
  }];
}
