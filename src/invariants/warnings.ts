import { Annotations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { isFindingAcknowledged, markAsStated } from './stated-findings';

/** The texts of a warning; `V` holds the values that they quote. */
interface WarningText<V> {
  /** The problem and its consequence, as whole sentences. */
  readonly says: (values: V) => string;
  /** The condition under which a construct warns, as a clause after "when". */
  readonly when: string;
  /** The way out, as a sentence in the imperative. */
  readonly fix: (values: V) => string;
  /** The values that docs/warnings.md shows. */
  readonly example: V;
  /** Id of the finding of FlueChecks that states the same fact of the resources below the construct. */
  readonly finding?: string;
}

/** A warning about something that is legal and risky. */
export class Warning<V = void> {
  /** Stable public id, by which it is acknowledged. */
  public readonly id: string;
  public readonly when: string;
  /** Id of the finding that this warning stands for. */
  public readonly finding?: string;
  private readonly text: WarningText<V>;

  public constructor(id: string, text: WarningText<V>) {
    this.id = `cdk-flue:${id}`;
    this.when = text.when;
    this.finding = text.finding;
    this.text = text;
  }

  /** Adds the warning to a construct; the same text only once. */
  public give(scope: IConstruct, values: V): void {
    if (this.finding !== undefined) {
      this.standFor(this.finding, scope);
    }
    Annotations.of(scope).addWarningV2(this.id, `${this.text.says(values)} ${this.text.fix(values)}`);
  }

  /** FlueChecks does not repeat the finding; whoever acknowledged it acknowledged this warning. */
  private standFor(finding: string, scope: IConstruct): void {
    markAsStated(scope, finding);
    // Acknowledgements follow the construct: they are complete when CDK validates the tree, before it writes the warnings.
    scope.node.addValidation({
      validate: () => {
        if (isFindingAcknowledged(scope, finding)) {
          Annotations.of(scope).acknowledgeWarning(this.id);
        }
        return [];
      },
    });
  }

  /** Its texts, with the values that the docs show. */
  public get shown(): { readonly says: string; readonly fix: string } {
    return { says: this.text.says(this.text.example), fix: this.text.fix(this.text.example) };
  }
}

/** Every warning of the constructs. An id is public, and never renamed. */
export const WARNINGS = {
  unknownName: new Warning<{ name: string; meant: string }>('Props.unknownName', {
    says: ({ name }) => `\`${name}\` is no prop of the construct, and nothing reads it.`,
    when: 'a constructor gets a name that is no prop, from JavaScript or from a spread, and a prop that is left out has nearly the same name',
    fix: ({ meant }) => `Write \`${meant}\`. If the object holds props of another construct too, acknowledge this warning.`,
    example: { name: 'secret', meant: 'secrets' },
  }),
  propOfAnother: new Warning<{ name: string; owner: string; service: string }>('Props.propOfAnother', {
    says: ({ name, owner, service }) => `\`${name}\` is a prop of ${owner} and none of ${service}, so nothing reads it.`,
    when: 'a service gets a prop that only another service has, from JavaScript or from a spread, such as `auth` on a box',
    fix: ({ owner }) => `Take it out, or use ${owner}. If the object holds the props of several services, acknowledge this warning.`,
    example: { name: 'auth', owner: 'FlueFargateService', service: 'FlueEc2Service' },
  }),
  scaleOut: new Warning<{ maxTasks: number }>('OneLiveOwner.scaleOut', {
    says: ({ maxTasks }) => `\`maxTasks\` is ${maxTasks}. Two processes on one schema lose some replies on Flue 0.10, and deliver some 30 to 60 s late on 2.x. Postgres lets another server take over; it does not let two servers work at once.`,
    when: '`maxTasks` is above 1',
    fix: () => 'Keep it at 1, share the ids out over several schemas with FlueShardedService, or acknowledge this warning.',
    example: { maxTasks: 2 },
    finding: 'Flue-OneLiveOwner[scaleOut]',
  }),
  overlap: new Warning<{ what: string }>('OneLiveOwner.overlap', {
    says: ({ what }) => `${what}: the old and the new process are live together during a deployment. Up to Flue 1.x, you can lose replies of that time. On 2.x, prompts in flight resume about 44 s later.`,
    when: 'the deployment is rolling or blue/green, or the platform is Express',
    fix: () => 'Deploy with `FlueDeployment.recreate()` on Fargate, or acknowledge this warning if that is acceptable.',
    example: { what: 'The deployment is rolling' },
    finding: 'Flue-OneLiveOwner[overlap]',
  }),
  sharedSchema: new Warning<{ name: string; others: string }>('SchemaOwner.shared', {
    says: ({ name, others }) => `The server has the ${name} of ${others} too. Several servers on one schema lose some replies on Flue 0.10, and deliver some 30 to 60 s late on 2.x.`,
    when: 'another server of the app reads the same DATABASE_URL, or another connection string in its place, and FlueChecks is not added to the app; with it, this is an error',
    fix: () => 'Give each server a schema of its own, as in `database.addSchema(\'Support\')`. If each server sets a schema of its own on its connections, acknowledge this warning.',
    example: { name: 'DATABASE_URL', others: 'Agents/Sales/Service/Service' },
  }),
  fargatePlainHttp: new Warning<void>('FlueFargateService.plainHttp', {
    says: () => 'The listener is plain HTTP: prompts, replies and the app\'s own tokens cross the network unencrypted.',
    when: 'the service has no certificate, no domain and no CloudFront',
    fix: () => 'Pass `certificate`, `domainName` with `hostedZone`, a listener of HTTPS, or `FlueExposure.cloudFront()` if you have no domain. If something with TLS stands in front, acknowledge this warning.',
    example: undefined,
    finding: 'Flue-EncryptedTransport',
  }),
  boxPlainHttp: new Warning<void>('FlueEc2Service.plainHttp', {
    says: () => 'The server speaks plain HTTP: prompts, replies and the app\'s own tokens cross the network unencrypted.',
    when: 'the box has no `domainName`',
    fix: () => 'Pass `domainName`. If clients reach the box through a network that you trust, acknowledge this warning.',
    example: undefined,
  }),
  publicWithoutAuthentication: new Warning<{ way: string }>('FlueService.publicWithoutAuthentication', {
    says: () => 'Everyone on the internet can reach the server, and Flue\'s agent routes have no authentication of their own. Anyone who finds the address can prompt the agents at your expense.',
    when: 'the address is public, or on ECS Express Mode the subnets are not known to be private; `exposure` admits everyone, and there is no `auth`; a web ACL filters requests, but authenticates no caller',
    fix: ({ way }) => `${way}. If the app itself asks every caller for a token, acknowledge this warning.`,
    example: { way: 'Pass `auth`, or list who may connect in `exposure`' },
  }),
  everyTokenOfIssuer: new Warning<void>('FlueAuth.everyTokenOfIssuer', {
    says: () => 'Anyone with a token of the issuer can call the server, even if the token was issued for another application.',
    when: '`FlueAuth.jwt` has no `claims`',
    fix: () => 'List in `claims` what only the tokens for this server say, such as `FlueJwtClaim.singleString(\'aud\', …)`. If the issuer serves nothing else, acknowledge this warning.',
    example: undefined,
  }),
  identityOutOfReach: new Warning<void>('FlueAuth.noWayOut', {
    says: () => 'The load balancer has no public address, and its subnets have no NAT gateway, so it cannot reach the identity provider. Every request that `auth` guards would fail.',
    when: 'an internal load balancer with `auth` is in public or isolated subnets',
    fix: () => 'Use private subnets with a NAT gateway. If your network has another route to the internet, acknowledge this warning.',
    example: undefined,
  }),
  providerOutOfReach: new Warning<{ variables: string[] }>('FlueService.noWayOut', {
    says: ({ variables }) => `The server has ${variables.join(', ')}, and its subnets have no route to the internet: every prompt would time out.`,
    when: 'the server has the key of a model provider, and runs in isolated subnets',
    fix: () => 'Use subnets with a route to the internet, or a model on Amazon Bedrock with its VPC endpoint. If the server reaches the provider through a proxy of yours, acknowledge this warning.',
    example: { variables: ['ANTHROPIC_API_KEY'] },
  }),
  imageOutOfReach: new Warning<{ images: string[] }>('FlueService.imageOutOfReach', {
    says: ({ images }) => `The task pulls ${images.join(' and ')}, and its subnets have no route to the internet: it would never start.`,
    when: 'an image is not in Amazon ECR, and the task runs in isolated subnets',
    fix: () => 'Use subnets with a route to the internet, or copy the image to Amazon ECR, which has VPC endpoints. If the registry is in your network, acknowledge this warning.',
    example: { images: ['docker.io/example/agents:1'] },
  }),
  tracesOutOfReach: new Warning<void>('FlueService.tracesOutOfReach', {
    says: () => 'The collector sends traces to AWS X-Ray, and its subnets have neither a route to the internet nor an endpoint of X-Ray: every trace is lost.',
    when: '`FlueTelemetry.adot()` without a `config` runs in isolated subnets, and the app makes no endpoint of X-Ray in their VPC',
    fix: () => 'Add `ec2.InterfaceVpcEndpointAwsService.XRAY` to `services` of `FlueEgress.vpcEndpoints()`. If the VPC has that endpoint, acknowledge this warning.',
    example: undefined,
  }),
  databaseInSameStack: new Warning<{ database: string }>('FlueService.databaseInSameStack', {
    says: ({ database }) => `The server is in one stack with its database ${database}, which has deletion protection. If the first deployment fails, `
      + 'CloudFormation cannot delete the database, and the stack stays in ROLLBACK_FAILED.',
    when: '`database` is in the stack of the service and has deletion protection',
    fix: () => 'Put the database, and its VPC, into a stack of its own; for a trial, pass `deletionProtection: false`.',
    example: { database: 'Stack/Database' },
  }),
  zones: new Warning<{ lacks: string; areChosen: boolean }>('FlueNetwork.zones', {
    says: ({ lacks, areChosen }) => `The subnets of the server are in availability zones that ${areChosen ? 'you chose' : 'AWS picks for each account'}, and ${lacks}. A server there does not start.`,
    when: 'a network that the library makes has, or by chance gets, a zone that lacks what the server needs',
    fix: () => 'Pass `availabilityZoneIds` of other zones to FlueNetwork. If you looked up the zones of your account, or AWS serves the zone by now, acknowledge this warning.',
    example: { lacks: 'use1-az3 has no AWS Fargate on ARM64', areChosen: false },
  }),
  sandboxDns: new Warning<void>('FlueSandboxes.dns', {
    says: () => 'The resolver of the VPC answers every name that a sandbox looks up. A command in it can carry data out in names, slowly, past every security group.',
    when: 'a FlueSandboxes has no `allowedDomains`',
    fix: () => 'Pass `allowedDomains` with the names that your servers look up. If a firewall of yours filters the DNS of the VPC, or you accept it, acknowledge this warning.',
    example: undefined,
  }),
  sandboxCodeInterpreterOut: new Warning<{ reaches: string }>('FlueSandboxes.codeInterpreterOut', {
    says: ({ reaches }) => `A session of the code interpreter reaches ${reaches}. A command in it can carry data out there.`,
    when: 'a FlueSandboxes is a code interpreter outside of a VPC',
    fix: () => 'Pass `CodeInterpreterNetworkConfiguration.usingVpc(…)` with isolated subnets, or take `FlueSandbox.fargate()`. If you accept it, acknowledge this warning.',
    example: { reaches: 'every bucket of Amazon S3, and has every name looked up' },
  }),
  sandboxOutOfReach: new Warning<void>('FlueService.sandboxOutOfReach', {
    says: () => 'The server starts sessions of a code interpreter, and its subnets have neither a route to the internet nor an endpoint of Amazon Bedrock AgentCore: it reaches none.',
    when: '`addSandboxes()` of a server in isolated subnets gets a code interpreter, and the app makes no endpoint of AgentCore in their VPC',
    fix: () => 'Add `ec2.InterfaceVpcEndpointAwsService.BEDROCK_AGENTCORE` to `services` of `FlueEgress.vpcEndpoints()`. If the VPC has that endpoint, acknowledge this warning.',
    example: undefined,
  }),
  sandboxEndpointPolicy: new Warning<{ endpoint: string }>('FlueSandboxes.endpointPolicy', {
    says: ({ endpoint }) => `The construct cannot change the policy of the VPC endpoint ${endpoint}. If it admits credentials of other accounts, or every bucket, a sandbox can carry data out through it.`,
    when: 'an endpoint of `endpoints` is imported, or the ranges of the subnets are not known for the policy of the one of Amazon S3',
    fix: () => 'Let its policy admit your own account alone, and from the subnets of the sandboxes the bucket `prod-<region>-starport-layer-bucket` alone. Then acknowledge this warning.',
    example: { endpoint: 'Stack/EcrApi' },
  }),
  sandboxEgressElsewhere: new Warning<{ what: string }>('FlueSandboxes.egressElsewhere', {
    says: ({ what }) => `${what} is in another VPC than the sandboxes, whose subnets have no route to it of this library.`,
    when: '`proxy` or one of `endpoints` of a FlueSandboxEgress has a security group of another VPC',
    fix: () => 'Pass one in the VPC of the pool. If you connect the two VPCs, as by peering, with routes in the subnets of the sandboxes, acknowledge this warning.',
    example: { what: 'Stack/Proxy' },
  }),
  sandboxEgressPolicy: new Warning<{ endpoint: string }>('FlueSandboxes.egressPolicy', {
    says: ({ endpoint }) => `The construct knows of no policy on the VPC endpoint ${endpoint}. If the endpoint admits credentials of other accounts, a command that brings some along can carry data out through it.`,
    when: 'one of `endpoints` of `FlueSandboxEgress.vpcEndpoints()` is imported, or has no policy though it is one of an AWS service',
    fix: () => 'Let its policy admit your own account alone. If it does, or the service is none of AWS, acknowledge this warning.',
    example: { endpoint: 'Stack/Bedrock' },
  }),
  inboxOutOfReach: new Warning<void>('FlueInbox.noWayOut', {
    says: () => 'The function of the inbox has no public address, and its subnets have no NAT gateway, so it needs VPC endpoints. Without them, no event is delivered.',
    when: 'the server is internal, and the function of its inbox runs in public or isolated subnets',
    fix: () => 'Add `vpc.addInterfaceEndpoint(…)` for Amazon SQS, and for AWS Secrets Manager if the inbox has a `token`, or pass private subnets with a NAT gateway in `vpcSubnets`. Then acknowledge this warning.',
    example: undefined,
  }),
  scheduleOver: new Warning<{ schedule: string }>('FlueInbox.scheduleOver', {
    says: ({ schedule }) => `The schedule ${schedule} is over: it fires no more.`,
    when: 'the years of a cron expression, the time of `ScheduleExpression.at(…)` or the `end` of a schedule have passed',
    fix: () => 'Remove the schedule, or change its time. If it is to stay as it is, acknowledge this warning.',
    example: { schedule: 'cron(0 3 1 1 ? 2026)' },
  }),
  unknownAgent: new Warning<{ name: string; folder: string }>('FlueInbox.unknownAgent', {
    says: ({ name, folder }) => `The app has no file ${folder}/${name}, and no source file names such a path. The server answers 404, and each event becomes a dead letter.`,
    when: 'a schedule, a webhook or an event pattern names an agent or a workflow that the source of the app does not have',
    fix: () => 'Correct the name. If the app makes the path while it runs, acknowledge this warning.',
    example: { name: 'assistent', folder: 'agents' },
  }),
  webhookWithoutVerifier: new Warning<{ path: string }>('FlueInbox.webhookWithoutVerifier', {
    says: ({ path }) => `Anyone on the internet can send events to ${path}, which has no verifier: they prompt the agent at your expense, in whatever words they choose.`,
    when: '`addWebhook()` has no `verify`',
    fix: () => 'Pass `FlueWebhookVerifier.github(…)`, `.slack(…)`, `.stripe(…)` or `.hmac(…)`. If something else turns strangers away, acknowledge this warning.',
    example: { path: '/hooks/github' },
  }),
  dataVolumeEncryption: new Warning<{ volume: string; isImported: boolean }>('FlueEc2Service.dataVolumeEncryption', {
    says: ({ volume, isImported }) => `${isImported ? `The construct cannot tell whether the imported volume ${volume} is encrypted.` : `The volume ${volume} is not encrypted.`} Its snapshots give what agents keep to whoever can copy them.`,
    when: '`dataVolume` is a volume of this app without `encrypted`, or an import without `encryptionKey`',
    fix: () => 'Copy a snapshot of it with encryption, and begin a new volume with that in `dataVolumeSnapshot`. If the volume is encrypted, as each that FlueEc2Service makes is, acknowledge this warning.',
    example: { volume: 'Stack/Left', isImported: true },
  }),
  accessLogsBucketPolicy: new Warning<{ bucket: string }>('FlueFargateService.accessLogsBucketPolicy', {
    says: ({ bucket }) => `The construct cannot change the policy of the imported bucket ${bucket}. If it does not allow Elastic Load Balancing to write, the deployment fails.`,
    when: '`accessLogsBucket` is imported',
    fix: () => 'Allow `logdelivery.elasticloadbalancing.amazonaws.com` to put objects in the policy of the bucket. Then acknowledge this warning.',
    example: { bucket: 'Stack/Logs' },
  }),
  logKeyPolicy: new Warning<{ region: string }>('FlueService.logKeyPolicy', {
    says: () => 'The construct cannot change the policy of the imported `logEncryptionKey`. If it does not allow CloudWatch Logs to use the key, the deployment fails.',
    when: '`logEncryptionKey` is imported',
    fix: ({ region }) => `Allow \`logs.${region}.amazonaws.com\` to encrypt and decrypt in the policy of the key. Then acknowledge this warning.`,
    example: { region: 'eu-west-1' },
  }),
  budgetTopicPolicy: new Warning<{ topic: string }>('FlueBudget.topicPolicy', {
    says: ({ topic }) => `The construct cannot change the policy of the imported topic ${topic}. If it does not allow AWS Budgets to publish, no message arrives, and the deployment can fail.`,
    when: '`topic` of FlueBudget is imported',
    fix: () => 'Allow `budgets.amazonaws.com` to publish in the policy of the topic. Then acknowledge this warning.',
    example: { topic: 'Stack/Operators' },
  }),
  budgetTopicKey: new Warning<{ topic: string }>('FlueBudget.topicKey', {
    says: ({ topic }) => `The construct cannot change the policy of the key of the topic ${topic}. If it does not allow AWS Budgets to use the key, no message arrives. That of \`alias/aws/sns\` never does.`,
    when: 'the key of `topic` is imported, or is the one of AWS',
    fix: () => 'Encrypt the topic with a key of this app, or allow `budgets.amazonaws.com` to `kms:Decrypt` and `kms:GenerateDataKey*` in the policy of the key. Then acknowledge this warning.',
    example: { topic: 'Stack/Operators' },
  }),
  deployByPullRequest: new Warning<{ repository: string }>('FlueDeployRole.pullRequests', {
    says: ({ repository }) => `Whoever opens a pull request from a branch of ${repository} can deploy what they like with this role: the pull request brings its own workflow.`,
    when: '`pullRequests` is true, and `readOnly` is not',
    fix: () => 'Set `readOnly` if the role compares only. For previews, use an account without production, or at least a bootstrap with a `qualifier` and a policy of its own, and acknowledge this warning.',
    example: { repository: 'acme/agents' },
  }),
  expiryKeeps: new Warning<{ kept: readonly string[] }>('FlueExpiry.keeps', {
    says: ({ kept }) => `CloudFormation deletes the stack, and these stay: ${kept.join(', ')}. You may go on paying for them.`,
    when: 'a stack with a FlueExpiry has resources whose removal policy retains them or takes a snapshot, or a schema of an existing database',
    fix: () => 'Let go of them with `RemovalPolicies.of(stack).destroy()`, and of a schema with `removalPolicy` of `addSchema()`. If they should outlive the stack, acknowledge this warning.',
    example: { kept: ['Agents/LogGroup/Resource'] },
  }),
  alarmsWithoutTopic: new Warning<void>('FlueService.alarmsWithoutTopic', {
    says: () => 'The alarms change state and notify no one.',
    when: '`addAlarms()`, `addInbox()` or FlueSandboxes has no `topic`',
    fix: () => 'Pass `topic`. If you add actions of your own to the alarms, acknowledge this warning.',
    example: undefined,
  }),
  alarmsTopicKey: new Warning<{ topic: string }>('FlueService.alarmsTopicKey', {
    says: ({ topic }) => `The construct cannot change the policy of the key of the topic ${topic}. If it does not allow CloudWatch to use the key, no message arrives. That of \`alias/aws/sns\` never does.`,
    when: '`topic` of `addAlarms()` or `addInbox()` has a key that is imported, or the one of AWS',
    fix: () => 'Encrypt the topic with a key of this app, or allow `cloudwatch.amazonaws.com` to `kms:Decrypt` and `kms:GenerateDataKey*` in the policy of the key. Then acknowledge this warning.',
    example: { topic: 'Stack/Operators' },
  }),
  alarmsWithoutContainerInsights: new Warning<void>('FlueService.alarmsWithoutContainerInsights', {
    says: () => 'The cluster has no Container Insights, so nothing counts its tasks. The alarm RunningTasks would always be in the state ALARM.',
    when: '`addAlarms()` watches a service in a cluster of this app without Container Insights',
    fix: () => 'Create the cluster with `containerInsightsV2: ecs.ContainerInsights.ENABLED`. If the account switches it on by default, acknowledge this warning.',
    example: undefined,
  }),
  otherAuthorities: new Warning<{ region: string }>('FlueDatabase.otherAuthorities', {
    says: ({ region }) => `RDS in ${region} has certificate authorities of its own, and FlueImage does not include them. The server cannot verify the database, so it does not start.`,
    when: 'a database is in China, GovCloud, or an isolated or sovereign region',
    fix: () => 'Download the bundle of the region from AWS. Name it in `caBundleFile` of FlueImage, or in `caBundlePath` of an image that contains it. Then acknowledge this warning.',
    example: { region: 'us-gov-west-1' },
  }),
  noHealthRoute: new Warning<{ path: string }>('FlueImage.noHealthRoute', {
    says: ({ path }) => `No source file of the app names the route ${path}, which the health check requests. Flue does not generate it. ECS replaces a task that answers 404, again and again.`,
    when: 'no source file of the app holds the value of `healthCheckPath`',
    fix: ({ path }) => `Define it in app.ts, as in \`app.get('${path}', (c) => c.json({ ok: true }))\`.`,
    example: { path: '/health' },
  }),
  timerInProcess: new Warning<{ timer: string }>('FlueImage.timerInProcess', {
    says: ({ timer }) => `The source sets a timer of its own (\`${timer}…)\`). What falls into a deployment is missed with \`recreate()\`, and happens twice while two servers overlap.`,
    when: 'a source file of the app calls croner, cron, node-cron or node-schedule',
    fix: () => 'Use `addSchedule()` of the service, whose events wait for the server. If a missed or a second run does no harm, acknowledge this warning.',
    example: { timer: 'new Cron(' },
  }),
  shellBesideServer: new Warning<{ path: string; shell: 'host' | 'virtual' }>('FlueSandboxes.missing', {
    says: ({ path, shell }) => (shell === 'host'
      ? `\`${path}\` lets an agent run commands beside the server, with \`local()\`: they reach its files, the credentials of its role and the internet.`
      : `\`${path}\` leaves its agent the default shell of Flue, which opens any URL from the server, that with the credentials of its role among them.`),
    when: 'a source file of the app calls `local()` of Flue, or defines an agent of Flue 0 or 1 without a `sandbox`',
    fix: ({ shell }) => `${shell === 'host' ? 'Give' : 'Pass `sandbox: () => new Bash()` of just-bash, which has no network. For commands that need a machine, give'} each conversation a machine of its own: FlueSandboxes, \`addSandboxes()\` of the service, and the adapter that \`npx cdk-flue init --sandbox\` writes.`,
    example: { path: 'src/agents/triage.ts', shell: 'host' },
  }),
  dispatchInShard: new Warning<{ delivery: string }>('FlueShardedService.dispatchInShard', {
    says: ({ delivery }) => `The source takes \`${delivery}()\` of Flue, which never leaves the process. The server refuses ids of other shards. Where it cannot, because Flue is bundled into it or it has \`homePaths\`, one conversation becomes two.`,
    when: 'a source file of the app of a FlueShardedService imports `dispatch` or `init` of `@flue/runtime`',
    fix: () => 'POST to the public URL of the agent instead, so that the request reaches the shard of the id. If `homePaths` names the paths of every agent that is dispatched to, or only ids of the same shard are, acknowledge this warning.',
    example: { delivery: 'dispatch' },
  }),
  noDatabaseAdapter: new Warning<{ lack: string }>('FlueImage.noDatabaseAdapter', {
    says: ({ lack }) => `You attached a database, but the app has ${lack}: its state stays in the memory of the process.`,
    when: 'a service has a database, and its app has no `db.ts` or no Postgres driver',
    fix: () => 'Add a `db.ts` beside app.ts that default-exports a Postgres adapter for DATABASE_URL.',
    example: { lack: 'no `db.ts`' },
  }),
  poolErrorUnhandled: new Warning<void>('FlueImage.poolErrorUnhandled', {
    says: () => 'The app opens a `pg` pool and does not listen for its errors. Any restart of Postgres then ends the process, even an idle one.',
    when: 'an app on Flue 2.x has a database, and no source file listens for `error` of a pool',
    fix: () => 'Add `pool.on(\'error\', (error) => console.error(error))`.',
    example: undefined,
  }),
  noCaBundle: new Warning<void>('FlueImage.noCaBundle', {
    says: () => 'Your image may lack the certificate authorities of Amazon RDS, because no `caBundlePath` names them. Without them, the server cannot verify the database and refuses to connect.',
    when: 'a service has a FlueDatabase, and its image is your own without `caBundlePath`',
    fix: () => 'Copy the bundle into the image and name it in `caBundlePath`.',
    example: undefined,
  }),
  regionWithoutCertificates: new Warning<{ region: string }>('FlueImage.regionWithoutCertificates', {
    says: ({ region }) => `The image contains no certificate authority of Amazon RDS in ${region}, so the server will refuse to connect to a database there.`,
    when: 'the region opened after 2023, or is not a commercial one',
    fix: () => 'Download the bundle of the region from AWS and name it in `caBundleFile`.',
    example: { region: 'us-gov-west-1' },
  }),
  shellFormCommand: new Warning<{ command: string }>('FlueImage.shellFormCommand', {
    says: ({ command }) => `A shell or a package manager runs the server (${command}) and does not pass SIGTERM on: every deployment ends in SIGKILL.`,
    when: 'CMD or ENTRYPOINT of your Dockerfile has the shell form, or starts npm, pnpm, Yarn 1 or npx',
    fix: () => 'Write the command in its exec form, as in `CMD ["node", "dist/server.mjs"]`.',
    example: { command: 'CMD npm start' },
  }),
  noCommand: new Warning<{ file: string; base: string }>('FlueImage.noCommand', {
    says: ({ file, base }) => `${file} has no CMD or ENTRYPOINT, so the container runs what ${base} starts, and that may be no server.`,
    when: 'the final stage of your Dockerfile has no CMD or ENTRYPOINT, and its base image is one that may start a server',
    fix: () => 'Add `CMD ["node", "dist/server.mjs"]`, with the path of the server in the image.',
    example: { file: 'Dockerfile', base: 'ghcr.io/acme/agents-base:3' },
  }),
  otherEntry: new Warning<{ file: string; command: string }>('FlueImage.otherEntry', {
    says: ({ file, command }) => `${file} starts a program that does not look like the server that Flue builds (${command}).`,
    when: 'CMD or ENTRYPOINT of your Dockerfile starts a program other than `server.mjs`, and nothing in it names Flue',
    fix: () => 'Start `server.mjs` of the build, or choose `dockerfile: FlueDockerfile.provided()`. If your own program starts the server, acknowledge this warning.',
    example: { file: 'Dockerfile', command: 'CMD ["node", "worker.js"]' },
  }),
  nodeOptionsUnknown: new Warning<{ file: string; unknown: string }>('FlueImage.nodeOptionsUnknown', {
    says: ({ file, unknown }) => `ENV NODE_OPTIONS of ${file} depends on ${unknown}, which is known only at build time. The construct sets NODE_OPTIONS on the task, and that value replaces the image's.`,
    when: '`ENV NODE_OPTIONS` of your Dockerfile uses a variable whose value the build arguments do not give',
    fix: () => 'Write the options out there, or pass them in the service\'s `environment`.',
    example: { file: 'Dockerfile', unknown: '$HEAP' },
  }),
  filesNotInImage: new Warning<{ files: readonly string[]; fix: string }>('FlueImage.filesNotInImage', {
    says: ({ files }) => `The source reads ${files.join(', ')} from the working directory, where the server will not find it.`,
    when: 'a source file of the app reads a file or folder by a path that begins at the working directory, and the image or the build does not hold it',
    fix: ({ fix }) => `${fix}. If the server never runs that code, acknowledge this warning.`,
    example: { files: ['templates/mail.html'], fix: 'Name it in `include`' },
  }),
  sandboxBase: new Warning<{ file: string; base: string }>('FlueImage.sandboxBase', {
    says: ({ file, base }) => `${file} is made from ${base}, the image of a sandbox. Its own ENTRYPOINT may run first, and take your CMD as its arguments.`,
    when: 'the final stage of your Dockerfile is made from the image of a sandbox, and has no ENTRYPOINT of its own',
    fix: () => 'Start from `node:22-slim`, choose `dockerfile: FlueDockerfile.provided()`, or write the command as ENTRYPOINT.',
    example: { file: 'Dockerfile', base: 'docker.io/cloudflare/sandbox:0.7.0' },
  }),
  rootUser: new Warning<{ file: string }>('FlueImage.rootUser', {
    says: ({ file }) => `${file} runs the server as root.`,
    when: 'your Dockerfile sets no USER, or sets root',
    fix: () => 'Add `USER node`, or another user that is not root, after the last RUN.',
    example: { file: 'Dockerfile' },
  }),
} as const;
