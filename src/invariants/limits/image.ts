import { within, written } from './limit';
import { ONE_LINE } from '../addresses';

export const MIN_PORT = 1;
export const MAX_PORT = 65535;
/** The port of the Flue Docker guide. */
export const DEFAULT_PORT = 8080;

/** Whether the port of a registry is one; a registry without a port has its own. */
function isPort(port: string | undefined): boolean {
  return port === undefined || (Number(port) >= MIN_PORT && Number(port) <= MAX_PORT);
}

export const IMAGE_LIMITS = {
  port: within({
    prop: 'port',
    of: ['FlueExistingImageOptions', 'FlueImageProps', 'FlueBuildProps'],
    minimum: MIN_PORT,
    maximum: MAX_PORT,
    step: 1,
    source: 'TCP',
    fix: `Leave it out for ${DEFAULT_PORT}`,
    rule: 'PortAgreement',
  }),
  uri: written({
    prop: 'uri',
    of: ['FlueImage'],
    // a registry that has a dot, a port or is localhost; then names in lower case, a tag and a digest
    pattern: /^(?:(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|[A-Za-z0-9-]+(?=:)|localhost)(?::\d{1,5})?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/,
    length: 512,
    accepts: text => isPort(/^[^/]*:(\d+)\//.exec(text)?.[1]),
    source: 'OCI distribution specification, references and digests',
    fix: 'Write it as in `ghcr.io/owner/agents:1.2.3`',
  }, 'what `docker pull` takes, without scheme or white space, with a repository in lower case'),
  caBundlePath: written({
    prop: 'caBundlePath',
    of: ['FlueExistingImageOptions', 'FlueImageProps'],
    pattern: /^\/[^\s\p{Cc}]+$/u,
    length: 4095,
    source: 'Linux, length of a path',
    fix: 'Write it as in `/etc/ssl/certs/rds-ca-bundle.pem`',
  }, 'an absolute path inside the image'),
  nodeOptions: written({
    prop: 'nodeOptions',
    of: ['FlueExistingImageOptions'],
    pattern: ONE_LINE,
    length: 32768,
    source: 'Amazon ECS developer guide, size of a task definition (64 KiB)',
    fix: 'Write it as in `--max-old-space-size=1024`',
  }, 'options of Node.js in one line'),
  flueMajor: within({
    prop: 'flueMajor',
    of: ['FlueExistingImageOptions'],
    minimum: 0,
    step: 1,
    source: 'Semantic Versioning 2.0.0',
    fix: 'Leave it out if it is not known',
  }),
  tagOrDigest: written({
    prop: 'tagOrDigest',
    of: ['FlueEcrImageOptions'],
    pattern: /^(\w[\w.-]*|sha256:[0-9a-f]{64})$/,
    length: 128,
    source: 'OCI distribution specification, references and digests',
    fix: 'Leave it out for `latest`',
  }, 'a tag of at most 128 letters, digits, dots, dashes and underscores, or `sha256:` and 64 hexadecimal digits'),
};
