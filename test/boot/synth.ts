/**
 * Synthesizes the boxes that run.sh boots and writes, for each: `user-data`, with every intrinsic of the template
 * replaced by a value of the stand-in cloud; `cloud.json`, what that cloud holds and what the role may do; its assets.
 */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, Duration, Size, Stack } from 'aws-cdk-lib';
import { Peer } from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Secret as EcsSecret } from 'aws-cdk-lib/aws-ecs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { FlueBuild, FlueEc2Service, FlueExposure, FlueImage, type FlueEc2ServiceProps } from '../../src';
import '../support/only-synthesize.cjs';

const REGION = 'eu-west-1';
const ACCOUNT = '111122223333';
const VOLUME = 'vol-0123456789abcdef0';
const ALLOCATION = 'eipalloc-0123456789abcdef0';
const GROUP = 'boot-group';
const DOMAIN = 'agents.example.com';
const MODEL = 'http://10.77.0.1:9999/v1';
/** Stands in every planted secret, so that a copy can be found. */
const MARKER = 'planted-secret-5d1e77';

const [images, build, outdir] = process.argv.slice(2);
/** Repository name to the digest that was pushed. */
const digests: { [repository: string]: string } = JSON.parse(fs.readFileSync(images, 'utf8'));

const arn = (name: string) => `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${name}`;
const TRICKY = ` ${MARKER} "double" 'single' \`backtick\` $HOME \${HOME} $(id) %h %% a=b == # ; & | \\ \\n \\" \\\\ tab\there\r\nsecond line\n\n  third: Grüße 日本 🔑 é\u0301 \u00a0! ~\n`;
const WHOLE = `-----BEGIN PRIVATE KEY-----\n${MARKER}\nAAAA+/==\n-----END PRIVATE KEY-----\n`;
const PARAMETER = `${MARKER}"$'\\`;
const TOKEN = `${MARKER}-token`;
const SECRETS: { [variable: string]: string } = { TRICKY, WHOLE, PARAMETER, API_TOKEN: TOKEN };
/** A plain variable that systemd, docker or a shell could spoil. */
const NOTE = 'it\'s "quoted" $HOME \\ 100% Grüße';

interface Box {
  readonly props: (stack: Stack) => Partial<FlueEc2ServiceProps> & Pick<FlueEc2ServiceProps, 'image'>;
  readonly missing?: boolean;
}

const BOXES: { [name: string]: Box } = {
  agents: {
    props: stack => ({
      image: ecrImage(stack, 'flue-agents'),
      secrets: secrets(stack),
      environment: { ...model(), NOTE },
      domainName: DOMAIN,
      dataVolumeSize: Size.gibibytes(1),
      readonlyRootFilesystem: true,
      startupBudget: Duration.seconds(45),
    }),
  },
  plain: {
    props: stack => ({
      image: ecrImage(stack, 'probe'),
      secrets: secrets(stack),
      environment: { NOTE },
      exposure: FlueExposure.toPeers(Peer.ipv4('10.77.0.0/24')),
      startupBudget: Duration.seconds(20),
      healthCheckGracePeriod: Duration.seconds(51),
      stopTimeout: Duration.seconds(61),
    }),
  },
  hung: {
    props: stack => ({
      image: ecrImage(stack, 'probe'),
      startupBudget: Duration.seconds(20),
      healthCheckGracePeriod: Duration.seconds(51),
      stopTimeout: Duration.seconds(61),
    }),
  },
  missing: { missing: true, props: stack => ({ image: ecrImage(stack, 'probe'), secrets: secrets(stack), startupBudget: Duration.seconds(20) }) },
  sick: { props: stack => ({ image: ecrImage(stack, 'probe'), environment: { SICK: 'yes' }, startupBudget: Duration.seconds(20) }) },
  full: {
    props: stack => ({
      image: ecrImage(stack, 'flue-agents'), environment: model(), dataVolumeSize: Size.gibibytes(1), startupBudget: Duration.seconds(20),
    }),
  },
  node: {
    props: stack => ({
      image: new FlueBuild(stack, 'Build', { directory: build }),
      secrets: secrets(stack),
      environment: { ...model(), NOTE },
      dataVolumeSize: Size.gibibytes(1),
      startupBudget: Duration.seconds(45),
    }),
  },
};

function ecrImage(stack: Stack, repository: string) {
  return FlueImage.fromEcrRepository(stack, 'Image', Repository.fromRepositoryName(stack, 'Repository', repository), { tagOrDigest: digests[repository] });
}

function model() {
  return { OPENAI_COMPATIBLE_URL: MODEL, MODEL_SPECIFIER: 'openai-compatible/echo' };
}

/** One secret of every shape that ECS takes. */
function secrets(stack: Stack) {
  const fields = Secret.fromSecretCompleteArn(stack, 'Fields', arn('flue/fields-AbCdEf'));
  return {
    TRICKY: EcsSecret.fromSecretsManager(fields, 'tricky'),
    API_TOKEN: EcsSecret.fromSecretsManager(fields, 'token'),
    WHOLE: EcsSecret.fromSecretsManager(Secret.fromSecretNameV2(stack, 'Whole', 'flue/whole')),
    PARAMETER: EcsSecret.fromSsmParameter(StringParameter.fromSecureStringParameterAttributes(stack, 'Parameter', { parameterName: '/flue/parameter' })),
  };
}

interface Resource { readonly Type: string; readonly Properties: any }

/** Replaces what CloudFormation would, by what the stand-in cloud has. */
class Resolver {
  public constructor(private readonly resources: { [id: string]: Resource }, private readonly stackName: string) {}

  public resolve(value: any): any {
    if (Array.isArray(value)) {
      return value.map(item => this.resolve(item));
    }
    if (typeof value !== 'object' || value === null) {
      return value;
    }
    const [[key, argument], ...rest] = Object.entries<any>(value).concat(Object.keys(value).length === 0 ? [['', undefined]] : []);
    if (rest.length === 0) {
      switch (key) {
        case 'Ref': return this.ref(argument);
        case 'Fn::GetAtt': return this.attribute(argument[0], argument[1]);
        case 'Fn::Base64': return this.resolve(argument);
        case 'Fn::Join': return this.resolve(argument[1]).join(argument[0]);
        case 'Fn::Select': return this.resolve(argument[1])[Number(argument[0])];
        case 'Fn::Split': return this.resolve(argument[1]).split(argument[0]);
        case 'Fn::Sub': return String(argument).replace(/\$\{([^}]+)\}/g, (_, name) => this.ref(name));
      }
    }
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.resolve(item)]));
  }

  private ref(id: string): string {
    const pseudo: { [id: string]: string } = {
      'AWS::Region': REGION,
      'AWS::AccountId': ACCOUNT,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': this.stackName,
      'AWS::StackId': `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${this.stackName}/0`,
    };
    return pseudo[id] ?? this.attribute(id, 'Ref');
  }

  private attribute(id: string, name: string): string {
    const type = this.resources[id]?.Type;
    const known: { [attribute: string]: string } = {
      'AWS::EC2::EIP.AllocationId': ALLOCATION,
      'AWS::EC2::EIP.PublicIp': '192.0.2.10',
      'AWS::EC2::Volume.Ref': VOLUME,
      'AWS::EC2::Volume.VolumeId': VOLUME,
      'AWS::EC2::VPC.Ref': 'vpc-0123456789abcdef0',
      'AWS::Logs::LogGroup.Ref': `/flue/${this.stackName}`,
      'AWS::Logs::LogGroup.Arn': `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/flue/${this.stackName}:*`,
      'AWS::AutoScaling::AutoScalingGroup.Ref': GROUP,
      'AWS::IAM::Role.Ref': 'box-role',
    };
    const found = known[`${type}.${name}`];
    if (found === undefined) {
      throw new Error(`no stand-in for ${type} ${id}.${name}`);
    }
    return found;
  }
}

function write(name: string, box: Box): void {
  const app = new App({ outdir: path.join(outdir, name, 'cdk.out') });
  const stack = new Stack(app, `Boot-${name}`);
  new FlueEc2Service(stack, 'Agents', box.props(stack));
  const directory = path.join(outdir, name);
  const assembly = app.synth();
  const resources: { [id: string]: Resource } = assembly.getStackByName(stack.stackName).template.Resources;
  const resolver = new Resolver(resources, stack.stackName);
  const all = Object.entries(resources);
  const ofType = (type: string) => all.filter(([, resource]) => resource.Type === type).map(([, resource]) => resource.Properties);

  const template = ofType('AWS::EC2::LaunchTemplate')[0].LaunchTemplateData;
  fs.writeFileSync(path.join(directory, 'user-data'), resolver.resolve(template.UserData));

  const role = all.find(([, { Type, Properties }]) => Type === 'AWS::IAM::Role' && JSON.stringify(Properties.AssumeRolePolicyDocument).includes('ec2.'))?.[0];
  const policy = [
    ...ofType('AWS::IAM::Policy').filter(({ Roles }) => Roles.some(({ Ref }: any) => Ref === role)).map(({ PolicyDocument }) => PolicyDocument),
    ...(resources[role ?? ''].Properties.Policies ?? []).map(({ PolicyDocument }: any) => PolicyDocument),
  ].flatMap(document => resolver.resolve(document.Statement));
  const tags = ofType('AWS::AutoScaling::AutoScalingGroup')[0].Tags.map(({ Key, Value }: any) => ({ Key, Value: resolver.resolve(Value) }));
  const volumes = ofType('AWS::EC2::Volume').map(volume => ({
    VolumeId: VOLUME, State: 'available', Attachments: [], AvailabilityZone: `${REGION}a`, Tags: (volume.Tags ?? []).map((tag: any) => resolver.resolve(tag)), _loop: '',
  }));
  const fields = {
    ARN: arn('flue/fields-AbCdEf'), Name: 'flue/fields', VersionId: 'v1', SecretString: JSON.stringify({ tricky: TRICKY, token: TOKEN }),
  };
  const cloud = {
    region: REGION,
    account: ACCOUNT,
    group: ofType('AWS::AutoScaling::AutoScalingGroup').length && GROUP,
    policy,
    ecrPassword: 'stand-in-ecr-password',
    hopLimit: template.MetadataOptions?.HttpPutResponseHopLimit,
    tags: [...tags, { Key: 'aws:autoscaling:groupName', Value: GROUP }],
    secrets: [
      ...box.missing ? [] : [fields],
      { ARN: arn('flue/whole-GhIjKl'), Name: 'flue/whole', VersionId: 'v1', SecretString: WHOLE },
    ],
    parameters: { '/flue/parameter': PARAMETER },
    volumes,
    addresses: [{ AllocationId: ALLOCATION, PublicIp: '192.0.2.10' }],
    instances: [],
  };
  fs.writeFileSync(path.join(directory, 'cloud.json'), JSON.stringify(cloud, undefined, 2));
  fs.writeFileSync(path.join(directory, 'expected.json'), JSON.stringify({ ...SECRETS, NOTE }));
  publish(path.join(directory, 'cdk.out'), `${stack.artifactId}.assets.json`, path.join(directory, 's3'));
}

/** What `cdk deploy` would upload. */
function publish(cdkOut: string, manifest: string, s3: string): void {
  const { files } = JSON.parse(fs.readFileSync(path.join(cdkOut, manifest), 'utf8'));
  for (const { source, destinations } of Object.values<any>(files)) {
    const [{ bucketName, objectKey }] = Object.values<any>(destinations);
    const target = path.join(s3, bucketName.replace('${AWS::AccountId}', ACCOUNT).replace('${AWS::Region}', REGION), objectKey);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    if (source.packaging === 'zip') {
      execFileSync('python3', ['-c', 'import shutil, sys; shutil.make_archive(sys.argv[1][:-4], "zip", sys.argv[2])', target, path.join(cdkOut, source.path)]);
    } else {
      fs.copyFileSync(path.join(cdkOut, source.path), target);
    }
  }
}

const only = process.argv.slice(5);
Object.entries(BOXES).filter(([name]) => only.length === 0 || only.includes(name)).forEach(([name, box]) => write(name, box));
