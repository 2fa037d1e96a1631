import { within, written, type Limit } from './limit';
import { ADDRESSES, VISIBLE } from '../addresses';

/** Values of one claim, and the length of each (Elastic Load Balancing API reference, JwtValidationActionAdditionalClaim). */
export const MAX_CLAIM_VALUES = 10;
export const MAX_CLAIM_VALUE_LENGTH = 256;
/** Claims that the load balancer checks by itself, and refuses among the others. */
export const CLAIMS_JUDGED_ALREADY: readonly string[] = ['exp', 'iss', 'nbf', 'iat'];

const SOURCE = 'Elastic Load Balancing API reference, JwtValidationActionConfig';
const OF_CLAIM = 'Elastic Load Balancing API reference, JwtValidationActionAdditionalClaim';
const OF_SIGN_IN = 'Elastic Load Balancing API reference, AuthenticateOidcActionConfig';
/** Where every address of an identity provider is written down. */
const DISCOVERY = 'Take it from the document `/.well-known/openid-configuration` of the provider';

const HTTPS = 'a URL that begins with https://, without user and password';
const ISSUER = { prop: 'issuer', pattern: ADDRESSES.issuer, fix: DISCOVERY } as const;
const OF_TOKENS = { of: ['FlueJwtAuthOptions'], length: 256, source: SOURCE } as const;
const OF_PROVIDER = { of: ['FlueOidcAuthOptions'], length: 2048, source: OF_SIGN_IN } as const;

function endpoint(prop: string) {
  return written({ ...OF_PROVIDER, prop, pattern: ADDRESSES.endpoint, fix: DISCOVERY }, HTTPS);
}

export const TOKEN_LIMITS = {
  issuer: written({ ...ISSUER, ...OF_TOKENS }, `${HTTPS}, of at most ${OF_TOKENS.length} characters`),
  jwksEndpoint: written({ ...OF_TOKENS, prop: 'jwksEndpoint', pattern: ADDRESSES.endpoint, fix: DISCOVERY }, `${HTTPS}, of at most ${OF_TOKENS.length} characters`),
  issuerOfSignIn: written({ ...ISSUER, ...OF_PROVIDER }, HTTPS),
  authorizationEndpoint: endpoint('authorizationEndpoint'),
  tokenEndpoint: endpoint('tokenEndpoint'),
  userInfoEndpoint: endpoint('userInfoEndpoint'),
  scope: written({
    prop: 'scope',
    of: ['FlueSignInOptions'],
    // RFC 6749: words of visible characters without quotes and backslashes
    pattern: /^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/,
    length: 1024,
    source: OF_SIGN_IN,
    fix: 'Write it as in `openid email`, or leave it out for `openid`',
  }, 'OAuth scopes with one space between them'),
  clientId: written({
    prop: 'clientId',
    of: ['FlueOidcAuthOptions'],
    pattern: VISIBLE,
    length: 1024,
    source: OF_SIGN_IN,
    fix: 'Take it from the registration of the client at the provider',
  }, '1–1024 visible characters without white space'),
  clientSecretField: written({
    prop: 'clientSecretField',
    of: ['FlueOidcAuthOptions'],
    // a colon ends a part of a dynamic reference, and a brace the whole of it
    pattern: /^[^:{}\s\p{Cc}]+$/u,
    length: 255,
    source: 'AWS CloudFormation user guide, dynamic references (json-key)',
    fix: 'Name a key of the JSON, or leave it out for the whole secret',
  }, 'a key without colon, brace or white space'),
  claimName: {
    prop: 'name',
    of: ['FlueJwtClaim'],
    allowed: `a name in one line other than ${CLAIMS_JUDGED_ALREADY.join(', ')}`,
    source: OF_CLAIM,
  } satisfies Limit,
  claimValue: {
    prop: 'value',
    of: ['FlueJwtClaim'],
    allowed: `1–${MAX_CLAIM_VALUE_LENGTH} characters in one line`,
    source: OF_CLAIM,
  } satisfies Limit,
  claimValues: {
    prop: 'values',
    of: ['FlueJwtClaim'],
    allowed: `1–${MAX_CLAIM_VALUES} values of 1–${MAX_CLAIM_VALUE_LENGTH} characters in one line`,
    source: OF_CLAIM,
  } satisfies Limit,
  claims: within({
    prop: 'claims',
    of: ['FlueJwtAuthOptions'],
    maximum: 10,
    source: SOURCE,
    fix: 'Check the others in the app, which gets the token',
  }),
};
