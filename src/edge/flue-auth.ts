import { Token } from 'aws-cdk-lib';
import { CfnUserPoolClient } from 'aws-cdk-lib/aws-cognito';
import { ListenerAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AuthenticateCognitoAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2-actions';
import type { IConstruct } from 'constructs';
import type { FlueAuthOptions, FlueCognitoAuthProps, FlueOidcAuthProps } from './flue-auth-props';
import { requirePathPatterns } from './public-paths';
import { refuse } from '../invariants/invariant';
import { requireWithin } from '../invariants/limits/guard';
import { LOAD_BALANCER_LIMITS } from '../invariants/limits/load-balancer';

/**
 * A sign-in at the load balancer: nobody reaches the server without.
 *
 * Only browsers can sign in: the load balancer redirects to the pages of the identity provider and keeps the session in a cookie. A
 * program gets that redirect in place of an answer. Name its paths in `publicPaths`, and let the app ask for a token there.
 *
 * The server finds the claims of the user in the header `x-amzn-oidc-data`. On public paths anybody may send such a
 * header: trust it only after its signature is verified.
 *
 * It needs HTTPS, and a way from the load balancer to the identity provider: an internal one needs subnets with a NAT gateway.
 */
export abstract class FlueAuth {
  /**
   * A sign-in with the users of an Amazon Cognito user pool.
   *
   * @param props the user pool, its client and its domain
   */
  public static cognito(props: FlueCognitoAuthProps): FlueAuth {
    return new CognitoAuth(props);
  }

  /**
   * A sign-in with an identity provider that speaks OpenID Connect.
   *
   * @param props the client, and the endpoints of the provider
   */
  public static oidc(props: FlueOidcAuthProps): FlueAuth {
    return new OidcAuth(props);
  }

  /** @internal */
  public abstract get _options(): FlueAuthOptions;

  /**
   * Refuses what the load balancer would not take.
   *
   * @internal
   */
  public _require(scope: IConstruct): void {
    requirePathPatterns(scope, 'publicPaths', this._options.publicPaths ?? []);
    requireWithin(scope, this._options.sessionTimeout, LOAD_BALANCER_LIMITS.sessionTimeout);
  }

  /**
   * The action that signs in, then goes on.
   *
   * @internal
   */
  public abstract _signIn(next: ListenerAction): ListenerAction;
}

class CognitoAuth extends FlueAuth {
  public constructor(public readonly _options: FlueCognitoAuthProps) {
    super();
  }

  public _require(scope: IConstruct): void {
    super._require(scope);
    const client = this._options.userPoolClient.node.defaultChild;
    if (client instanceof CfnUserPoolClient && (client.generateSecret ?? false) === false) {
      refuse(scope, '`userPoolClient` must have a secret, got: one without',
        'Set `generateSecret: true` on the client: the load balancer exchanges codes for tokens by it');
    }
  }

  public _signIn(next: ListenerAction): ListenerAction {
    const { userPool, userPoolClient, userPoolDomain, scope, sessionTimeout } = this._options;
    return new AuthenticateCognitoAction({ userPool, userPoolClient, userPoolDomain, scope, sessionTimeout, next });
  }
}

class OidcAuth extends FlueAuth {
  public constructor(public readonly _options: FlueOidcAuthProps) {
    super();
  }

  public _require(scope: IConstruct): void {
    super._require(scope);
    const { issuer, authorizationEndpoint, tokenEndpoint, userInfoEndpoint } = this._options;
    for (const [prop, url] of Object.entries({ issuer, authorizationEndpoint, tokenEndpoint, userInfoEndpoint })) {
      if (!Token.isUnresolved(url) && !/^https:\/\/[^/\s]+/.test(url)) {
        refuse(scope, `\`${prop}\` must be a URL that begins with https://, got: ${url}`,
          'Take it from the document `/.well-known/openid-configuration` of the provider');
      }
    }
  }

  public _signIn(next: ListenerAction): ListenerAction {
    const { clientSecret, clientSecretField, publicPaths: _, ...options } = this._options;
    return ListenerAction.authenticateOidc({
      ...options,
      clientSecret: clientSecretField === undefined ? clientSecret.secretValue : clientSecret.secretValueFromJson(clientSecretField),
      next,
    });
  }
}
