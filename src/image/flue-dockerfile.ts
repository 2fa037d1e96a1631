/**
 * The Dockerfile that an image is built with.
 *
 * A directory may hold a Dockerfile that starts something else than the Flue server, such as a sandbox;
 * `FlueDockerfile.provided()` builds the server beside it.
 */
export class FlueDockerfile {
  /**
   * The Dockerfile of the library.
   *
   * It installs what the lockfile says with npm, pnpm, Yarn or bun, runs the app's own build, and makes an image of the
   * server, its production dependencies and the certificate authorities of Amazon RDS, which the `node` user runs.
   */
  public static provided(): FlueDockerfile {
    return new FlueDockerfile();
  }

  /**
   * The app's own Dockerfile.
   *
   * FlueImage throws when it does not exist, lies outside `directory`, bakes a secret into the image, declares another
   * port, or copies what never enters the build.
   *
   * @param file Path relative to `directory`. By default `Dockerfile`.
   */
  public static own(file?: string): FlueDockerfile {
    return new FlueDockerfile(file ?? 'Dockerfile');
  }

  private constructor(
    /** @internal */
    public readonly _file?: string,
  ) {}
}
