import type { Duration } from 'aws-cdk-lib';
import { CfnUserPoolClient } from 'aws-cdk-lib/aws-cognito';
import { Port } from 'aws-cdk-lib/aws-ec2';
import { ListenerAction, type IApplicationListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AuthenticateCognitoAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2-actions';
import type { Construct, IConstruct } from 'constructs';
import type { FlueAuthOptions, FlueCognitoAuthOptions, FlueJwtAuthOptions, FlueOidcAuthOptions, FlueSignInOptions } from './flue-auth-options';
import { requirePathPatterns } from './public-paths';
import { refuse } from '../invariants/invariant';
import { requireWithin, requireWritten } from '../invariants/limits/guard';
import { HTTPS_PORT, LOAD_BALANCER_LIMITS } from '../invariants/limits/load-balancer';
import { TOKEN_LIMITS } from '../invariants/limits/token';
import { requireSecretReference } from '../invariants/secret-reference';
import { requireArguments } from '../invariants/types/require-types';
import { inText, settled } from '../invariants/unknown';
import { WARNINGS } from '../invariants/warnings';

/**
 * An authentication at the load balancer, before a request reaches the server.
 *
 * People sign in with a browser: use `cognito` or `oidc`. Programs send a token: use `jwt`.
 *
 * It needs HTTPS. The load balancer must also reach the identity provider, so an internal one needs subnets with a NAT gateway.
 */
export class FlueAuth {
  /**
   * A sign-in with the users of an Amazon Cognito user pool.
   *
   * The load balancer redirects to the pages of the user pool and keeps the session in a cookie. A program gets that redirect
   * in place of an answer. Add the paths of programs to `publicPaths`, and let the app ask for a token there.
   *
   * The load balancer checks the session only when a stream opens. The stream goes on after the session has expired.
   *
   * The load balancer sends the claims of the user in the header `x-amzn-oidc-data`. On public paths, callers can send such a
   * header themselves, so verify its signature before you trust it.
   *
   * @param options the user pool, its client and its domain
   */
  public static cognito(options: FlueCognitoAuthOptions): FlueAuth {
    requireArguments('FlueAuth.cognito', { options });
    return new FlueAuth(new CognitoAuth(options));
  }

  /**
   * A sign-in with an identity provider that speaks OpenID Connect; the rest is as with `cognito`.
   *
   * @param options the client and the endpoints of the provider
   */
  public static oidc(options: FlueOidcAuthOptions): FlueAuth {
    requireArguments('FlueAuth.oidc', { options });
    return new FlueAuth(new OidcAuth(options));
  }

  /**
   * Tokens that programs send with each request as `Authorization: Bearer`: JSON Web Tokens, signed with RS256.
   *
   * The load balancer rejects a request without a token, and one whose signature, issuer, times or claims are wrong. It passes
   * the token on to the app. If your app expects a token of its own in the same header, switch that off.
   *
   * @param options the issuer and the claims of its tokens
   */
  public static jwt(options: FlueJwtAuthOptions): FlueAuth {
    requireArguments('FlueAuth.jwt', { options });
    return new FlueAuth(new JwtAuth(options));
  }

  private constructor(private readonly way: Way) {}

  /**
   * What the user stated, in which no secret may stand.
   *
   * @internal
   */
  public get _given(): object {
    return this.way.options;
  }

  /** @internal */
  public get _options(): FlueAuthOptions {
    return this.way.options;
  }

  /**
   * Refuses what the load balancer would not take, and warns of what it would take from too many.
   *
   * @internal
   */
  public _require(scope: IConstruct): void {
    requirePathPatterns(scope, 'publicPaths', this._options.publicPaths ?? []);
    this.way.require(scope);
  }

  /**
   * The action that authenticates, then goes on.
   *
   * @internal
   */
  public _authenticate(scope: Construct, next: ListenerAction): ListenerAction {
    return this.way.authenticate(scope, next);
  }
}

/** One way to authenticate. */
interface Way {
  readonly options: FlueAuthOptions;
  require(scope: IConstruct): void;
  authenticate(scope: Construct, next: ListenerAction): ListenerAction;
}

abstract class SignIn implements Way {
  public abstract readonly options: FlueSignInOptions;

  public require(scope: IConstruct): void {
    requireWritten(scope, this.options.scope, TOKEN_LIMITS.scope);
    requireWithin(scope, this.options.sessionTimeout, LOAD_BALANCER_LIMITS.sessionTimeout);
  }

  public abstract authenticate(scope: Construct, next: ListenerAction): ListenerAction;

  /** The load balancer keeps a session for seven days unless it is told otherwise. */
  protected sessionTimeout(scope: Construct): Duration | undefined {
    const { sessionTimeout } = settled(scope, this.options);
    return sessionTimeout && inText(sessionTimeout);
  }
}

class CognitoAuth extends SignIn {
  public constructor(public readonly options: FlueCognitoAuthOptions) {
    super();
  }

  public require(scope: IConstruct): void {
    super.require(scope);
    const client = this.options.userPoolClient.node.defaultChild;
    if (client instanceof CfnUserPoolClient && (client.generateSecret ?? false) === false) {
      refuse(scope, '`userPoolClient` must have a secret, got: one without',
        'Set `generateSecret: true` on the client: the load balancer needs it to exchange codes for tokens');
    }
  }

  public authenticate(service: Construct, next: ListenerAction): ListenerAction {
    const { userPool, userPoolClient, userPoolDomain, scope } = this.options;
    return new AuthenticateCognitoAction({ userPool, userPoolClient, userPoolDomain, scope, sessionTimeout: this.sessionTimeout(service), next });
  }
}

class OidcAuth extends SignIn {
  public constructor(public readonly options: FlueOidcAuthOptions) {
    super();
  }

  public require(scope: IConstruct): void {
    super.require(scope);
    requireSecretReference(scope, 'clientSecret', this.options.clientSecret);
    requireWritten(scope, this.options.issuer, TOKEN_LIMITS.issuerOfSignIn);
    for (const prop of ['authorizationEndpoint', 'tokenEndpoint', 'userInfoEndpoint', 'clientId', 'clientSecretField'] as const) {
      requireWritten(scope, this.options[prop], TOKEN_LIMITS[prop]);
    }
  }

  public authenticate(service: Construct, next: ListenerAction): ListenerAction {
    const { clientSecret, clientSecretField, publicPaths: _, ...options } = this.options;
    return ListenerAction.authenticateOidc({
      ...options,
      sessionTimeout: this.sessionTimeout(service),
      clientSecret: clientSecretField === undefined ? clientSecret.secretValue : clientSecret.secretValueFromJson(clientSecretField),
      next,
    });
  }
}

class JwtAuth implements Way {
  public constructor(public readonly options: FlueJwtAuthOptions) {}

  public require(scope: IConstruct): void {
    const { issuer, jwksEndpoint, claims = [] } = this.options;
    requireWritten(scope, issuer, TOKEN_LIMITS.issuer);
    requireWritten(scope, jwksEndpoint, TOKEN_LIMITS.jwksEndpoint);
    requireWithin(scope, claims.length, TOKEN_LIMITS.claims);
    claims.forEach(claim => claim._require(scope));
    if (claims.length === 0) {
      WARNINGS.everyTokenOfIssuer.give(scope);
    }
  }

  public authenticate(_: Construct, next: ListenerAction): ListenerAction {
    return new JwtAction(this.options, next);
  }
}

/** That of aws-cdk-lib judges no claims, and gives the load balancer no way to the keys. */
class JwtAction extends ListenerAction {
  public constructor({ issuer, jwksEndpoint, claims = [] }: FlueJwtAuthOptions, next: ListenerAction) {
    super({
      type: 'jwt-validation',
      jwtValidationConfig: { issuer, jwksEndpoint, additionalClaims: claims.length > 0 ? claims.map(claim => claim._render()) : undefined },
    }, next);
  }

  public bind(scope: Construct, listener: IApplicationListener, associatingConstruct?: IConstruct): void {
    super.bind(scope, listener, associatingConstruct);
    listener.connections.allowToAnyIpv4(Port.tcp(HTTPS_PORT), 'Public keys of the issuer of tokens');
  }
}
