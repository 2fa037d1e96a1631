import { join } from 'node:path';
import { Annotations, App, CfnOutput, CfnParameter, Duration, RemovalPolicies, RemovalPolicy, Stack, Stage, Tags, Validations } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { Peer } from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { BROKEN, modelEnvironment } from './model';
import { HOSTS, prefixOf, TAG } from './stacks';
import { context } from '../../examples/typescript/cdk.json';
import { CA_BUNDLE, changing, LATER, watch, type Changes, type Library, type MakeImage } from '../deploy/changing';
import { shards } from '../deploy/stacks';
import { provideLibrary } from '../support/provide-library';
import '../support/only-synthesize.cjs';

/** What differs from a deployment of the example by hand. */
export interface LiveApp {
  readonly run: string;
  readonly outdir: string;
  /** The image of the example agents; built from their directory where it is not given. */
  readonly image?: string;
  /** Who may reach the box, as a CIDR. */
  readonly peer: string;
}

/** `deployed` first; then `changed`, which redeploys a server; then `broken`, whose server ends at once. */
export const VERSIONS = ['deployed', 'changed', 'broken'] as const;
export type Version = typeof VERSIONS[number];

/** Writes each version into a folder of its own, and returns the templates of the first by the names of the stacks. */
export async function synthesize(library: Library, { run, outdir, image, peer }: LiveApp): Promise<Map<string, object>> {
  let changes: Changes = {};
  const provided = changing(library, imageOf(image), () => changes);
  provideLibrary(provided);
  // What the rules say of the examples is the matter of their own tests.
  Validations.prototype.addPlugins = () => undefined;
  const { buildAgents } = await import('../../examples/typescript/lib/app.ts');
  let templates = new Map<string, object>();
  for (const version of VERSIONS) {
    changes = changesOf(library, version, peer);
    const app = new App({ outdir: join(outdir, version), context, analyticsReporting: false });
    const stage = new Stage(app, prefixOf(run).replace(/-$/, ''));
    buildAgents(stage as unknown as App);
    watch(stage);
    const sharded = new Stack(stage, 'FlueShards');
    shards(sharded, provided);
    new CfnOutput(sharded, 'Url', { value: (sharded.node.findChild('Agents') as InstanceType<Library['FlueShardedService']>).url });
    signIn(new Stack(stage, HOSTS.signin), provided, run);
    // for an hour, with a model that only echoes
    ['FlueFargateService.plainHttp', 'FlueService.publicWithoutAuthentication'].forEach(id => Annotations.of(sharded).acknowledgeWarning(`cdk-flue:${id}`));
    Tags.of(stage).add(TAG, run);
    RemovalPolicies.of(stage).destroy();
    stage.node.findAll().filter(Stack.isStack).forEach(stack => stack.terminationProtection = false);
    const stacks = app.synth().getNestedAssembly(`assembly-${stage.node.id}`).stacks;
    if (version === 'deployed') {
      templates = new Map(stacks.map(({ stackName, template }) => [stackName, template as object]));
    }
  }
  return templates;
}

/** Names the parameter of the certificate, which a run makes only when it may. */
export const CERTIFICATE = 'CertificateArn';

/** A server behind a sign-in with users of its own, of whom there are none. */
function signIn(stack: Stack, { FlueAuth, FlueFargateService, FlueImage, FlueNetwork }: Library, run: string): void {
  const { vpc, serverSubnets } = new FlueNetwork(stack, 'Network', { flowLogs: false });
  const userPool = new UserPool(stack, 'Users', { selfSignUpEnabled: false });
  const userPoolDomain = userPool.addDomain('Domain', { cognitoDomain: { domainPrefix: `flue-live-${run.toLowerCase()}` } });
  const { valueAsString } = new CfnParameter(stack, CERTIFICATE);
  const agents = new FlueFargateService(stack, 'Agents', {
    vpc,
    vpcSubnets: serverSubnets,
    image: new FlueImage(stack, 'Image', { directory: join(__dirname, '../../examples/agents') }),
    certificate: Certificate.fromCertificateArn(stack, 'Certificate', valueAsString),
    auth: FlueAuth.cognito({
      userPool,
      userPoolDomain,
      // a load balancer asks for the code itself: nobody is sent to a page of the app
      userPoolClient: userPool.addClient('Client', {
        generateSecret: true, oAuth: { flows: { authorizationCodeGrant: true }, callbackUrls: ['https://live.example.com/oauth2/idpresponse'] },
      }),
      publicPaths: ['/health'],
    }),
  });
  new CfnOutput(stack, 'Url', { value: `https://${agents.loadBalancer!.loadBalancerDnsName}` });
}

function imageOf(image: string | undefined): MakeImage {
  return ({ FlueImage }, scope, id, props) => {
    const existing = { cpuArchitecture: props.cpuArchitecture, port: 8080, caBundlePath: CA_BUNDLE };
    const [, repository, tag] = /^\d{12}\.dkr\.ecr\.[^/]+\/([^:@]+):(.+)$/.exec(image ?? '') ?? [];
    if (repository !== undefined) {
      return FlueImage.fromEcrRepository(scope, id, Repository.fromRepositoryName(scope, `${id}Repository`, repository), { ...existing, tagOrDigest: tag });
    }
    return image === undefined ? new FlueImage(scope, id, props) : FlueImage.fromRegistry(scope, id, image, existing);
  };
}

function changesOf({ FlueExposure }: Library, version: Version, peer: string): Changes {
  const later = version === 'changed' ? LATER : {};
  const environment = { ...modelEnvironment(), ...version === 'broken' ? { [BROKEN]: 'true' } : {} };
  type Of = { readonly environment?: { readonly [name: string]: string } };
  const to = (of: Of = {}) => ({ ...of, environment: { ...environment, ...of.environment } });
  return {
    fargate: to(later.fargate),
    express: to(later.express),
    ec2: { ...to(later.ec2), exposure: FlueExposure.toPeers(Peer.ipv4(peer)) },
    sharded: { ...to(version === 'changed' ? { environment: { LOG_LEVEL: 'debug' } } : {}), deregistrationDelay: Duration.seconds(15) },
    database: { deletionProtection: false, removalPolicy: RemovalPolicy.DESTROY },
  };
}
