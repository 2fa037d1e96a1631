import { API_TYPES, HTTP_API, HTTP_INTEGRATION, isEdgeOptimized, REST_API } from './api-gateway';
import { SERVICE, type FlueServers } from './flue-servers';
import { DISTRIBUTION, ENDPOINT_GROUP, LISTENER } from './routing';
import { textsOf } from './texts';
import { orDefault, UNKNOWN, type Maybe, type TemplateResource } from './value';
import { INTERMEDIARY_TIMERS, type IntermediaryTimer } from '../limits/intermediaries';

/** The resources on which a timer of an intermediary stands, the Application Load Balancer's own left to its rule. */
export const INTERMEDIARY_TYPES = [DISTRIBUTION, ENDPOINT_GROUP, LISTENER, SERVICE, ...API_TYPES];

/** One timer in front of a server as a template sets it. */
export interface TimerInFront {
  readonly timer: IntermediaryTimer;
  readonly seconds: Maybe<number>;
  readonly location: string;
  /** The services, groups and instances that stand behind it. */
  readonly behind: TemplateResource[];
}

/** The timers that a resource sets in front of Flue servers: none where it has no part in that, unknown where only the deployment knows. */
export function timersInFront(resource: TemplateResource, servers: FlueServers): TimerInFront[] | undefined {
  switch (resource.type) {
    case DISTRIBUTION:
      return ofDistribution(resource, servers);
    case ENDPOINT_GROUP:
      return [{
        timer: INTERMEDIARY_TIMERS.globalAccelerator,
        seconds: undefined,
        location: 'Properties/EndpointConfigurations',
        behind: servers.routing.registrantsOfGroup(resource),
      }];
    case LISTENER:
      return ofNetworkListener(resource, servers);
    case SERVICE:
      return ofServiceConnect(resource, servers);
    case HTTP_API:
    case REST_API:
      return ofWholeApi(resource, servers);
    default:
      return ofApi(resource, servers);
  }
}

function ofDistribution(distribution: TemplateResource, servers: FlueServers): TimerInFront[] | undefined {
  const origins = distribution.at('DistributionConfig', 'Origins').list();
  return origins === UNKNOWN ? undefined : origins.flatMap((origin, index) => {
    const loadBalancer = servers.routing.loadBalancersOfOrigin(origin).find(found => servers.contains(found));
    const kind = origin.at('VpcOriginConfig').absent ? 'CustomOriginConfig' : 'VpcOriginConfig';
    if (!loadBalancer) {
      return [];
    }
    const location = `Properties/DistributionConfig/Origins/${index}`;
    const behind = servers.routing.registrantsBehind(loadBalancer);
    const whole = origin.at('ResponseCompletionTimeout');
    const timers: TimerInFront[] = [
      { timer: INTERMEDIARY_TIMERS.cloudFront, seconds: origin.at(kind, 'OriginReadTimeout').number(), location: `${location}/${kind}`, behind },
    ];
    if (!whole.absent) {
      timers.push({ timer: INTERMEDIARY_TIMERS.cloudFrontWhole, seconds: whole.number(), location, behind });
    }
    return timers;
  });
}

/** Only a TCP listener has an attribute for it. */
function ofNetworkListener(listener: TemplateResource, servers: FlueServers): TimerInFront[] | undefined {
  const loadBalancer = servers.routing.loadBalancerOf(listener);
  const protocol = listener.at('Protocol').string();
  if (!loadBalancer || loadBalancer.at('Type').string() !== 'network' || (protocol !== 'TCP' && protocol !== 'TLS')) {
    return undefined;
  }
  const timer = INTERMEDIARY_TIMERS.networkLoadBalancer;
  const attributes = listener.at('ListenerAttributes');
  const list = attributes.list();
  const named = list === UNKNOWN ? attributes : list.find(attribute => attribute.at('Key').string() === timer.property)?.at('Value');
  return [{
    timer: protocol === 'TLS' ? { ...timer, fixed: true } : timer,
    seconds: protocol === 'TLS' ? undefined : named?.number(),
    location: `Properties/ListenerAttributes/${timer.property}`,
    behind: servers.routing.registrantsThrough(listener),
  }];
}

/** Protocols that Service Connect follows request by request. */
const REQUEST_PROTOCOLS = ['http', 'http2', 'grpc'];

function ofServiceConnect(service: TemplateResource, servers: FlueServers): TimerInFront[] | undefined {
  const connect = service.at('ServiceConnectConfiguration');
  const published = connect.at('Services').list();
  if (published === UNKNOWN || connect.at('Enabled').boolean() !== true) {
    return undefined;
  }
  const location = 'Properties/ServiceConnectConfiguration/Services';
  return published.flatMap((entry, index) => !isHttp(service, entry.at('PortName').string(), servers) ? []
    : [INTERMEDIARY_TIMERS.serviceConnectRequest, INTERMEDIARY_TIMERS.serviceConnectIdle].map(timer => ({
      timer, seconds: entry.at('Timeout', timer.property).number(), location: `${location}/${index}/Timeout`, behind: [service],
    })));
}

/** Whether a port that a service publishes is one of its Flue server, and speaks HTTP to Service Connect. */
function isHttp(service: TemplateResource, portName: Maybe<string>, servers: FlueServers): boolean {
  const owner = servers.containerOwnerOf(service);
  const containers = owner ? servers.serverContainers(owner) : [];
  return containers.some(container => {
    const ports = container.definition.at('PortMappings').list();
    return ports !== UNKNOWN && ports.some(port => port.at('Name').string() === portName && typeof portName === 'string'
      && REQUEST_PROTOCOLS.includes(String(orDefault(port.at('AppProtocol').string(), ''))));
  });
}

function ofApi(api: TemplateResource, servers: FlueServers): TimerInFront[] | undefined {
  const integration = api.type === HTTP_INTEGRATION ? api.at() : api.at('Integration');
  const behind = servers.behindApi(api);
  if (behind.length === 0) {
    return undefined;
  }
  const milliseconds = integration.at('TimeoutInMillis').number();
  const seconds = typeof milliseconds === 'number' ? milliseconds / 1000 : milliseconds;
  const location = api.type === HTTP_INTEGRATION ? 'Properties/TimeoutInMillis' : 'Properties/Integration/TimeoutInMillis';
  const mode = api.type === HTTP_INTEGRATION ? 'BUFFERED' : orDefault(integration.at('ResponseTransferMode').string(), 'BUFFERED');
  if (mode === UNKNOWN) {
    return undefined;
  }
  const timer = api.type === HTTP_INTEGRATION ? INTERMEDIARY_TIMERS.httpApi
    : mode === 'STREAM' ? INTERMEDIARY_TIMERS.restApiStream : INTERMEDIARY_TIMERS.restApi;
  return [
    { timer, seconds, location, behind },
    ...timer === INTERMEDIARY_TIMERS.restApiStream ? silenceOf(api).map(silence => ({ timer: silence, seconds: undefined, location, behind })) : [],
  ];
}

/** What a document or a quick creation integrates; a document that says how long it waits is left to its author. */
function ofWholeApi(api: TemplateResource, servers: FlueServers): TimerInFront[] | undefined {
  const behind = servers.behindApi(api);
  const isSaid = [...textsOf(api.at('Body'))].some(({ name }) => /^(timeoutInMillis|responseTransferMode)$/i.test(name));
  return behind.length === 0 || isSaid ? undefined : [{
    timer: api.type === HTTP_API ? INTERMEDIARY_TIMERS.httpApi : INTERMEDIARY_TIMERS.restApi,
    seconds: undefined,
    location: api.at('Target').absent ? 'Properties/Body' : 'Properties/Target',
    behind,
  }];
}

/** How long a stream of a REST API may be silent; none where only the deployment knows its kind. */
function silenceOf(method: TemplateResource): IntermediaryTimer[] {
  const edge = isEdgeOptimized(method);
  return edge === UNKNOWN ? [] : [edge ? INTERMEDIARY_TIMERS.edgeApiSilence : INTERMEDIARY_TIMERS.restApiSilence];
}
