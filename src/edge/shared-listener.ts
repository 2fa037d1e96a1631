import { Token } from 'aws-cdk-lib';
import type { IPeer, IVpc } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationListener, ApplicationLoadBalancer, ApplicationProtocol, ListenerAction,
  type IApplicationListener, type ListenerCondition,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import { refuseWithoutLoadBalancer, type EdgeProps, type ExposureStrategy, type ServerEdge } from './exposure-strategy';
import type { FlueListenerOptions } from './flue-exposure-options';
import { addRecord, requireZoneOfDomain } from './https';
import { buildRule } from './listener-rule';
import { buildTargetGroup, type ServerTargetGroupProps } from './target-group';
import { secondsOf } from '../invariants/durations';
import { refuse } from '../invariants/invariant';
import { requireWithin, requireWritten } from '../invariants/limits/guard';
import { HTTP_PORT, HTTPS_PORT, LOAD_BALANCER_LIMITS, MAX_CONDITION_VALUES } from '../invariants/limits/load-balancer';
import { isUnknown, settled } from '../invariants/unknown';
import { DEFAULT_LONGEST_RUN, type StatedTimers } from '../timers/timer-chain';

/** Conditions that tell the requests of one server from those of another. */
const TELLING_FIELDS = ['host-header', 'path-pattern'];
/** Props that belong to the load balancer, not to a service behind it. */
const PROPS_OF_OWNER = [
  'certificate', 'sslPolicy', 'accessLogs', 'accessLogsBucket', 'webAcl', 'loadBalancerDeletionProtection', 'idleTimeout',
] as const;
const EXPOSURE = 'FlueExposure.throughListener(…)';

/** A rule of a listener that is not the service's own. */
export class SharedListener implements ExposureStrategy {
  public readonly internetFacing = false;
  public readonly ownsLoadBalancer = false;
  public readonly peers: IPeer[] = [];

  public constructor(private readonly listener: IApplicationListener, private readonly options: FlueListenerOptions) {}

  public get given(): object {
    return { ...this.options, conditions: this.options.conditions.map(condition => condition.renderRawCondition() as object) };
  }

  public require(scope: Construct, props: EdgeProps): void {
    const { conditions, priority } = this.options;
    if (!conditions.some(condition => TELLING_FIELDS.includes(fieldOf(condition)))) {
      refuse(scope, `\`conditions\` must hold a host or a path, got: ${conditions.map(fieldOf).join(', ') || 'none'}`,
        'Add `ListenerCondition.hostHeaders([…])` or `ListenerCondition.pathPatterns([…])`: other servers share the listener');
    }
    requireConditionValues(scope, conditions);
    requireWithin(scope, priority, LOAD_BALANCER_LIMITS.priority);
    for (const prop of PROPS_OF_OWNER) {
      if (props[prop] !== undefined) {
        refuse(scope, `\`${prop}\` must be left out with ${EXPOSURE}, got: one`,
          prop === 'idleTimeout' ? 'Pass the idle timeout of the load balancer in the exposure' : 'It belongs to the load balancer: set it there');
      }
    }
    requireSharedSignIn(scope, this.listener, props);
    requireSharedDomain(scope, this.listener, this.options, props);
    this.addressOf(scope, props);
  }

  public timers(scope: Construct, stated: StatedTimers): StatedTimers {
    requireWithin(scope, this.options.idleTimeout, LOAD_BALANCER_LIMITS.idleTimeout);
    const { idleTimeout } = settled<Partial<FlueListenerOptions>>(scope, this.options);
    const idle = idleTimeout && secondsOf(idleTimeout);
    // whoever made the load balancer chose its idle timeout: what nobody stated follows it
    const shortened = idle !== undefined && idle < DEFAULT_LONGEST_RUN.toSeconds() ? idleTimeout : undefined;
    return { ...stated, idleTimeout, longestRun: stated.longestRun ?? shortened };
  }

  /** The VPC of a load balancer that this app makes. */
  public vpc(): IVpc | undefined {
    return loadBalancerOf(this.listener)?.vpc;
  }

  public requireNetwork(scope: Construct, _: EdgeProps, vpc: IVpc | undefined): void {
    if (!vpc) {
      refuse(scope, '`vpc` must be given with a listener whose VPC is not known, got: none', 'Pass the VPC of its load balancer');
    }
  }

  public fixedRules({ auth }: EdgeProps): string {
    return auth ? '`auth`' : EXPOSURE;
  }

  /** A target group and a rule, behind a load balancer that is not the service's own. */
  public build(scope: Construct, props: EdgeProps, target: ServerTargetGroupProps): ServerEdge {
    const { listener, options: { conditions, priority } } = this;
    const targetGroup = buildTargetGroup(scope, target);
    const forward = ListenerAction.forward([targetGroup]);
    const listenerRule = buildRule(scope, 'ListenerRule', {
      listener, priority, conditions, action: props.auth ? props.auth._authenticate(scope, forward) : forward,
    });
    const loadBalancer = loadBalancerOf(listener);
    if (loadBalancer) {
      addRecord(scope, new LoadBalancerTarget(loadBalancer), props);
    }
    return {
      targetGroup,
      listenerRule,
      ready: listenerRule,
      url: this.addressOf(scope, props),
      own: attribute => refuse(scope, `\`${attribute}\` must be of a load balancer of the service's own, got: ${EXPOSURE}`,
        'Use the listener that you passed there, or `targetGroup` and `listenerRule`'),
    };
  }

  public warnPublic(): void {
    // who may connect is the affair of the load balancer's owner
  }

  public directClients(scope: Construct): never {
    return refuseWithoutLoadBalancer(scope, EXPOSURE);
  }

  private addressOf(scope: Construct, { domainName }: EdgeProps): string {
    const { listener, options: { conditions, url } } = this;
    if (url !== undefined) {
      requireWritten(scope, url, LOAD_BALANCER_LIMITS.url);
      return url;
    }
    if (!(listener instanceof ApplicationListener)) {
      return refuse(scope, '`url` must be given with the listener of another app, got: none', 'Pass the URL that clients use, as in `https://agents.example.com`');
    }
    const host = domainName ?? hostsOf(conditions).find(name => isUnknown(name) || !/[*?]/.test(name)) ?? loadBalancerOf(listener)?.loadBalancerDnsName;
    if (host === undefined) {
      return refuse(scope, '`url` must be given with the load balancer of another app, got: none', 'Pass the URL that clients use, as in `https://agents.example.com`');
    }
    const isHttps = listener.protocol === ApplicationProtocol.HTTPS;
    const isUsualPort = listener.port === (isHttps ? HTTPS_PORT : HTTP_PORT);
    return `${isHttps ? 'https' : 'http'}://${host}${isUsualPort ? '' : `:${listener.port}`}`;
  }
}

function requireSharedSignIn(scope: Construct, listener: IApplicationListener, { auth }: EdgeProps): void {
  if (!auth) {
    return;
  }
  auth._require(scope);
  if (listener instanceof ApplicationListener && listener.protocol !== ApplicationProtocol.HTTPS) {
    refuse(scope, '`auth` must come with a listener of HTTPS, got: plain HTTP', 'A load balancer authenticates only on HTTPS: pass its HTTPS listener');
  }
  if (auth._options.publicPaths?.length) {
    refuse(scope, `\`publicPaths\` must be empty with ${EXPOSURE}, got: ${auth._options.publicPaths.join(', ')}`,
      'Add an `ApplicationListenerRule` of a lower priority that forwards them to `targetGroup`');
  }
}

function requireSharedDomain(scope: Construct, listener: IApplicationListener, options: FlueListenerOptions, props: EdgeProps): void {
  const { domainName, hostedZone } = props;
  if (domainName === undefined) {
    return;
  }
  if (!hostedZone) {
    refuse(scope, `\`hostedZone\` must be given with \`domainName\` and ${EXPOSURE}, got: none`,
      'The listener has the certificate. Pass the zone, and the construct creates the record. Or pass `url` in the exposure in place of the domain');
  }
  requireZoneOfDomain(scope, { domainName, hostedZone });
  if (!loadBalancerOf(listener)) {
    refuse(scope, `\`domainName\` must come with a load balancer that this app makes, got: ${domainName} for the listener of another app`,
      'Create the record in the app of the load balancer, and pass `url` in the exposure');
  }
  const hosts = hostsOf(options.conditions);
  if (!isUnknown(domainName) && hosts.length > 0 && !hosts.some(host => isUnknown(host) || host.includes('*') || host.includes('?') || host === domainName)) {
    refuse(scope, `\`domainName\` must be a host of \`conditions\` (${hosts.join(', ')}), got: ${domainName}`, 'Add the domain to `conditions`. Otherwise no request for it reaches the server');
  }
}

function loadBalancerOf(listener: IApplicationListener): ApplicationLoadBalancer | undefined {
  const loadBalancer = listener instanceof ApplicationListener ? listener.loadBalancer : undefined;
  return loadBalancer instanceof ApplicationLoadBalancer ? loadBalancer : undefined;
}

/** Refuses what Elastic Load Balancing takes for no condition, and more values than it compares. */
function requireConditionValues(scope: Construct, conditions: ListenerCondition[]): void {
  const values = conditions.map(valuesOf);
  const empty = values.findIndex(list => list?.length === 0);
  const count = values.reduce((sum, list) => sum + (list?.length ?? 0), 0);
  if (empty >= 0 || count > MAX_CONDITION_VALUES) {
    refuse(scope, `\`conditions\` must be ${LOAD_BALANCER_LIMITS.conditions.allowed}, got: ${empty >= 0 ? `none in ${fieldOf(conditions[empty])}` : count}`,
      empty >= 0 ? 'Name what the condition compares with, or leave it out' : 'Write several of them as one with `*`, or add an `ApplicationListenerRule` for the others');
  }
}

/** What a condition compares with; undefined where only the deployment knows the list. */
function valuesOf(condition: ListenerCondition): unknown[] | undefined {
  const { field: _, ...config } = condition.renderRawCondition();
  const [list] = Object.values(config as Record<string, { readonly values?: unknown[] }>).flatMap(part => (part?.values ? [part.values] : []));
  return list === undefined || Token.isUnresolved(list) ? undefined : list;
}

function fieldOf(condition: ListenerCondition): string {
  return condition.renderRawCondition().field;
}

function hostsOf(conditions: ListenerCondition[]): string[] {
  return conditions.flatMap(condition => condition.renderRawCondition().hostHeaderConfig?.values ?? []);
}
