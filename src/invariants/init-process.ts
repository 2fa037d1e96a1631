import type { Finding, Invariant } from './invariant';
import { bootText, boxLocation, BOX_TYPES } from './template/boxes';
import { TASK_DEFINITION, type Container } from './template/containers';
import { allOf } from './template/findings';
import { flueCommands } from './template/traits';
import { UNKNOWN, type TemplateResource } from './template/value';

export const INIT_PROCESS: Invariant = {
  id: 'InitProcess',
  level: 'error',
  statement: 'An init process is PID 1 of the container.',
  why: 'Node.js as PID 1 does not reap the processes that agents start, and a shell as PID 1 does not pass SIGTERM on.',
  limit: '`LinuxParameters.InitProcessEnabled: true`, or `docker run --init`',
  source: 'Flue Docker guide; Amazon ECS developer guide, linuxParameters',
  fix: 'Set `initProcessEnabled` in the container\'s Linux parameters, or pass `--init` to `docker run`.',
  rule: {
    resourceTypes: [TASK_DEFINITION, ...BOX_TYPES],
    check: (resource, servers) => resource.type === TASK_DEFINITION
      ? allOf(...servers.serverContainers(resource).map(judgeInit))
      : judgeDockerRuns(resource),
  },
};

/** Entry points that are an init themselves. */
const INIT_ENTRY_POINT = /(^|\/|\s)(tini|dumb-init|catatonit|s6-svscan|init)(\s|$)/;

function judgeInit(container: Container): Finding[] | undefined {
  const init = container.definition.at('LinuxParameters', 'InitProcessEnabled').boolean();
  const sharedNamespace = !container.owner.at('PidMode').absent;
  if (init === UNKNOWN || sharedNamespace) {
    return undefined;
  }
  const entryPoints = container.definition.at('EntryPoint').texts();
  if (!init && entryPoints.some(text => text.includes('${'))) {
    return undefined;
  }
  return init || entryPoints.every(text => INIT_ENTRY_POINT.test(text)) ? [] : [{
    found: `container ${String(container.name)} runs without an init process`,
    location: `${container.location}/LinuxParameters`,
  }];
}

function judgeDockerRuns(box: TemplateResource): Finding[] | undefined {
  const script = bootText(box);
  const commands = flueCommands(box);
  // a variable before the image can hold the flag
  if (commands.some(command => /\sdocker\s.*\s"?\$\{?[A-Za-z_@]\w*\}?"?\s+\S/.test(` ${command}`) && !/\s--init(\s|=true|$)/.test(command))) {
    return undefined;
  }
  const daemonInit = /"init"\s*:\s*true/.test(script);
  if (commands.length === 0) {
    return undefined;
  }
  return daemonInit || commands.every(command => /\s--init(\s|=true|$)/.test(command)) ? [] : [{
    found: '`docker run` starts the server without an init process',
    location: `${boxLocation(box)}/UserData`,
    fix: 'Pass `--init` to `docker run`.',
  }];
}
