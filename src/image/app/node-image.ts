import * as semver from 'semver';
import type { Manifest } from './manifest';
import type { Refuse } from './refusal';

/** The lines of Node.js that are maintained and that Flue runs on: it asks for 22.18 and later. */
export const NODE_LINES = [22, 24, 26];
const REPOSITORY = 'public.ecr.aws/docker/library/node';
/** The base image for an app that asks for nothing else. */
export const DEFAULT_NODE_IMAGE = `${REPOSITORY}:${NODE_LINES[0]}-slim`;
/** Higher than any release of a line. */
const NEWEST = 9999;

/** The base image for an app: of the first line that its `engines.node` accepts, or the least version that it accepts of one. */
export function nodeImage(refuse: Refuse, manifests: readonly Manifest[]): string {
  const asking = manifests.find(({ nodeRange }) => nodeRange !== undefined);
  const range = asking?.nodeRange ?? '*';
  const line = NODE_LINES.find((major) => semver.satisfies(`${major}.${NEWEST}.${NEWEST}`, range));
  if (line !== undefined) {
    return `${REPOSITORY}:${line}-slim`;
  }
  // a range that ends before the newest of its line, as `22.19.0` and `~22.19.0` do
  const least = semver.validRange(range) === null ? null : semver.minVersion(range);
  return least !== null && NODE_LINES.includes(least.major) && semver.gte(least, '22.18.0')
    ? `${REPOSITORY}:${least.version}-slim`
    : refuse(`\`directory\` must accept a Node.js that there is an image of, got: \`engines.node\` ${range} in ${asking!.directory}/package.json`,
      `Let it accept one of ${NODE_LINES.join(', ')}, as in \`"node": ">=22.18"\`, or name another base image in \`buildArgs: { NODE_IMAGE: '…' }\``);
}
