import type { Duration } from 'aws-cdk-lib';
import type { IUserPool, IUserPoolClient, IUserPoolDomain } from 'aws-cdk-lib/aws-cognito';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { FlueJwtClaim } from './flue-jwt-claim';

/**
 * Options of every authentication at the load balancer.
 */
export interface FlueAuthOptions {
  /**
   * Paths that everyone can call without `auth`, such as `/webhooks/*`: for callers that can neither sign in nor send a token.
   *
   * `*` stands for any characters, `?` for one. The app itself must authenticate callers there. The path of the health check is
   * always public. The construct makes them rules of `listener`, with priorities from 1.
   *
   * Throws for a path without a leading slash, with more than 128 characters, with a character that no rule accepts, for one
   * that matches every path, and for a list whose length is known only at deployment.
   *
   * @default - only the path of the health check
   */
  readonly publicPaths?: string[];
}

/**
 * Options of every sign-in at the load balancer.
 */
export interface FlueSignInOptions extends FlueAuthOptions {
  /**
   * The OAuth scopes that the load balancer requests, with one space between them.
   *
   * Throws for any other white space, and for an empty text.
   *
   * @default 'openid'
   */
  readonly scope?: string;

  /**
   * Time after which a user must sign in again, 1 s to 7 days.
   *
   * Throws outside the range.
   *
   * @default Duration.days(7)
   */
  readonly sessionTimeout?: Duration;
}

/**
 * A sign-in with the users of an Amazon Cognito user pool.
 */
export interface FlueCognitoAuthOptions extends FlueSignInOptions {
  /** The user pool, which may itself trust other identity providers. */
  readonly userPool: IUserPool;

  /**
   * The app client of the load balancer in the user pool.
   *
   * It needs a secret, the authorization code grant, and the callback URL `https://<domain>/oauth2/idpresponse`.
   *
   * Throws for a client of this app without a secret.
   */
  readonly userPoolClient: IUserPoolClient;

  /** The domain of the pages on which users sign in. */
  readonly userPoolDomain: IUserPoolDomain;
}

/**
 * A sign-in with an identity provider that speaks OpenID Connect.
 *
 * Its client needs the callback URL `https://<domain>/oauth2/idpresponse`.
 */
export interface FlueOidcAuthOptions extends FlueSignInOptions {
  /** The issuer, as an `https://` URL. Throws for another scheme, a user or a password, and a query. */
  readonly issuer: string;

  /** Id of the client, as the provider registered it. Throws for white space and for an empty text. */
  readonly clientId: string;

  /** Secret of the client; the template holds a reference to it. */
  readonly clientSecret: ISecret;

  /**
   * The field of `clientSecret` with the value, if the secret is JSON.
   *
   * Throws for a name with a colon, a brace or white space, which no reference can hold.
   *
   * @default - the whole secret is the value
   */
  readonly clientSecretField?: string;

  /** The authorization endpoint, where users sign in, as an `https://` URL. Throws for another scheme, and for a user or a password. */
  readonly authorizationEndpoint: string;

  /** The token endpoint, as an `https://` URL. Throws for another scheme, and for a user or a password. */
  readonly tokenEndpoint: string;

  /** The user info endpoint, as an `https://` URL. Throws for another scheme, and for a user or a password. */
  readonly userInfoEndpoint: string;
}

/**
 * Tokens of an issuer, for programs.
 */
export interface FlueJwtAuthOptions extends FlueAuthOptions {
  /**
   * The issuer, exactly as tokens name it in `iss`.
   *
   * Throws for anything but an `https://` URL of at most 256 characters, and for a user or a password in it.
   */
  readonly issuer: string;

  /**
   * The JWKS endpoint, where the issuer publishes its public keys. The internet must reach it. At most 10 keys and 150 KB.
   *
   * Throws for anything but an `https://` URL of at most 256 characters, and for a user or a password in it.
   */
  readonly jwksEndpoint: string;

  /**
   * Claims that a token must have, such as the `aud` of this server.
   *
   * Throws for more than 10, for claims that the load balancer always checks (`exp`, `iss`, `nbf`, `iat`), for a claim with no
   * value or more than 10, and for empty or too long values.
   *
   * @default - none: every token of the issuer is accepted, and the service warns you of it
   */
  readonly claims?: FlueJwtClaim[];
}
