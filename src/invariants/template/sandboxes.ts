import type { AppResources } from './app-resources';
import { containersOf, TASK_DEFINITION, type Container } from './containers';
import { SECURITY_GROUP, SECURITY_GROUP_EGRESS, SECURITY_GROUP_INGRESS } from './security-groups';
import { LAUNCHER_TYPES, launchesOf } from './task-launchers';
import { UNKNOWN, type TemplateResource } from './value';

/** The container of a sandbox, and the port of its daemon. */
export const SANDBOX_CONTAINER = 'sandbox';
export const SANDBOX_PORT = 8080;
/** The variable by which a container is known as a sandbox. Its server has it too, beside the next. */
export const SANDBOX_LIFETIME = 'SANDBOX_MAX_LIFETIME_SECONDS';
/** The variables in which programs look for a proxy. The daemon hands them to commands. */
export const PROXY_VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'];
/** The variables in which a server reads what to run, and behind which security groups. */
export const SANDBOX_TASK_DEFINITION = 'SANDBOX_TASK_DEFINITION';
export const SANDBOX_SECURITY_GROUPS = 'SANDBOX_SECURITY_GROUPS';
/** The variable in which a server reads the id of a code interpreter, whose sessions are its sandboxes. */
export const SANDBOX_CODE_INTERPRETER = 'SANDBOX_CODE_INTERPRETER';

export const CODE_INTERPRETER = 'AWS::BedrockAgentCore::CodeInterpreterCustom';

const SERVICE = 'AWS::ECS::Service';

/** The sandboxes of an app, in which agents run commands, and what fences them. */
export class Sandboxes {
  /** The task definitions of sandboxes. */
  public readonly definitions = new Set<TemplateResource>();
  /** The code interpreters whose sessions are sandboxes. */
  public readonly interpreters = new Set<TemplateResource>();
  /** Their security groups. */
  public readonly groups = new Set<TemplateResource>();
  /** Everything that has a part in running one, those included. */
  public readonly members: ReadonlySet<TemplateResource>;

  public constructor(app: AppResources) {
    for (const definition of app.ofType(TASK_DEFINITION)) {
      const containers = containersOf(definition);
      if (definition.scopes.sandbox || containers.some(isSandbox)) {
        this.definitions.add(definition);
      }
      containers.forEach(container => this.addNamedBy(container));
    }
    for (const interpreter of app.ofType(CODE_INTERPRETER)) {
      if (interpreter.scopes.sandbox) {
        this.interpreters.add(interpreter);
      }
    }
    for (const group of app.ofType(SECURITY_GROUP)) {
      if (group.scopes.sandbox) {
        this.groups.add(group);
      }
    }
    const isRule = (rule: TemplateResource) => this.groups.has(groupOf(rule) ?? rule);
    const runs = (runner: TemplateResource) => runner.type === SERVICE
      ? this.definitions.has(runner.at('TaskDefinition').target(TASK_DEFINITION)?.resource ?? runner)
      : launchesOf(runner).some(({ definition }) => this.definitions.has(definition));
    const isAny = this.definitions.size > 0;
    this.members = new Set([
      ...this.definitions,
      ...this.interpreters,
      ...this.groups,
      ...isAny ? app.ofType(SECURITY_GROUP_EGRESS, SECURITY_GROUP_INGRESS).filter(isRule) : [],
      ...isAny ? app.ofType(SERVICE, ...LAUNCHER_TYPES).filter(runs) : [],
    ]);
  }

  /** Whether a rule for egress of a group stands in a resource of its own. */
  public hasRulesBeside(group: TemplateResource): boolean {
    return [...this.members].some(rule => rule.type === SECURITY_GROUP_EGRESS && groupOf(rule) === group);
  }

  private addNamedBy(container: Container): void {
    const targetsOf = (name: string, type: string) => {
      const variable = container.variable(name);
      const targets = variable === undefined || variable === UNKNOWN ? [] : variable.value.targets();
      return targets.map(({ resource }) => resource).filter(resource => resource.type === type);
    };
    targetsOf(SANDBOX_TASK_DEFINITION, TASK_DEFINITION).forEach(definition => this.definitions.add(definition));
    targetsOf(SANDBOX_CODE_INTERPRETER, CODE_INTERPRETER).forEach(interpreter => this.interpreters.add(interpreter));
    targetsOf(SANDBOX_SECURITY_GROUPS, SECURITY_GROUP).forEach(group => this.groups.add(group));
  }
}

/** The group of a rule that stands in a resource of its own. */
function groupOf(rule: TemplateResource): TemplateResource | undefined {
  return rule.at('GroupId').target(SECURITY_GROUP)?.resource;
}

/** Whether a container is a sandbox, and not a server that starts them. */
function isSandbox(container: Container): boolean {
  return container.variables.some(({ name }) => name === SANDBOX_LIFETIME) && container.variable(SANDBOX_TASK_DEFINITION) === undefined;
}
