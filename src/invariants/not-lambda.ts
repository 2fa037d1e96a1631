import type { Invariant } from './invariant';
import { declaresFlue, FUNCTION_TYPES, isFlueFunction } from './template/traits';
import type { TemplateResource } from './template/value';

export const NOT_LAMBDA: Invariant = {
  id: 'NotLambda',
  level: 'error',
  statement: 'The server does not run as a Lambda function.',
  why: 'The server keeps sessions in memory and streams open for minutes. A Lambda function has neither a lasting process nor the time.',
  limit: 'no image or bundle of a Flue server in `AWS::Lambda::Function` or `AWS::Lambda::WebFunction`',
  source: 'Flue deployment guide for AWS, Lambda',
  fix: 'Run it with FlueFargateService, FlueExpressService or FlueEc2Service.',
  rule: {
    resourceTypes: FUNCTION_TYPES,
    check: lambda => isFlueFunction(lambda) || isNamedItself(lambda) || declaresFlue(lambda)
      ? [{ found: 'a Lambda function runs the Flue server', location: 'Properties' }]
      : undefined,
  },
};

/** A function that is somewhere below a named scope may be a helper; one that is named itself is the server. */
function isNamedItself(lambda: TemplateResource): boolean {
  const { path } = lambda.scopes.server ?? {};
  return path !== undefined && (lambda.path === path || lambda.path === `${path}/Resource`);
}
