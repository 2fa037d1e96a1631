import { join } from 'node:path';
import { CfnOutput, Duration, RemovalPolicy, Stack, TimeZone, type StackProps } from 'aws-cdk-lib';
import { GraphWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { FeaturePlan, Mfa, StandardThreatProtectionMode, UserPool } from 'aws-cdk-lib/aws-cognito';
import { Peer } from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-ecs';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import * as sm from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import {
  FlueAuth, FlueDashboard, FlueEventTarget, FlueExposure, FlueFargateService, FlueImage, FlueSandbox, FlueSandboxes, FlueWebhookVerifier,
} from 'cdk-flue';
import type { Construct } from 'constructs';
import type { FoundationStack } from './foundation-stack.ts';
import { RequestFilter } from './request-filter.ts';

export interface AgentsStackProps extends StackProps {
  readonly foundation: FoundationStack;
  /** The domain name of the agents, in an existing hosted zone. */
  readonly domainName: string;
  readonly hostedZoneId: string;
  readonly zoneName: string;
  /** The addresses of the offices. */
  readonly offices: string[];
  /** The bucket in which the organization keeps the access logs of all load balancers. */
  readonly logArchive: string;
}

/** The agents on Fargate. They admit people who are in the offices and have signed in. An inbox brings work that comes by itself, and commands run in sandboxes. */
export class AgentsStack extends Stack {
  public readonly agents: FlueFargateService;
  public readonly sandboxes: FlueSandboxes;

  public constructor(scope: Construct, id: string, props: AgentsStackProps) {
    super(scope, id, props);
    const { foundation, domainName, hostedZoneId, zoneName } = props;
    const { network, database } = foundation;

    const key = new Key(this, 'Key', { description: 'Logs, keys and notices of the Flue agents', enableKeyRotation: true });
    key.grantEncryptDecrypt(new ServicePrincipal('cloudwatch.amazonaws.com'));
    const operators = new Topic(this, 'Operators', { masterKey: key, enforceSSL: true });
    // Holds a random value at first. Put the key of your provider in: aws secretsmanager put-secret-value.
    const providerKey = new sm.Secret(this, 'ProviderKey', { description: 'ANTHROPIC_API_KEY of the Flue agents', encryptionKey: key });

    const generateSecretString = { passwordLength: 48, excludePunctuation: true };
    const inboxToken = new sm.Secret(this, 'InboxToken', { description: 'INBOX_TOKEN of the Flue agents', encryptionKey: key, generateSecretString });
    // Copy its value into the field "Secret" of the webhook on GitHub.
    const signingSecret = new sm.Secret(this, 'SigningSecret', { description: 'Signs what GitHub sends', encryptionKey: key, generateSecretString });

    const userPool = new UserPool(this, 'Users', {
      selfSignUpEnabled: false,
      mfa: Mfa.REQUIRED,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: { minLength: 14, requireDigits: true, requireLowercase: true, requireUppercase: true, requireSymbols: true },
      featurePlan: FeaturePlan.PLUS,
      standardThreatProtectionMode: StandardThreatProtectionMode.FULL_FUNCTION,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const userPoolClient = userPool.addClient('LoadBalancer', {
      generateSecret: true,
      oAuth: { flows: { authorizationCodeGrant: true }, callbackUrls: [`https://${domainName}/oauth2/idpresponse`] },
    });
    const domainPrefix = `flue-agents-${this.account}`;
    const userPoolDomain = userPool.addDomain('SignIn', { cognitoDomain: { domainPrefix } });

    this.agents = new FlueFargateService(this, 'Agents', {
      vpc: network.vpc,
      vpcSubnets: network.serverSubnets,
      database,
      image: new FlueImage(this, 'Image', { directory: join(import.meta.dirname, '../../../agents') }),
      cpu: 1024,
      memoryLimitMiB: 2048,
      environment: { MODEL_SPECIFIER: 'anthropic/claude-sonnet-4-6' },
      secrets: { ANTHROPIC_API_KEY: Secret.fromSecretsManager(providerKey), INBOX_TOKEN: Secret.fromSecretsManager(inboxToken) },
      redeployOnSecretChange: {},
      // On Flue 0.10 the inbox waits for the reply, for 14 minutes at most.
      longestRun: Duration.minutes(14),

      domainName,
      hostedZone: HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId, zoneName }),
      exposure: FlueExposure.toPeers(...props.offices.map(Peer.ipv4), foundation.waysOut),
      auth: FlueAuth.cognito({ userPool, userPoolClient, userPoolDomain, sessionTimeout: Duration.hours(10), publicPaths: ['/inbox/*'] }),
      webAcl: new RequestFilter(this, 'Filter', { logEncryptionKey: key }).webAcl,
      accessLogsBucket: Bucket.fromBucketName(this, 'LogArchive', props.logArchive),
      loadBalancerDeletionProtection: true,

      readonlyRootFilesystem: true,
      dropAllCapabilities: true,
      logRetention: RetentionDays.ONE_YEAR,
      logEncryptionKey: key,
    });
    this.agents.addAlarms({ topic: operators, rollBackDeployments: true });
    // The function is in the VPC, so that it comes from the addresses that the load balancer admits.
    const inbox = this.agents.addInbox({
      token: inboxToken, pathPrefix: '/inbox', vpc: network.vpc, topic: operators, logRetention: RetentionDays.ONE_YEAR, logEncryptionKey: key,
    });
    inbox.addSchedule('Nightly', {
      schedule: ScheduleExpression.cron({ hour: '3', minute: '0', timeZone: TimeZone.EUROPE_BERLIN }),
      target: FlueEventTarget.agent('assistant', { message: 'Write the report of the day.' }),
    });
    const webhookUrl = inbox.addWebhook('/hooks/github', {
      agentName: 'assistant', conversationField: 'issue.id', verify: FlueWebhookVerifier.github(signingSecret),
    });

    const ofAws = (service: string): string => `${service}.${this.region}.amazonaws.com`;
    this.sandboxes = new FlueSandboxes(this, 'Sandboxes', {
      vpc: network.vpc,
      sandbox: FlueSandbox.fargate({
        // All that the VPC looks up: the list holds for the server, the inbox and the rotation too.
        allowedDomains: [
          'api.anthropic.com', database.endpoint.hostname, domainName, `${domainPrefix}.auth.${this.region}.amazoncognito.com`,
          ofAws('ecs'), ofAws('secretsmanager'), ofAws('sqs'),
        ],
        topic: operators,
        logRetention: RetentionDays.ONE_YEAR,
        logEncryptionKey: key,
      }),
    });
    this.agents.addSandboxes(this.sandboxes);

    this.agents.addLogQueries();
    this.agents.addOperatorCommands();
    const { dashboard } = new FlueDashboard(this, 'Dashboard', { services: [this.agents], database });
    dashboard.addWidgets(new GraphWidget({ title: 'Running sandboxes', left: [this.sandboxes.metricRunningSandboxes()], leftYAxis: { min: 0 } }));

    new CfnOutput(this, 'Url', { value: this.agents.url, description: 'Where the agents answer' });
    new CfnOutput(this, 'WebhookUrl', { value: webhookUrl, description: 'The field "Payload URL" of the webhook on GitHub' });
  }
}
