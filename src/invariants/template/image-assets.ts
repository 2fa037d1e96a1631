import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { ImageBuild } from './app-resources';
import { UNKNOWN, type TemplateResource, type TemplateValue } from './value';

interface DockerImageAssetLike {
  readonly assetHash?: string;
  readonly dockerBuildArgs?: Record<string, string>;
}

interface SynthesizerLike {
  readonly assetManifest?: { readonly dockerImages?: Record<string, { readonly source?: { readonly platform?: string } }> };
}

/**
 * The build of an image, where it is one of these assets.
 *
 * The arguments and the platform stand in the asset and in the stack's asset manifest, in fields aws-cdk-lib declares private:
 * without them the image is one that nothing is known of.
 */
export function buildOfAsset(assets: readonly IConstruct[], uri: string): ImageBuild | undefined {
  for (const construct of assets) {
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
