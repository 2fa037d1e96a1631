import type { TemplateResource } from './value';

/** An integration of an HTTP API, and a method of a REST API, of Amazon API Gateway. */
export const HTTP_INTEGRATION = 'AWS::ApiGatewayV2::Integration';
export const REST_METHOD = 'AWS::ApiGateway::Method';
const VPC_LINK = 'AWS::ApiGateway::VpcLink';

/** What an integration of an API sends its requests to: listeners, load balancers, services of Cloud Map, instances. */
export function integrationTargets(api: TemplateResource): TemplateResource[] {
  const values = api.type === HTTP_INTEGRATION ? [api.at('IntegrationUri')]
    : ['Uri', 'IntegrationTarget', 'ConnectionId'].map(key => api.at('Integration', key));
  const named = values.flatMap(value => value.targets()).map(({ resource }) => resource);
  // the link of a REST API knows its load balancers
  const linked = named.filter(({ type }) => type === VPC_LINK).flatMap(link => link.at('TargetArns').targets()).map(({ resource }) => resource);
  return [...new Set([...named, ...linked])];
}
