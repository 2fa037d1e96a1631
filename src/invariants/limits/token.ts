import { within, written } from './limit';

/** Values of one claim, and the length of each (Elastic Load Balancing API reference, JwtValidationActionAdditionalClaim). */
export const MAX_CLAIM_VALUES = 10;
export const MAX_CLAIM_VALUE_LENGTH = 256;
/** Claims that the load balancer checks by itself, and refuses among the others. */
export const CLAIMS_JUDGED_ALREADY: readonly string[] = ['exp', 'iss', 'nbf', 'iat'];

const SOURCE = 'Elastic Load Balancing API reference, JwtValidationActionConfig';
/** How every endpoint of an identity provider begins, and where it is written down. */
export const HTTPS_ADDRESS = /^https:\/\/[^/\s]+/;
export const DISCOVERY = 'Take it from the document `/.well-known/openid-configuration` of the provider';

const HTTPS_URL = { of: ['FlueJwtAuthOptions'], pattern: HTTPS_ADDRESS, length: 256, source: SOURCE };

export const TOKEN_LIMITS = {
  issuer: written({ ...HTTPS_URL, prop: 'issuer', fix: DISCOVERY }, `a URL that begins with https://, of at most ${HTTPS_URL.length} characters`),
  jwksEndpoint: written({ ...HTTPS_URL, prop: 'jwksEndpoint', fix: DISCOVERY }, `a URL that begins with https://, of at most ${HTTPS_URL.length} characters`),
  claims: within({
    prop: 'claims',
    of: ['FlueJwtAuthOptions'],
    maximum: 10,
    source: SOURCE,
    fix: 'Check the others in the app, which gets the token',
  }),
};
