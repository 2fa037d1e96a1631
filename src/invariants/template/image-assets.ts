import { Stack } from 'aws-cdk-lib';
import type { AppTemplate } from './app-template';
import { UNKNOWN, type Maybe, type TemplateResource, type TemplateValue } from './value';

/** What is known of the build of an image that the app itself builds. */
export interface ImageBuild {
  readonly buildArgs: Readonly<Record<string, string>>;
  /** As `docker build --platform` takes it; absent for that of the machine that builds. */
  readonly platform: Maybe<string>;
}

interface DockerImageAssetLike {
  readonly assetHash?: string;
  readonly dockerBuildArgs?: Record<string, string>;
}

interface SynthesizerLike {
  readonly assetManifest?: { readonly dockerImages?: Record<string, { readonly source?: { readonly platform?: string } }> };
}

/**
 * The build of the image that a container runs, when the app builds it.
 *
 * A template names such an image by its hash only. The arguments and the platform stand in the asset and in the
 * stack's asset manifest, in fields aws-cdk-lib declares private: without them the image is one that nothing is known of.
 */
export function imageBuildOf(app: AppTemplate, image: TemplateValue): ImageBuild | undefined {
  const uri = image.text();
  for (const construct of app.imageAssets) {
    const { assetHash, dockerBuildArgs } = construct as unknown as DockerImageAssetLike;
    if (assetHash && uri.includes(assetHash)) {
      const { assetManifest } = Stack.of(construct).synthesizer as unknown as SynthesizerLike;
      const build = assetManifest?.dockerImages?.[assetHash]?.source;
      return { buildArgs: dockerBuildArgs ?? {}, platform: build ? build.platform : UNKNOWN };
    }
  }
  return undefined;
}

/** The build arguments that the CDK writes into the metadata of the resource that uses an image. */
export function renderedBuildArgs(resource: TemplateResource): Array<[string, TemplateValue]> {
  const entries = resource.section('Metadata').at('aws:asset:docker-build-args').entries();
  return entries === UNKNOWN ? [] : entries;
}
