import { UNKNOWN, type TemplateResource, type TemplateValue } from './value';

/** An attribute of a load balancer or target group; absent where the list does not name it, unknown where it could out of sight. */
export function attributeOf(resource: TemplateResource, key: string): TemplateValue {
  const name = resource.type.endsWith('::TargetGroup') ? 'TargetGroupAttributes' : 'LoadBalancerAttributes';
  const attributes = resource.at(name).list();
  if (attributes === UNKNOWN) {
    return resource.at(name).at(key);
  }
  const named = attributes.find(attribute => attribute.at('Key').string() === key);
  const hidden = attributes.find(attribute => attribute.at('Key').string() === UNKNOWN);
  return named?.at('Value') ?? hidden?.at('Key') ?? resource.at(name, key);
}
