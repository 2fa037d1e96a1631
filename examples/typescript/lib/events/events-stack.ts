import { join } from 'node:path';
import { CfnOutput, Duration, Stack, TimeZone, type StackProps } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-ecs';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import * as sm from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { FlueEventTarget, FlueExposure, FlueFargateService, FlueImage, FlueModel, FlueWebhookVerifier } from 'cdk-flue';
import type { Construct } from 'constructs';
import { acknowledgeEvents } from './acknowledgements.ts';
import type { EventsDataStack } from './data-stack.ts';

export interface EventsStackProps extends StackProps {
  readonly data: EventsDataStack;
}

/** The agents on Fargate, whom only their inbox may call: a job each night, and the issues of a repository on GitHub. */
export class EventsStack extends Stack {
  public constructor(scope: Construct, id: string, props: EventsStackProps) {
    super(scope, id, props);
    const { network, database } = props.data;

    // Holds a random value at first. Put the key of your provider in: aws secretsmanager put-secret-value.
    const providerKey = new sm.Secret(this, 'ProviderKey', { description: 'ANTHROPIC_API_KEY of the Flue agents' });
    const generateSecretString = { passwordLength: 48, excludePunctuation: true };
    const apiToken = new sm.Secret(this, 'ApiToken', { description: 'API_TOKEN of the Flue agents', generateSecretString });
    // Copy its value into the field "Secret" of the webhook on GitHub.
    const signingSecret = new sm.Secret(this, 'SigningSecret', { description: 'Signs what GitHub sends', generateSecretString });
    // Subscribe whoever looks after the dead letters.
    const operators = new Topic(this, 'Operators', { enforceSSL: true });

    const agents = new FlueFargateService(this, 'Agents', {
      vpc: network.vpc,
      vpcSubnets: network.serverSubnets,
      database,
      image: new FlueImage(this, 'Image', { directory: join(import.meta.dirname, '../../../agents') }),
      model: FlueModel.anthropic(Secret.fromSecretsManager(providerKey), 'claude-sonnet-4-6'),
      secrets: { API_TOKEN: Secret.fromSecretsManager(apiToken) },
      exposure: FlueExposure.internal(),
      // On Flue 0.10 the inbox waits for the reply, for 14 minutes at most.
      longestRun: Duration.minutes(14),
    });
    agents.addOperatorCommands();

    const inbox = agents.addInbox({ token: apiToken, topic: operators });
    inbox.addSchedule('Nightly', {
      schedule: ScheduleExpression.cron({ hour: '3', minute: '0', timeZone: TimeZone.EUROPE_BERLIN }),
      target: FlueEventTarget.agent('assistant', { message: 'Write the report of the day.' }),
    });
    const webhookUrl = inbox.addWebhook('/hooks/github', {
      agentName: 'assistant',
      conversationField: 'issue.id',
      verify: FlueWebhookVerifier.github(signingSecret),
    });

    new CfnOutput(this, 'WebhookUrl', { value: webhookUrl, description: 'The field "Payload URL" of the webhook on GitHub' });
    acknowledgeEvents(this, agents);
  }
}
