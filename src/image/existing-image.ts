import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import { ContainerImage, CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { FlueEcrImageOptions, FlueExistingImageOptions, FlueRegistryImageOptions, IFlueImage } from './image';
import { requireCaBundlePath, requireCpuArchitecture } from './image-guards';
import { refuse } from '../invariants/invariant';
import { requireWithin, requireWritten } from '../invariants/limits/guard';
import { DEFAULT_PORT, IMAGE_LIMITS } from '../invariants/limits/image';
import { requireSecretReference } from '../invariants/secret-reference';
import { requireNoSecretTexts } from '../invariants/secrets-only';
import { isUnknown, settled } from '../invariants/unknown';

/** What every image that exists has in common. */
abstract class ExistingImage extends Construct implements IFlueImage {
  public abstract readonly containerImage: ContainerImage;
  public abstract readonly imageUri: string;
  public readonly cpuArchitecture: CpuArchitecture;
  public readonly port: number;
  public readonly caBundlePath?: string;
  public readonly nodeOptions?: string;
  public readonly flueMajor?: number;

  public constructor(scope: Construct, id: string, props: FlueExistingImageOptions) {
    super(scope, id);
    requireNoSecretTexts(this, props);
    props = settled(this, props);
    this.port = props.port ?? DEFAULT_PORT;
    requireWithin(this, this.port, IMAGE_LIMITS.port);
    this.cpuArchitecture = requireCpuArchitecture(this, props.cpuArchitecture);
    this.caBundlePath = requireCaBundlePath(this, props.caBundlePath);
    requireWritten(this, props.nodeOptions, IMAGE_LIMITS.nodeOptions);
    this.nodeOptions = props.nodeOptions;
    this.flueMajor = props.flueMajor;
    requireWithin(this, this.flueMajor, IMAGE_LIMITS.flueMajor);
  }

  public abstract grantPull(grantee: IGrantable): Grant;
}

/** An image in an ECR repository. */
export class EcrImage extends ExistingImage {
  public readonly containerImage: ContainerImage;
  public readonly imageUri: string;

  public constructor(scope: Construct, id: string, private readonly repository: IRepository, props: FlueEcrImageOptions = {}) {
    super(scope, id, props);
    const tagOrDigest = props.tagOrDigest ?? 'latest';
    requireWritten(this, tagOrDigest, IMAGE_LIMITS.tagOrDigest);
    this.containerImage = ContainerImage.fromEcrRepository(repository, tagOrDigest);
    this.imageUri = repository.repositoryUriForTagOrDigest(tagOrDigest);
  }

  public grantPull(grantee: IGrantable): Grant {
    return this.repository.grantPull(grantee);
  }
}

/** An image in any registry. */
export class RegistryImage extends ExistingImage {
  public readonly containerImage: ContainerImage;
  public readonly registryCredentials?: ISecret;

  public constructor(scope: Construct, id: string, public readonly imageUri: string, props: FlueRegistryImageOptions = {}) {
    super(scope, id, props);
    requireNoSecretTexts(this, { uri: imageUri });
    if (!isUnknown(imageUri)) {
      requireWritten(this, imageUri, IMAGE_LIMITS.uri);
      if (/^\d{12}\.dkr[.-]ecr[.-]/.test(imageUri)) {
        refuse(this, `\`uri\` must be of a registry other than Amazon ECR, got: ${imageUri}`,
          'Use `FlueImage.fromEcrRepository(…)` with the repository, which grants the task permission to pull');
      }
    }
    requireSecretReference(this, 'credentials', props.credentials);
    this.registryCredentials = props.credentials;
    this.containerImage = ContainerImage.fromRegistry(imageUri, { credentials: props.credentials });
  }

  public grantPull(grantee: IGrantable): Grant {
    return this.registryCredentials?.grantRead(grantee) ?? Grant.drop(grantee, `pull ${this.imageUri}`);
  }
}
