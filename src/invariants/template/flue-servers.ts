import { API_TYPES, integrationTargets } from './api-gateway';
import type { AppResources } from './app-resources';
import { AUTO_SCALING_GROUP, BOX_TYPES, INSTANCE, LAUNCH_CONFIGURATION, LAUNCH_TEMPLATE, boxProperty } from './boxes';
import { containersOf, endsBefore, EXPRESS_CONTAINER, EXPRESS_SERVICE, TASK_DEFINITION, type Container } from './containers';
import { databasesOf, DATABASE_TYPES, PARAMETER, SECRET } from './databases';
import { customizersOf } from './express-load-balancer';
import { inverse, memoize } from './memoize';
import { LISTENER, LOAD_BALANCER, Routing } from './routing';
import { Sandboxes } from './sandboxes';
import { SECURITY_GROUP, SECURITY_GROUP_INGRESS } from './security-groups';
import { LAUNCHER_TYPES, launchesOf, SCHEDULE } from './task-launchers';
import { declaresFlue, FUNCTION_TYPES, isFlueContainer, showsFlue } from './traits';
import type { ServerScope, TemplateResource, TemplateValue } from './value';

export const SERVICE = 'AWS::ECS::Service';
export const SCALABLE_TARGET = 'AWS::ApplicationAutoScaling::ScalableTarget';
export const LOG_GROUP = 'AWS::Logs::LogGroup';
export const VOLUME = 'AWS::EC2::Volume';

/** A name in Cloud Map under which tasks register. */
const CLOUD_MAP_SERVICE = 'AWS::ServiceDiscovery::Service';

/** Where the references to a secret may point. */
const SECRET_TYPES = [SECRET, PARAMETER];

/** The Flue servers of an app, and every resource that has a part in running them. */
export class FlueServers {
  /** Services, target groups, listeners and load balancers, and how they hang together. */
  public readonly routing: Routing;

  /** Where agents run commands, and what fences them. */
  public readonly sandboxes: Sandboxes;

  /** The task definition a service runs, where the template says. */
  public readonly taskDefinitionOf = memoize((service: TemplateResource): TemplateResource | undefined =>
    service.at(service.type === EXPRESS_SERVICE ? 'TaskDefinitionArn' : 'TaskDefinition').target(TASK_DEFINITION)?.resource);

  /** The service whose task count a scalable target sets. */
  public readonly scaledBy = memoize((target: TemplateResource): TemplateResource | undefined => {
    const id = target.at('ResourceId');
    const literal = /\/([\w-]+)$/.exec(id.text())?.[1];
    return id.target(SERVICE)?.resource
      ?? (literal ? this.app.ofType(SERVICE).find(service => service.at('ServiceName').string() === literal) : undefined);
  });

  /** The service, group or instance that a schedule calls AWS about. */
  public readonly calledAbout = memoize((schedule: TemplateResource): TemplateResource | undefined => {
    const input = schedule.at('Target', 'Input');
    const literal = /"Service(?:Name)?"\s*:\s*"([^"]+)"|"ResourceId"\s*:\s*"service\/[^"]*\/([^"/]+)"/i.exec(input.text());
    return input.target(SERVICE, EXPRESS_SERVICE, AUTO_SCALING_GROUP, INSTANCE)?.resource
      ?? (literal ? this.app.ofType(SERVICE).find(service => service.at('ServiceName').string() === (literal[1] ?? literal[2])) : undefined);
  });

  /** The services, groups and instances that an API of API Gateway sends its requests to. */
  public readonly behindApi = memoize((api: TemplateResource): TemplateResource[] => [...new Set(integrationTargets(api).flatMap(target => {
    switch (target.type) {
      case LOAD_BALANCER:
        return this.routing.registrantsBehind(target);
      case LISTENER: {
        const loadBalancer = this.routing.loadBalancerOf(target);
        return loadBalancer ? this.routing.registrantsBehind(loadBalancer) : this.routing.registrantsThrough(target);
      }
      case CLOUD_MAP_SERVICE:
        return this.app.ofType(SERVICE).filter(service => service.at('ServiceRegistries').targets().some(({ resource }) => resource === target));
      default:
        return target.type === INSTANCE ? [target] : [];
    }
  }))]);

  /** The launch templates and configurations an instance or a group starts from. */
  public readonly launchedBy = memoize((user: TemplateResource): TemplateResource[] =>
    ['LaunchTemplate', 'LaunchConfigurationName', 'MixedInstancesPolicy']
      .flatMap(key => user.at(key).targets())
      .map(({ resource }) => resource)
      .filter(({ type }) => type === LAUNCH_TEMPLATE || type === LAUNCH_CONFIGURATION));

  /** The security groups of a box, or of a database. */
  public readonly securityGroupsOf = memoize((owner: TemplateResource): TemplateResource[] => {
    const values = BOX_TYPES.includes(owner.type)
      ? ['SecurityGroupIds', 'SecurityGroups', 'NetworkInterfaces'].map(key => boxProperty(owner, key))
      : ['VPCSecurityGroups', 'VpcSecurityGroupIds'].map(key => owner.at(key));
    return values.flatMap(value => value.targets()).map(({ resource }) => resource).filter(({ type }) => type === SECURITY_GROUP);
  });

  /** Every container of a task definition or Express service in which a Flue server runs, sidecars and what ends before left out. */
  public readonly serverContainers = memoize((owner: TemplateResource): Container[] => {
    const containers = this.sandboxes.definitions.has(owner) ? [] : containersOf(owner).filter(container => !endsBefore(container));
    const shown = containers.filter(isFlueContainer);
    if (shown.length > 0 || containers.length < 2) {
      return shown.length > 0 ? shown : containers;
    }
    const routed = new Set(this.servicesOf(owner).flatMap(service => service.type === EXPRESS_SERVICE
      ? [EXPRESS_CONTAINER]
      : this.routing.attachmentsOf(service).map(attachment => attachment.containerName)));
    const served = containers.filter(container => typeof container.name === 'string' && routed.has(container.name));
    const essential = containers.find(container => container.definition.at('Essential').boolean() !== false);
    return served.length > 0 ? served : essential ? [essential] : [];
  });

  private services?: Map<TemplateResource, TemplateResource[]>;
  private scalableTargets?: Map<TemplateResource, TemplateResource[]>;
  private readonly members = new Set<TemplateResource>();

  public constructor(public readonly app: AppResources) {
    this.sandboxes = new Sandboxes(app);
    for (const resource of app.all()) {
      if (resource.scopes.server || resource.scopes.database) {
        this.members.add(resource);
      }
    }
    for (const resource of app.ofType(TASK_DEFINITION, EXPRESS_SERVICE, ...BOX_TYPES, ...FUNCTION_TYPES)) {
      if (showsFlue(resource)) {
        this.members.add(resource);
      }
    }
    for (const resource of app.ofType(SERVICE, AUTO_SCALING_GROUP, ...DATABASE_TYPES)) {
      if (declaresFlue(resource)) {
        this.members.add(resource);
      }
    }
    this.routing = new Routing(app);
    if (this.members.size > 0) {
      this.addRelated();
    }
  }

  /** Whether a resource has a part in running a Flue server. */
  public contains(resource: TemplateResource): boolean {
    return this.members.has(resource);
  }

  public ofType(...types: string[]): TemplateResource[] {
    return this.app.ofType(...types).filter(resource => this.contains(resource));
  }

  /** What holds the containers of a service: its task definition, or an Express service itself. */
  public containerOwnerOf(service: TemplateResource): TemplateResource | undefined {
    return service.type === EXPRESS_SERVICE && !service.at('PrimaryContainer').absent ? service : this.taskDefinitionOf(service);
  }

  /** The services that run the containers of a task definition; an Express service runs its own. */
  public servicesOf(owner: TemplateResource): TemplateResource[] {
    this.services ??= inverse(this.app.ofType(SERVICE, EXPRESS_SERVICE), service => [this.containerOwnerOf(service)].filter(isThere));
    return this.services.get(owner) ?? [];
  }

  /** The scalable targets that set a service's task count. */
  public scalableTargetsOf(service: TemplateResource): TemplateResource[] {
    this.scalableTargets ??= inverse(this.app.ofType(SCALABLE_TARGET), target => [this.scaledBy(target)].filter(isThere));
    return this.scalableTargets.get(service) ?? [];
  }

  /** The instances and auto scaling groups that start boxes as this resource says. */
  public usersOf(box: TemplateResource): TemplateResource[] {
    return this.app.ofType(INSTANCE, AUTO_SCALING_GROUP).filter(user => this.launchedBy(user).includes(box));
  }

  /** Whether a group only lends its machines to ECS, which counts the tasks itself. */
  public isEcsCapacity(group: TemplateResource): boolean {
    return this.app.ofType('AWS::ECS::CapacityProvider')
      .some(provider => provider.at('AutoScalingGroupProvider').target(AUTO_SCALING_GROUP)?.resource === group);
  }

  /** The members of these types that a security group, or the group of a separate ingress rule, protects. */
  public protectedBy(group: TemplateResource, ...types: string[]): TemplateResource[] {
    const target = group.type === SECURITY_GROUP_INGRESS ? group.at('GroupId').target(SECURITY_GROUP)?.resource : group;
    return this.ofType(...types).filter(owner => this.securityGroupsOf(owner).some(candidate => candidate === target));
  }

  /** What the owner of a service declared of it. */
  public declaredFor(service: TemplateResource): ServerScope | undefined {
    return service.scopes.server ?? this.taskDefinitionOf(service)?.scopes.server;
  }

  private addRelated(): void {
    const { app } = this;
    for (const service of app.ofType(SERVICE, EXPRESS_SERVICE)) {
      const definition = this.taskDefinitionOf(service);
      if (this.contains(service) || (definition && this.contains(definition))) {
        this.add(service, definition);
      }
    }
    for (const target of app.ofType(SCALABLE_TARGET)) {
      this.addIf(target, this.scaledBy(target));
    }
    for (const launcher of app.ofType(...LAUNCHER_TYPES)) {
      launchesOf(launcher).forEach(({ definition }) => this.addIf(launcher, definition));
    }
    this.add(...customizersOf(app, service => this.contains(service)));
    this.addBoxes();
    this.routing.addRelated(this.members);
    for (const api of app.ofType(...API_TYPES)) {
      if (this.behindApi(api).some(server => this.contains(server))) {
        this.add(api);
      }
    }
    for (const owner of this.ofType(TASK_DEFINITION, EXPRESS_SERVICE)) {
      this.addTargets(owner.at('ContainerDefinitions'), LOG_GROUP, ...SECRET_TYPES);
      this.addTargets(owner.at('PrimaryContainer'), LOG_GROUP, ...SECRET_TYPES);
    }
    this.add(...databasesOf(app, this.ofType(TASK_DEFINITION, EXPRESS_SERVICE).flatMap(containersOf), this.ofType(...BOX_TYPES), this.members));
    for (const owner of this.ofType(...BOX_TYPES, ...DATABASE_TYPES)) {
      this.add(...this.securityGroupsOf(owner));
    }
    if (this.ofType(SECURITY_GROUP).length > 0) {
      for (const ingress of app.ofType(SECURITY_GROUP_INGRESS)) {
        this.addIf(ingress, ingress.at('GroupId').target(SECURITY_GROUP)?.resource);
      }
    }
  }

  private addBoxes(): void {
    const { app } = this;
    for (const user of app.ofType(INSTANCE, AUTO_SCALING_GROUP)) {
      const launched = this.launchedBy(user);
      if (this.contains(user) || launched.some(box => this.contains(box))) {
        this.add(user, ...launched);
      }
    }
    for (const instance of this.ofType(INSTANCE)) {
      this.addTargets(instance.at('Volumes'), VOLUME);
    }
    for (const attachment of app.ofType('AWS::EC2::VolumeAttachment')) {
      const instance = attachment.at('InstanceId').target(INSTANCE)?.resource;
      if (instance && this.contains(instance)) {
        this.addTargets(attachment.at('VolumeId'), VOLUME);
      }
    }
    for (const schedule of app.ofType(SCHEDULE)) {
      this.addIf(schedule, this.calledAbout(schedule));
    }
    for (const scheduled of app.ofType('AWS::AutoScaling::ScheduledAction')) {
      this.addIf(scheduled, scheduled.at('AutoScalingGroupName').target(AUTO_SCALING_GROUP)?.resource);
    }
  }

  private addTargets(value: TemplateValue, ...types: string[]): void {
    this.add(...value.targets().map(({ resource }) => resource).filter(({ type }) => types.includes(type)));
  }

  private addIf(resource: TemplateResource, member: TemplateResource | undefined): void {
    if (member && this.contains(member)) {
      this.add(resource);
    }
  }

  private add(...resources: Array<TemplateResource | undefined>): void {
    for (const resource of resources) {
      if (resource) {
        this.members.add(resource);
      }
    }
  }
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}
