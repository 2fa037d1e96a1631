/** One file, or one link within the directory, of what the image is built from. */
export interface ContextEntry {
  /** Path from the root of the context, with forward slashes. */
  readonly path: string;
  readonly absolute: string;
  /** Where a symbolic link points, relative to itself. */
  readonly link?: string;
}
