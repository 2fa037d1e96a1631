import type { Maybe, Resources, TemplateResource } from './value';

/** What is known of the build of an image that the app itself builds. */
export interface ImageBuild {
  readonly buildArgs: Readonly<Record<string, string>>;
  /** As `docker build --platform` takes it; absent for that of the machine that builds. */
  readonly platform: Maybe<string>;
}

/** All resources of an app, and what stands beside them. */
export interface AppResources extends Resources {
  all(): Iterable<TemplateResource>;

  /** The build of an image, where the app builds it: a template names it by its hash only. */
  imageBuildOf(uri: string): ImageBuild | undefined;
}
