import type { ContainerPlan } from './service-plan';
import { DEFAULT_PORT } from '../../../invariants/limits/image';
import { IMPLICIT_STOP_TIMEOUT } from '../../../invariants/shutdown-time';
import { EXPRESS_DEFAULT_PORT } from '../../../invariants/template/containers';
import { PORT } from '../../../invariants/template/variables';
import type { Assembly, ImageSource } from '../assembly/assembly';
import { fields, items, type Json, type Resource, type Template } from '../assembly/template';

interface Wanted {
  readonly name?: string;
  readonly port?: number;
}

/** The container of a task definition that a load balancer reaches, by name or port; else the only or first one. */
export function containerOf(assembly: Assembly, definition: Resource, wanted: Wanted): ContainerPlan | undefined {
  const { template, properties } = definition;
  const containers = items(properties.ContainerDefinitions).map(fields);
  const container = containers.find(({ Name }) => template.text(Name) === wanted.name)
    ?? containers.find(({ Essential, PortMappings }) => Essential !== false && items(PortMappings).length > 0)
    ?? containers[0];
  if (!container) {
    return undefined;
  }
  const environment = variablesOf(template, container.Environment);
  const mapped = items(container.PortMappings).map(mapping => template.number(fields(mapping).ContainerPort));
  return {
    name: template.text(container.Name) ?? 'container',
    port: wanted.port ?? mapped.find(port => port !== undefined) ?? (Number(environment[PORT]) || DEFAULT_PORT),
    environment,
    secrets: namesOf(template, container.Secrets),
    entryPoint: wordsOf(template, container.EntryPoint),
    command: wordsOf(template, container.Command),
    user: template.text(container.User),
    readOnlyRoot: template.text(container.ReadonlyRootFilesystem) === 'true',
    init: template.text(fields(container.LinuxParameters).InitProcessEnabled) === 'true',
    stopTimeoutSeconds: template.number(container.StopTimeout) ?? IMPLICIT_STOP_TIMEOUT.toSeconds(),
    image: imageOf(assembly, template, container.Image),
  };
}

/** The container that an Express service states itself, which can say neither user nor stop timeout. */
export function primaryContainerOf(assembly: Assembly, { template, properties }: Resource): ContainerPlan {
  const container = fields(properties.PrimaryContainer);
  return {
    name: 'Main',
    port: template.number(container.ContainerPort) ?? EXPRESS_DEFAULT_PORT,
    environment: variablesOf(template, container.Environment),
    secrets: namesOf(template, container.Secrets),
    command: wordsOf(template, container.Command),
    readOnlyRoot: false,
    init: false,
    stopTimeoutSeconds: IMPLICIT_STOP_TIMEOUT.toSeconds(),
    image: imageOf(assembly, template, container.Image),
  };
}

function variablesOf(template: Template, list: Json): { [name: string]: string | undefined } {
  const entries = items(list).map(fields).map(({ Name, Value }) => [template.text(Name), template.text(Value)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, string | undefined] => entry[0] !== undefined));
}

function namesOf(template: Template, list: Json): string[] {
  return items(list).flatMap(item => template.text(fields(item).Name) ?? []);
}

function wordsOf(template: Template, list: Json): string[] | undefined {
  const words = items(list).map(word => template.text(word));
  return words.length > 0 && words.every(word => word !== undefined) ? words as string[] : undefined;
}

function imageOf(assembly: Assembly, template: Template, image: Json): ImageSource | undefined {
  const uri = template.text(image) ?? JSON.stringify(image ?? '');
  return [...assembly.images].find(([hash]) => uri.includes(hash))?.[1];
}
