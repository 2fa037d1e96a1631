import type { ContainerPlan } from './service-plan';
import { DEFAULT_PORT } from '../../../invariants/limits/image';
import { IMPLICIT_STOP_TIMEOUT } from '../../../invariants/shutdown-time';
import { containersOf, EXPRESS_CONTAINER, EXPRESS_DEFAULT_PORT, type Container } from '../../../invariants/template/containers';
import { known, UNKNOWN, type TemplateResource, type TemplateValue } from '../../../invariants/template/value';
import { PORT } from '../../../invariants/template/variables';
import type { Assembly, ImageSource } from '../../assembly/assembly';

interface Wanted {
  readonly name?: string;
  readonly port?: number;
}

/** The container of a task definition that a load balancer reaches, by name or port; else the only or first one. */
export function containerOf(assembly: Assembly, taskDefinition: TemplateResource, wanted: Wanted): ContainerPlan | undefined {
  const containers = containersOf(taskDefinition);
  const container = containers.find(({ name }) => known(name) === wanted.name)
    ?? containers.find(({ definition, ports }) => definition.at('Essential').boolean() !== false && (ports === UNKNOWN || ports.length > 0))
    ?? containers[0];
  if (!container) {
    return undefined;
  }
  const { definition, ports } = container;
  const environment = environmentOf(container);
  const mapped = ports === UNKNOWN ? [] : ports;
  return {
    name: known(container.name) ?? 'container',
    port: wanted.port ?? mapped[0] ?? (Number(environment[PORT]) || DEFAULT_PORT),
    environment,
    secrets: secretsOf(container),
    entryPoint: wordsOf(definition.at('EntryPoint')),
    command: wordsOf(definition.at('Command')),
    user: known(definition.at('User').string()),
    readOnlyRoot: definition.at('ReadonlyRootFilesystem').boolean() === true,
    init: definition.at('LinuxParameters', 'InitProcessEnabled').boolean() === true,
    stopTimeoutSeconds: known(definition.at('StopTimeout').number()) ?? IMPLICIT_STOP_TIMEOUT.toSeconds(),
    image: imageOf(assembly, definition.at('Image')),
  };
}

/** The container that an Express service states itself, which can say neither user nor stop timeout. */
export function primaryContainerOf(assembly: Assembly, service: TemplateResource): ContainerPlan | undefined {
  const [container] = containersOf(service);
  if (!container) {
    return undefined;
  }
  const { definition, ports } = container;
  return {
    name: EXPRESS_CONTAINER,
    port: ports === UNKNOWN ? EXPRESS_DEFAULT_PORT : ports[0],
    environment: environmentOf(container),
    secrets: secretsOf(container),
    command: wordsOf(definition.at('Command')),
    readOnlyRoot: false,
    init: false,
    stopTimeoutSeconds: IMPLICIT_STOP_TIMEOUT.toSeconds(),
    image: imageOf(assembly, definition.at('Image')),
  };
}

function environmentOf({ variables }: Container): { [name: string]: string | undefined } {
  return Object.fromEntries(variables.filter(({ secret }) => !secret).map(({ name, value }) => [name, known(value.string())]));
}

function secretsOf({ variables }: Container): string[] {
  return variables.filter(({ secret }) => secret).map(({ name }) => name);
}

function wordsOf(value: TemplateValue): string[] | undefined {
  const list = value.list();
  const words = list === UNKNOWN ? [] : list.map(word => known(word.string()));
  return words.length > 0 && words.every(word => word !== undefined) ? words as string[] : undefined;
}

function imageOf(assembly: Assembly, image: TemplateValue): ImageSource | undefined {
  const uri = image.text();
  return [...assembly.images].find(([hash]) => uri.includes(hash))?.[1];
}
