import { UNKNOWN, type Maybe, type TemplateResource } from './value';

/** An integration of an HTTP API, and a method of a REST API, of Amazon API Gateway. */
export const HTTP_INTEGRATION = 'AWS::ApiGatewayV2::Integration';
export const REST_METHOD = 'AWS::ApiGateway::Method';
/** Whole APIs: their integrations may stand in a document, or be the target of a quick creation. */
export const HTTP_API = 'AWS::ApiGatewayV2::Api';
export const REST_API = 'AWS::ApiGateway::RestApi';
export const API_TYPES = [HTTP_INTEGRATION, REST_METHOD, HTTP_API, REST_API];
const EDGE = 'EDGE';
const VPC_LINK = 'AWS::ApiGateway::VpcLink';

/** What an integration of an API, or a whole API, sends its requests to: listeners, load balancers, services of Cloud Map, instances. */
export function integrationTargets(api: TemplateResource): TemplateResource[] {
  const values = api.type === HTTP_INTEGRATION ? [api.at('IntegrationUri')]
    : api.type === REST_METHOD ? ['Uri', 'IntegrationTarget', 'ConnectionId'].map(key => api.at('Integration', key))
      : [api.at('Target'), api.at('Body')];
  const named = values.flatMap(value => value.targets()).map(({ resource }) => resource);
  // the link of a REST API knows its load balancers
  const linked = named.filter(({ type }) => type === VPC_LINK).flatMap(link => link.at('TargetArns').targets()).map(({ resource }) => resource);
  return [...new Set([...named, ...linked])];
}

/** Whether the REST API of a method is edge-optimized, as each is that does not say otherwise; one of another template is taken for regional. */
export function isEdgeOptimized(method: TemplateResource): Maybe<boolean> {
  const api = method.at('RestApiId').target(REST_API)?.resource;
  if (!api) {
    return false;
  }
  const configuration = api.at('EndpointConfiguration');
  const types = configuration.at('Types').list();
  if (types === UNKNOWN) {
    return UNKNOWN;
  }
  const known = types.map(type => type.string());
  return known.includes(UNKNOWN) ? UNKNOWN : known.length === 0 || known.includes(EDGE);
}
