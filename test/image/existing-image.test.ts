import { Lazy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { newStack, removeFixtures, warningIdsOf, warningsOf } from './fixtures';
import {
  FlueDatabase, FlueEc2Service, FlueExpressService, FlueFargateService, FlueImage,
  type FlueEcrImageOptions, type FlueRegistryImageOptions, type IFlueImage,
} from '../../src';
import { warnOfDatabase, warnOfHealthRoute } from '../../src/image/app-warnings';

afterEach(removeFixtures);

const DIGEST = `sha256:${'0f'.repeat(32)}`;
const newRole = (image: IFlueImage) => new iam.Role(Stack.of(image), 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
const fromEcr = (props?: FlueEcrImageOptions) => {
  const stack = newStack();
  return FlueImage.fromEcrRepository(stack, 'Image', new ecr.Repository(stack, 'Repository'), props);
};
const fromRegistry = (uri = 'ghcr.io/owner/agents:1.2.3', props?: FlueRegistryImageOptions) => FlueImage.fromRegistry(newStack(), 'Image', uri, props);

function imageInTask(image: IFlueImage): unknown {
  new ecs.FargateTaskDefinition(Stack.of(image), 'Task').addContainer('Main', { image: image.containerImage });
  const [task] = Object.values(Template.fromStack(Stack.of(image)).findResources('AWS::ECS::TaskDefinition'));
  return task.Properties.ContainerDefinitions[0];
}

describe.each<[string, (props?: FlueEcrImageOptions) => IFlueImage]>([['an ECR repository', fromEcr], ['a registry', (props) => fromRegistry(undefined, props)]])('an image of %s', (_, make) => {
  test('has defaults', () => {
    expect(make()).toMatchObject({ port: 8080, cpuArchitecture: ecs.CpuArchitecture.X86_64 });
    expect([make().caBundlePath, make().flueMajor]).toEqual([undefined, undefined]);
  });

  test('is what the props say', () => {
    const props = { port: 3000, cpuArchitecture: ecs.CpuArchitecture.ARM64, caBundlePath: '/etc/ssl/rds.pem', flueMajor: 2 };
    expect(make(props)).toMatchObject(props);
  });

  test('may have a port known only at deployment', () => {
    const port = Lazy.number({ produce: () => 3000 });
    expect(make({ port }).port).toBe(port);
    expect(() => make({ flueMajor: Lazy.number({ produce: () => 2 }), caBundlePath: Lazy.string({ produce: () => '/x' }) })).not.toThrow();
  });

  test.each<[FlueEcrImageOptions, RegExp]>([
    [{ port: 0 }, /\[Stack\/Image\] `port` must be a whole number from 1 to 65535, got: 0/],
    [{ port: 65536 }, /`port` must be a whole number from 1 to 65535, got: 65536/],
    [{ cpuArchitecture: ecs.CpuArchitecture.of('MIPS') }, /`cpuArchitecture` must be X86_64 or ARM64, got: MIPS/],
    [{ caBundlePath: 'rds.pem' }, /`caBundlePath` must be an absolute path inside the image, got: rds\.pem/],
    [{ flueMajor: -1 }, /`flueMajor` must be a whole number of at least 0, got: -1/],
    [{ flueMajor: 1.5 }, /`flueMajor` must be a whole number of at least 0, got: 1\.5/],
  ])('is refused with %p', (props, message) => {
    expect(() => make(props)).toThrow(message);
  });

  test('warns of a database when it names no certificate authorities', () => {
    const images = [make(), make({ caBundlePath: '/etc/ssl/rds.pem' })];
    const found = images.map((image) => {
      warnOfDatabase(image, image);
      warnOfDatabase(image, image);
      return warningIdsOf(image);
    });
    expect(found).toEqual([['cdk-flue:FlueImage.noCaBundle'], []]);
  });

  test('says nothing of what it cannot see', () => {
    const image = make();
    warnOfDatabase(image, image, false);
    warnOfHealthRoute(image, image, '/health');
    expect(warningsOf(image)).toEqual([]);
  });
});

describe('an image of an ECR repository', () => {
  test.each<[string | undefined, string]>([[undefined, ':latest'], ['1.2.3', ':1.2.3'], [DIGEST, `@${DIGEST}`], [`_${'a'.repeat(127)}`, `:_${'a'.repeat(127)}`]])('with %p ends in %p', (tagOrDigest, end) => {
    const image = fromEcr({ tagOrDigest });
    const uri = { 'Fn::Join': ['', expect.arrayContaining([expect.stringMatching(new RegExp(`${end}$`))])] };
    expect(Stack.of(image).resolve(image.imageUri)).toEqual(uri);
    expect(imageInTask(image)).toMatchObject({ Image: uri });
  });

  test.each(['', 'a b', '-a', 'a/b', 'a'.repeat(129), 'sha256:abc', `sha256:${'F0'.repeat(32)}`])('is refused with %p', (tagOrDigest) => {
    expect(() => fromEcr({ tagOrDigest })).toThrow(/`tagOrDigest` must be a tag of at most 128 .*got: .*Leave it out for `latest`/);
  });

  test('may have a tag known only at deployment', () => {
    expect(() => fromEcr({ tagOrDigest: Lazy.string({ produce: () => 'x' }) })).not.toThrow();
  });

  test('grants permission to pull', () => {
    const image = fromEcr();
    image.grantPull(newRole(image));
    Template.fromStack(Stack.of(image)).hasResourceProperties('AWS::IAM::Policy', { PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith(['ecr:BatchGetImage']) })]) } });
  });
});

describe('an image of a registry', () => {
  test('is used as it is', () => {
    expect(imageInTask(fromRegistry())).toMatchObject({ Image: 'ghcr.io/owner/agents:1.2.3' });
    expect(fromRegistry('localhost:5000/agents').imageUri).toBe('localhost:5000/agents');
  });

  test.each([['', /got: an empty string/], ['https://ghcr.io/owner/agents', /without scheme or white space, with a repository in lower case, got: https:/], ['ghcr.io/owner/agents 1', /Write it as in `ghcr\.io\/owner\/agents:1\.2\.3`/]])(
    'is refused as %p', (uri, message) => {
      expect(() => fromRegistry(uri)).toThrow(message);
    });

  test.each(['123456789012.dkr.ecr.eu-west-1.amazonaws.com/agents:1', '123456789012.dkr-ecr.eu-west-1.on.aws/agents:1'])('is refused when it is one of ECR: %s', (uri) => {
    expect(() => fromRegistry(uri)).toThrow(/`uri` must be of a registry other than Amazon ECR, got: .*Use `FlueImage\.fromEcrRepository/);
  });

  test('may have a URI known only at deployment', () => {
    expect(() => fromRegistry(Lazy.string({ produce: () => 'x' }))).not.toThrow();
  });

  test('grants permission to read the credentials', () => {
    const stack = newStack();
    const image = FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/owner/agents', { credentials: new Secret(stack, 'Credentials') });
    image.grantPull(newRole(image));
    expect(imageInTask(image)).toMatchObject({ RepositoryCredentials: { CredentialsParameter: { Ref: expect.stringContaining('Credentials') } } });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { PolicyDocument: { Statement: [Match.objectLike({ Action: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'] })] } });
  });

  test('needs no permission when it is public', () => {
    const image = fromRegistry();
    expect(image.grantPull(newRole(image)).success).toBe(false);
    Template.fromStack(Stack.of(image)).resourceCountIs('AWS::IAM::Policy', 0);
  });
});

/** An image as users write it: nothing but the interface. */
class TheirImage extends Construct implements IFlueImage {
  public readonly imageUri = 'registry.example.com/agents:1';
  public readonly containerImage = ecs.ContainerImage.fromRegistry(this.imageUri);
  public readonly cpuArchitecture = ecs.CpuArchitecture.ARM64;
  public readonly port = 3000;

  public grantPull(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.drop(grantee, 'the registry asks nobody');
  }
}

test('an image may be of a class of the user, on every host', () => {
  const services = [FlueFargateService, FlueExpressService, FlueEc2Service].map((Service) => {
    const stack = new Stack();
    const database = FlueDatabase.fromUrlSecret(stack, 'Database', { url: ecs.Secret.fromSecretsManager(new Secret(stack, 'Url')) });
    return new Service(stack, 'Agents', { image: new TheirImage(stack, 'Image'), database });
  });
  expect(services.map(warningIdsOf)).toEqual(services.map(() => expect.arrayContaining(['cdk-flue:FlueImage.noCaBundle'])));
  expect(services.flatMap(warningIdsOf).filter((id) => id.startsWith('cdk-flue:FlueImage.'))).toHaveLength(services.length);
});
