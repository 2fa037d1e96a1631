import { requireArguments } from '../invariants/types/require-types';

/**
 * The Dockerfile of an image: ours or the app's own.
 *
 * If the Dockerfile in your directory starts something other than the Flue server, such as a sandbox, choose
 * `FlueDockerfile.provided()`.
 */
export class FlueDockerfile {
  /**
   * The Dockerfile of the library.
   *
   * It installs the locked dependencies with npm, pnpm, Yarn or bun, and runs the app's own build. The image has the server,
   * its production dependencies and the certificate authorities of Amazon RDS. The `node` user runs the server.
   */
  public static provided(): FlueDockerfile {
    return new FlueDockerfile();
  }

  /**
   * The app's own Dockerfile.
   *
   * FlueImage throws if the file does not exist, is outside `directory`, bakes a secret into the image, declares another port,
   * or copies a file that never enters the build.
   *
   * @param file Path relative to `directory`. By default `Dockerfile`.
   */
  public static own(file?: string): FlueDockerfile {
    requireArguments('FlueDockerfile.own', { file });
    return new FlueDockerfile(file ?? 'Dockerfile');
  }

  private constructor(
    /** @internal */
    public readonly _file?: string,
  ) {}

  /**
   * What the user stated, in which no secret may stand.
   *
   * @internal
   */
  public get _given(): object {
    return { file: this._file };
  }
}
