import type { AppResources } from './app-resources';
import { EXPRESS_SERVICE } from './containers';
import { UNKNOWN, type Maybe, type TemplateResource } from './value';

/** The custom resource with which FlueExpressService sets what ECS Express Mode has no property for. */
export const EXPRESS_TIMERS_TYPE = 'Custom::FlueExpressLoadBalancerTimers';
/** The custom resource with which the CDK makes any call to AWS. */
export const AWS_CALL = 'Custom::AWS';

/** The properties of our custom resource, by the attribute that each sets. */
const PROPERTIES: Readonly<Record<string, string>> = {
  'idle_timeout.timeout_seconds': 'IdleTimeoutSeconds',
  'deregistration_delay.timeout_seconds': 'DeregistrationDelaySeconds',
};

/** The custom resources that change what Express Mode manages for a service. */
export function customizersOf(app: AppResources, isService: (resource: TemplateResource) => boolean): TemplateResource[] {
  return app.ofType(EXPRESS_TIMERS_TYPE, AWS_CALL)
    .filter(custom => custom.at().targets().some(({ resource }) => resource.type === EXPRESS_SERVICE && isService(resource)));
}

/** What a custom resource sets an attribute to; absent where it does not touch it. */
export function customizedAttribute(custom: TemplateResource, attribute: string): Maybe<number> {
  if (custom.type === EXPRESS_TIMERS_TYPE) {
    return custom.at(PROPERTIES[attribute]).number();
  }
  // the call stands there as JSON in a string; an update counts before what was once created
  const calls = [custom.at('Update').text(), custom.at('Create').text()];
  const call = calls.find(text => text.includes(attribute));
  if (call === undefined) {
    return undefined;
  }
  const value = new RegExp(`"${attribute.replace('.', '\\.')}",\\s*"Value":\\s*"?(\\d+)`).exec(call)?.[1];
  return value === undefined ? UNKNOWN : Number(value);
}
