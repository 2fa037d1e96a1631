import type { Duration } from 'aws-cdk-lib';
import type { IUserPool, IUserPoolClient, IUserPoolDomain } from 'aws-cdk-lib/aws-cognito';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { FlueJwtClaim } from './flue-jwt-claim';

/**
 * Options of every authentication at the load balancer.
 */
export interface FlueAuthOptions {
  /**
   * Paths that the load balancer lets everyone reach, such as `/webhooks/*`: for callers that can neither sign in nor show a token.
   *
   * `*` stands for any characters, `?` for one. The app itself must ask who calls there. The path of the health
   * check is public besides. They are rules of `listener` with priorities from 1.
   *
   * Throws for a path without a leading slash, above 128 characters, with a character that no rule takes, and for one
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
   * What the load balancer asks the identity provider for, separated by spaces.
   *
   * @default 'openid'
   */
  readonly scope?: string;

  /**
   * Time after which a user signs in anew, 1 s to 7 days.
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
   * The client of the load balancer in the user pool.
   *
   * It needs a secret, the flow of the authorization code, and `https://<domain>/oauth2/idpresponse` as callback.
   *
   * Throws for one that is known to have no secret.
   */
  readonly userPoolClient: IUserPoolClient;

  /** The domain of the pages on which users sign in. */
  readonly userPoolDomain: IUserPoolDomain;
}

/**
 * A sign-in with an identity provider that speaks OpenID Connect.
 *
 * Its client needs `https://<domain>/oauth2/idpresponse` as callback.
 */
export interface FlueOidcAuthOptions extends FlueSignInOptions {
  /** The issuer, as an `https://` URL. Throws for another scheme. */
  readonly issuer: string;

  /** Id of the client. */
  readonly clientId: string;

  /** Secret of the client; the template holds a reference to it. */
  readonly clientSecret: ISecret;

  /**
   * Field of `clientSecret` that holds the value, where the secret is JSON.
   *
   * @default - the whole secret is the value
   */
  readonly clientSecretField?: string;

  /** Where users sign in, as an `https://` URL. Throws for another scheme. */
  readonly authorizationEndpoint: string;

  /** Where the load balancer gets tokens, as an `https://` URL. Throws for another scheme. */
  readonly tokenEndpoint: string;

  /** Where the load balancer asks who has signed in, as an `https://` URL. Throws for another scheme. */
  readonly userInfoEndpoint: string;
}

/**
 * Tokens of an issuer, for programs.
 */
export interface FlueJwtAuthOptions extends FlueAuthOptions {
  /**
   * The issuer, which a token has to name to the letter as its `iss`.
   *
   * Throws for anything but an `https://` URL of at most 256 characters.
   */
  readonly issuer: string;

  /**
   * Where the issuer publishes its public keys, reachable from the internet: at most 10 keys and 150 KB.
   *
   * Throws for anything but an `https://` URL of at most 256 characters.
   */
  readonly jwksEndpoint: string;

  /**
   * What a token has to say besides, such as that it was issued for this server.
   *
   * Throws for more than 10, for claims that are judged anyway (`exp`, `iss`, `nbf`, `iat`), and for none, more than 10, empty or
   * too long values.
   *
   * @default - none, which takes every token of the issuer; a warning says so
   */
  readonly claims?: FlueJwtClaim[];
}
