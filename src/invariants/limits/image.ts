import { within, written } from './limit';

export const MIN_PORT = 1;
export const MAX_PORT = 65535;
/** The port of the Flue Docker guide. */
export const DEFAULT_PORT = 8080;

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
