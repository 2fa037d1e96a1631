import * as path from 'node:path';
import { Duration, Stack } from 'aws-cdk-lib';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct, type IConstruct } from 'constructs';
import type { FlueWebhookOptions } from './flue-webhook-options';
import { refuse } from '../invariants/invariant';
import { EVENT_LIMITS } from '../invariants/limits/events';
import { requireWritten } from '../invariants/limits/guard';
import { requireNoSecretTexts } from '../invariants/secrets-only';
import { isUnknown } from '../invariants/unknown';
import { WARNINGS } from '../invariants/warnings';

const CODE = path.join(__dirname, '..', '..', 'assets', 'events');
const API = 'Webhooks';

/** Refuses a webhook that nobody could call, or whose events no server could get. */
export function requireWebhook(scope: IConstruct, route: string, options: FlueWebhookOptions): void {
  requireNoSecretTexts(scope, { ...options, verify: undefined, ...options.verify?._scheme });
  requireWritten(scope, route, EVENT_LIMITS.path);
  for (const prop of ['agentName', 'conversationId', 'conversationField'] as const) {
    requireWritten(scope, options[prop], EVENT_LIMITS[prop]);
  }
  if (options.conversationId !== undefined && options.conversationField !== undefined) {
    refuse(scope, '`conversationField` must be left out with `conversationId`, got: both', 'Choose one: a fixed conversation, or one that the body names');
  }
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
export function buildWebhook(scope: Construct, route: string, queue: Queue, logRetention: RetentionDays, options: FlueWebhookOptions): string {
  const { verify, agentName, conversationId, conversationField } = options;
  const parent = scope.node.tryFindChild(API) as Construct | undefined ?? new Construct(scope, API);
  const api = parent.node.tryFindChild('Api') as HttpApi | undefined ?? new HttpApi(parent, 'Api', { description: 'Webhooks for a Flue server' });
  const place = new Construct(parent, idOf(route));
  const receiver = new LambdaFunction(place, 'Receiver', {
    description: 'Verifies a webhook, and puts it into the inbox of the Flue server',
    runtime: Runtime.NODEJS_22_X,
    architecture: Architecture.ARM_64,
    memorySize: 256,
    code: Code.fromAsset(CODE),
    handler: 'receive.handler',
    // Slack gives up after three seconds, and others soon after
    timeout: Duration.seconds(10),
    logGroup: new LogGroup(place, 'Logs', { retention: logRetention }),
    environment: {
      NAME: route,
      QUEUE_URL: queue.queueUrl,
      WEBHOOK: Stack.of(scope).toJsonString({ agentName, conversationId, conversationField, verify: verify?._scheme }),
      ...verify && { CREDENTIAL_ARN: verify._secret.secretArn },
    },
  });
  queue.grantSendMessages(receiver);
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
