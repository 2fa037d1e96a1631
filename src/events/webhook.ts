import { Duration, Stack } from 'aws-cdk-lib';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct, type IConstruct } from 'constructs';
import type { FlueWebhookOptions } from './flue-webhook-options';
import { buildReceiver, requireReceiver, type ReceivingInbox } from './receiver';
import { refuse } from '../invariants/invariant';
import { EVENT_LIMITS } from '../invariants/limits/events';
import { requireWritten } from '../invariants/limits/guard';
import { requireNoSecretValues } from '../invariants/secrets-only';
import { isUnknown } from '../invariants/unknown';
import { WARNINGS } from '../invariants/warnings';

const API = 'Webhooks';

/** Refuses a webhook that nobody could call, or whose events no server could get. */
export function requireWebhook(scope: IConstruct, route: string, options: FlueWebhookOptions): void {
  requireNoSecretValues(scope, { ...options, verify: undefined, ...options.verify?._scheme });
  requireWritten(scope, route, EVENT_LIMITS.path);
  requireReceiver(scope, options);
  if (isUnknown(route)) {
    refuse(scope, '`path` must be known at synthesis, got: a token', 'Write it out: the construct is named after it');
  }
  if (scope.node.tryFindChild(API)?.node.tryFindChild(idOf(route))) {
    refuse(scope, `\`addWebhook()\` must be called once for each path, got: ${route} again`, 'Choose another path');
  }
  options.verify?._require(scope);
}

/**
 * Adds a route, and the function behind it. It is a Lambda function because no authorizer of API Gateway sees a body, and a
 * signature is one of the bytes of the body.
 */
export function buildWebhook(scope: Construct, route: string, inbox: ReceivingInbox, options: FlueWebhookOptions): string {
  const { verify, agentName, conversationId, conversationField } = options;
  const parent = scope.node.tryFindChild(API) as Construct | undefined ?? new Construct(scope, API);
  const api = parent.node.tryFindChild('Api') as HttpApi | undefined ?? new HttpApi(parent, 'Api', { description: 'Webhooks for a Flue server' });
  const place = new Construct(parent, idOf(route));
  const receiver = buildReceiver(place, {
    description: 'Verifies a webhook, and puts it into the inbox of the Flue server',
    handler: 'receive.handler',
    // Slack gives up after three seconds, and others soon after
    timeout: Duration.seconds(10),
    logs: inbox._logs,
    environment: {
      NAME: route,
      WEBHOOK: Stack.of(scope).toJsonString({ agentName, conversationId, conversationField, verify: verify?._scheme }),
      ...verify && { CREDENTIAL_ARN: verify._secret.secretArn },
    },
  }, inbox.queue);
  verify?._secret.grantRead(receiver);
  api.addRoutes({ path: route, methods: [HttpMethod.POST], integration: new HttpLambdaIntegration(`${idOf(route)}Integration`, receiver) });
  if (!verify) {
    WARNINGS.webhookWithoutVerifier.give(scope, { path: route });
  }
  return `${api.apiEndpoint}${route}`;
}

function idOf(route: string): string {
  return route.slice(1).split('/').map(part => `${part.slice(0, 1).toUpperCase()}${part.slice(1)}`).join('-');
}
