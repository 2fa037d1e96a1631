import { AUTO_SCALING_GROUP, INSTANCE } from './boxes';
import { inverse, memoize } from './memoize';
import { UNKNOWN, type Maybe, type Resources, type TemplateResource, type TemplateValue } from './value';
import { SHARD_HEADER } from '../shards/partition';

export const TARGET_GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';
export const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
export const LISTENER_RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
export const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
export const DISTRIBUTION = 'AWS::CloudFront::Distribution';
/** What an accelerator of AWS Global Accelerator sends to. */
export const ENDPOINT_GROUP = 'AWS::GlobalAccelerator::EndpointGroup';
const VPC_ORIGIN = 'AWS::CloudFront::VpcOrigin';
const RECORD_SET = 'AWS::Route53::RecordSet';

/** One entry of a service's `LoadBalancers`. */
export interface Attachment {
  readonly containerName: Maybe<string>;
  readonly containerPort: Maybe<number>;
  readonly location: string;
  /** None where the target group is one of another app. */
  readonly targetGroups: TemplateResource[];
}

/** How requests reach servers: load balancer, listener, rule, target group, service or box. */
export class Routing {
  /** The target groups a listener or a rule forwards to by itself. */
  public readonly forwardedBy = memoize((forwarder: TemplateResource): TemplateResource[] =>
    ofType(forwarder.at(forwarder.type === LISTENER ? 'DefaultActions' : 'Actions'), TARGET_GROUP));

  /** The listener a rule belongs to, or a listener itself. */
  public readonly listenerOf = memoize((forwarder: TemplateResource): TemplateResource | undefined =>
    forwarder.type === LISTENER ? forwarder : forwarder.at('ListenerArn').target(LISTENER)?.resource);

  public readonly loadBalancerOf = memoize((forwarder: TemplateResource): TemplateResource | undefined =>
    this.listenerOf(forwarder)?.at('LoadBalancerArn').target(LOAD_BALANCER)?.resource);

  /** The target groups a service or a group registers in. */
  public readonly registeredIn = memoize((registrant: TemplateResource): TemplateResource[] =>
    ofType(registrant.at(registrant.type === AUTO_SCALING_GROUP ? 'TargetGroupARNs' : 'LoadBalancers'), TARGET_GROUP));

  private registrants?: Map<TemplateResource, TemplateResource[]>;
  private forwarders?: Map<TemplateResource, TemplateResource[]>;

  public constructor(private readonly app: Resources) {}

  /** The target groups a service registers its tasks in, one entry for each container port. */
  public attachmentsOf(service: TemplateResource): Attachment[] {
    const entries = service.at('LoadBalancers').list();
    return entries === UNKNOWN ? [] : entries.map((entry, index) => ({
      containerName: entry.at('ContainerName').string(),
      containerPort: entry.at('ContainerPort').number(),
      location: `Properties/LoadBalancers/${index}`,
      targetGroups: ofType(entry, TARGET_GROUP),
    }));
  }

  /** The services, instances and auto scaling groups that register in a target group. */
  public registrantsOf(targetGroup: TemplateResource): TemplateResource[] {
    this.registrants ??= inverse(this.app.ofType('AWS::ECS::Service', AUTO_SCALING_GROUP), this.registeredIn);
    return [...this.registrants.get(targetGroup) ?? [], ...ofType(targetGroup.at('Targets'), INSTANCE)];
  }

  /** The servers that a listener leads to, through a load balancer that is a target too. */
  public registrantsThrough(forwarder: TemplateResource): TemplateResource[] {
    const found = this.forwardedBy(forwarder).flatMap(targetGroup => [
      ...this.registrantsOf(targetGroup),
      ...ofType(targetGroup.at('Targets'), LOAD_BALANCER).flatMap(loadBalancer => this.registrantsBehind(loadBalancer)),
    ]);
    return [...new Set(found)];
  }

  /** The listeners and listener rules that forward to a target group. */
  public forwardersTo(targetGroup: TemplateResource): TemplateResource[] {
    this.forwarders ??= inverse(this.app.ofType(LISTENER, LISTENER_RULE), this.forwardedBy);
    return this.forwarders.get(targetGroup) ?? [];
  }

  /** Whether a target group gets a part of the ids, by the path or by their hash, and another one of the same listener the rest. */
  public isShard(targetGroup: TemplateResource): boolean {
    return this.forwardersTo(targetGroup).some(rule => readsShard(rule) && this.app.ofType(LISTENER_RULE).some(other => other !== rule
      && this.listenerOf(other) === this.listenerOf(rule) && readsShard(other) && this.forwardedBy(other).some(group => group !== targetGroup)));
  }

  /** The load balancers in front of a service, an instance or a group. */
  public loadBalancersOf(registrant: TemplateResource): TemplateResource[] {
    const targetGroups = registrant.type === INSTANCE
      ? this.app.ofType(TARGET_GROUP).filter(targetGroup => ofType(targetGroup.at('Targets'), INSTANCE).includes(registrant))
      : this.registeredIn(registrant);
    const found = targetGroups
      .flatMap(targetGroup => this.forwardersTo(targetGroup))
      .flatMap(forwarder => this.loadBalancerOf(forwarder) ?? []);
    return [...new Set(found)];
  }

  /** What stands behind a load balancer. */
  public registrantsBehind(loadBalancer: TemplateResource): TemplateResource[] {
    const found = this.app.ofType(LISTENER, LISTENER_RULE)
      .filter(forwarder => this.loadBalancerOf(forwarder) === loadBalancer)
      .flatMap(forwarder => this.forwardedBy(forwarder))
      .flatMap(targetGroup => this.registrantsOf(targetGroup));
    return [...new Set(found)];
  }

  /** The load balancers that an origin of CloudFront leads to: by its name, by a record of that name, or by its VPC origin. */
  public loadBalancersOfOrigin(origin: TemplateValue): TemplateResource[] {
    const domain = origin.at('DomainName');
    const name = domain.string();
    const named = typeof name === 'string' ? this.app.ofType(RECORD_SET).filter(record => isSameName(record.at('Name').string(), name)) : [];
    const records = [...ofType(domain, RECORD_SET), ...named];
    const places = [
      domain, ...records.flatMap(record => [record.at('AliasTarget', 'DNSName'), record.at('ResourceRecords')]),
      ...ofType(origin.at('VpcOriginConfig', 'VpcOriginId'), VPC_ORIGIN).map(vpcOrigin => vpcOrigin.at('VpcOriginEndpointConfig', 'Arn')),
    ];
    return [...new Set(places.flatMap(place => ofType(place, LOAD_BALANCER)))];
  }

  /** The servers that an endpoint group of Global Accelerator leads to. */
  public registrantsOfGroup(group: TemplateResource): TemplateResource[] {
    const endpoints = group.at('EndpointConfigurations');
    return [...ofType(endpoints, LOAD_BALANCER).flatMap(loadBalancer => this.registrantsBehind(loadBalancer)), ...ofType(endpoints, INSTANCE)];
  }

  /** Adds what routes to the members: their target groups, and the listeners, rules, load balancers and distributions in front. */
  public addRelated(members: Set<TemplateResource>): void {
    for (const targetGroup of this.app.ofType(TARGET_GROUP)) {
      if (this.registrantsOf(targetGroup).some(registrant => members.has(registrant))) {
        members.add(targetGroup);
      }
    }
    for (const forwarder of this.app.ofType(LISTENER, LISTENER_RULE)) {
      if (this.registrantsThrough(forwarder).some(registrant => members.has(registrant))) {
        members.add(forwarder);
      }
      if (members.has(forwarder) || this.forwardedBy(forwarder).some(targetGroup => members.has(targetGroup))) {
        [forwarder, this.listenerOf(forwarder), this.loadBalancerOf(forwarder)].forEach(part => part && members.add(part));
      }
    }
    for (const distribution of this.app.ofType(DISTRIBUTION)) {
      const origins = distribution.at('DistributionConfig', 'Origins');
      const list = origins.list();
      const found = list === UNKNOWN ? ofType(origins, LOAD_BALANCER) : list.flatMap(origin => this.loadBalancersOfOrigin(origin));
      if (found.some(loadBalancer => members.has(loadBalancer))) {
        members.add(distribution);
      }
    }
    for (const group of this.app.ofType(ENDPOINT_GROUP)) {
      if (this.registrantsOfGroup(group).some(registrant => members.has(registrant))) {
        members.add(group);
      }
    }
  }
}

/** Whether a rule has a condition with regular expressions for the path, or on the header that holds the shard. */
function readsShard(rule: TemplateResource): boolean {
  const conditions = rule.at('Conditions').list();
  return conditions !== UNKNOWN && conditions.some(condition => {
    const regexes = [condition.at('PathPatternConfig', 'RegexValues').list(), condition.at('RegexValues').list()];
    return regexes.some(list => typeof list !== 'symbol' && list.length > 0) || condition.at('HttpHeaderConfig', 'HttpHeaderName').string() === SHARD_HEADER;
  });
}

/** Whether two names of a domain are the same, whatever their case and with or without the dot at the end. */
function isSameName(one: Maybe<string>, other: string): boolean {
  const plain = (name: string) => name.toLowerCase().replace(/\.$/, '');
  return typeof one === 'string' && plain(one) === plain(other);
}

function ofType(value: TemplateValue, type: string): TemplateResource[] {
  return value.targets().map(({ resource }) => resource).filter(resource => resource.type === type);
}
