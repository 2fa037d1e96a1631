import type { Finding, Invariant } from './invariant';
import { containersOf, TASK_DEFINITION, type Container } from './template/containers';
import { allOf } from './template/findings';
import { SERVICE } from './template/flue-servers';
import { CODE_INTERPRETER } from './template/sandboxes';
import { SECURITY_GROUP, SECURITY_GROUP_EGRESS, SECURITY_GROUP_INGRESS, worldEgress, worldIngress } from './template/security-groups';
import { LAUNCHER_TYPES } from './template/task-launchers';
import { textsOf } from './template/texts';
import { UNKNOWN, type TemplateResource } from './template/value';

export const SANDBOX_FENCE: Invariant = {
  id: 'SandboxFence',
  level: 'error',
  statement: 'A sandbox, the task or the session in which an agent runs commands, has no role, no secret, no rights, no writable root and no way to or from the internet.',
  why: 'A model decides what runs there, and text that it reads can lead it. What the task can reach, so can everyone who writes such a text.',
  limit: 'no `TaskRoleArn`; no secrets; `awsvpc`; a user other than root; `ReadonlyRootFilesystem: true`; all capabilities dropped; no public address; no rule from or to 0.0.0.0/0, ::/0 or a range wider than /8 (IPv6: /16); a code interpreter without `ExecutionRoleArn`, and in another network than `PUBLIC`',
  source: 'Amazon ECS developer guide, task definition parameters and task security; Amazon EC2 user guide, security group rules; Amazon Bedrock AgentCore developer guide, code interpreter',
  fix: 'Use FlueSandboxes, or take out of the task what it can do without.',
  rule: {
    resourceTypes: [TASK_DEFINITION, CODE_INTERPRETER, SECURITY_GROUP, SECURITY_GROUP_INGRESS, SECURITY_GROUP_EGRESS, SERVICE, ...LAUNCHER_TYPES],
    check: (resource, { sandboxes }) => {
      if (!sandboxes.members.has(resource)) {
        return undefined;
      }
      switch (resource.type) {
        case TASK_DEFINITION:
          return allOf(judgeRole(resource), judgeNetworkMode(resource), ...containersOf(resource).map(judgeContainer));
        case CODE_INTERPRETER:
          return judgeInterpreter(resource);
        case SECURITY_GROUP:
          return [...judgeIngress(resource), ...judgeEgress(resource, sandboxes.hasRulesBeside(resource))];
        case SECURITY_GROUP_INGRESS:
          return judgeIngress(resource);
        case SECURITY_GROUP_EGRESS:
          return judgeEgress(resource);
        default:
          return judgeAddress(resource);
      }
    },
  },
};

function judgeRole(definition: TemplateResource): Finding[] {
  const role = definition.at('TaskRoleArn');
  return role.absent ? [] : [{
    detail: 'TaskRole',
    found: 'the sandbox has a role, whose credentials every command in it can use',
    location: 'Properties/TaskRoleArn',
    fix: 'Remove TaskRoleArn; the execution role pulls the image and writes the logs.',
  }];
}

function judgeInterpreter(interpreter: TemplateResource): Finding[] {
  const isPublic = interpreter.at('NetworkConfiguration', 'NetworkMode').string() === 'PUBLIC';
  return [
    ...interpreter.at('ExecutionRoleArn').absent ? [] : [{
      detail: 'ExecutionRole',
      found: 'the code interpreter has a role, whose credentials every command in a session can use',
      location: 'Properties/ExecutionRoleArn',
      fix: 'Remove ExecutionRoleArn, and let the server fetch what a session needs.',
    }],
    ...isPublic ? [{
      detail: 'Egress',
      found: 'every session of the code interpreter may reach the internet (NetworkMode is PUBLIC)',
      location: 'Properties/NetworkConfiguration',
      fix: 'Set NetworkMode to SANDBOX, or to VPC with subnets and security groups that hold it.',
    }] : [],
  ];
}

function judgeNetworkMode(definition: TemplateResource): Finding[] | undefined {
  const mode = definition.at('NetworkMode').string();
  return mode === UNKNOWN ? undefined : mode === 'awsvpc' || mode === 'none' ? [] : [{
    detail: 'NetworkMode',
    found: `the sandbox shares the network of its instance, and the credentials of its role (NetworkMode is ${mode ?? 'left out'})`,
    location: 'Properties/NetworkMode',
    fix: 'Set NetworkMode to awsvpc, and run the task on Fargate.',
  }];
}

function judgeContainer(container: Container): Finding[] | undefined {
  return allOf(judgeSecrets(container), judgeRoot(container), judgeUser(container), judgeRights(container));
}

function judgeSecrets({ definition, location, name }: Container): Finding[] {
  const sources = ['Secrets', 'EnvironmentFiles'].filter(key => definition.at(key).list() !== UNKNOWN && (definition.at(key).list() as unknown[]).length > 0);
  return sources.slice(0, 1).map(source => ({
    detail: 'Secrets',
    found: `container ${String(name)} of the sandbox has ${source === 'Secrets' ? 'secrets' : 'files of variables'}, which every command in it can read`,
    location: `${location}/${source}`,
    fix: 'Let the server use the secret, and hand the sandbox what it needs of the result.',
  }));
}

function judgeRoot({ definition, location, name }: Container): Finding[] | undefined {
  const isReadOnly = definition.at('ReadonlyRootFilesystem').boolean();
  return isReadOnly === UNKNOWN ? undefined : isReadOnly ? [] : [{
    detail: 'ReadonlyRootFilesystem',
    found: `the root of container ${String(name)} is writable (ReadonlyRootFilesystem is ${isReadOnly ?? 'left out'})`,
    location: `${location}/ReadonlyRootFilesystem`,
    fix: 'Set ReadonlyRootFilesystem to true, and mount a volume where commands write.',
  }];
}

/** `root`, `0`, and either with a group. */
const ROOT = /^(root|0+)(:|$)/;

function judgeUser({ definition, location, name }: Container): Finding[] | undefined {
  const user = definition.at('User').string();
  return user === UNKNOWN ? undefined : user !== undefined && !ROOT.test(user.trim()) ? [] : [{
    detail: 'User',
    found: user === undefined ? `container ${String(name)} runs as the user of its image, which may be root` : `container ${String(name)} runs as root (User is ${user})`,
    location: `${location}/User`,
    fix: 'Set User to the number of a user, such as 1000:1000.',
  }];
}

function judgeRights({ definition, location, name }: Container): Finding[] | undefined {
  const privileged = definition.at('Privileged').boolean();
  if (privileged === true) {
    return [{ detail: 'Capabilities', found: `container ${String(name)} is privileged`, location: `${location}/Privileged`, fix: 'Remove Privileged.' }];
  }
  const capabilities = definition.at('LinuxParameters', 'Capabilities');
  const [dropped, added] = ['Drop', 'Add'].map(key => capabilities.at(key).list());
  if (dropped === UNKNOWN || added === UNKNOWN) {
    return undefined;
  }
  const rights = dropped.map(right => right.string());
  if (added.length === 0 && (rights.includes('ALL') || rights.includes(UNKNOWN))) {
    return rights.includes('ALL') ? [] : undefined;
  }
  return [{
    detail: 'Capabilities',
    found: `container ${String(name)} ${added.length > 0 ? 'adds capabilities of Linux' : 'keeps capabilities of Linux'}`,
    location: `${location}/LinuxParameters`,
    fix: 'Drop ALL in `LinuxParameters.Capabilities`, and add none.',
  }];
}

function judgeIngress(group: TemplateResource): Finding[] {
  const [open] = worldIngress(group);
  return open ? [{
    detail: 'Ingress',
    found: `${open.cidr} may reach the sandboxes`,
    location: group.type === SECURITY_GROUP ? 'Properties/SecurityGroupIngress' : 'Properties',
    fix: 'Allow the security group of the server only.',
  }] : [];
}

function judgeEgress(group: TemplateResource, hasRulesBeside = false): Finding[] {
  const range = worldEgress(group, hasRulesBeside);
  return range ? [{
    detail: 'Egress',
    found: `the sandboxes may reach ${range}`,
    location: group.type === SECURITY_GROUP ? 'Properties/SecurityGroupEgress' : 'Properties',
    fix: 'Allow the VPC endpoints, or a proxy that holds a list of hosts. EC2 opens a group without any rule for egress.',
  }] : [];
}

/** A public address, as services, rules, schedules and pipes ask for it, and state machines in their definition. */
const PUBLIC = /assignPublicIp"?\s*[:=]\s*"?ENABLED/i;

function judgeAddress(runner: TemplateResource): Finding[] {
  const isPublic = [...textsOf(runner.at())].some(({ name, value }) =>
    (/^assignPublicIp$/i.test(name) && value.string() === 'ENABLED') || PUBLIC.test(value.text()));
  return isPublic ? [{
    detail: 'PublicAddress',
    found: 'it runs the sandbox with a public address',
    location: 'Properties',
    fix: 'Set AssignPublicIp to DISABLED, and choose subnets without a route to the internet.',
  }] : [];
}
