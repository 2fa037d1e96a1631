import type { Duration } from 'aws-cdk-lib';
import type { IUserPool, IUserPoolClient, IUserPoolDomain } from 'aws-cdk-lib/aws-cognito';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';

/**
 * Options of every sign-in at the load balancer.
 */
export interface FlueAuthOptions {
  /**
   * Paths that need no sign-in, such as `/webhooks/*`: for programs, which cannot sign in.
   *
   * `*` stands for any characters, `?` for one. The app itself must ask for a token there. The path of the health
   * check is public besides. They are rules of `listener` with priorities from 1.
   *
   * Throws for a path without a leading slash, above 128 characters, with a character that no rule takes, and for one
   * that matches every path.
   *
   * @default - only the path of the health check
   */
  readonly publicPaths?: string[];

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
export interface FlueCognitoAuthProps extends FlueAuthOptions {
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
export interface FlueOidcAuthProps extends FlueAuthOptions {
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
