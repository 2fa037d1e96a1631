import { memoize } from './memoize';
import { UNKNOWN, type Maybe, type TemplateResource, type TemplateValue, type Unknown } from './value';

export const TASK_DEFINITION = 'AWS::ECS::TaskDefinition';
export const EXPRESS_SERVICE = 'AWS::ECS::ExpressGatewayService';

/** The name ECS Express Mode gives, and demands of, the container it routes to. */
export const EXPRESS_CONTAINER = 'Main';
/** What an Express primary container listens on when nothing is said. */
export const EXPRESS_DEFAULT_PORT = 80;

/** Conditions of a dependency that hold once the container has ended. */
const ENDED: readonly unknown[] = ['SUCCESS', 'COMPLETE'];

/** One variable of a container, and whether it comes from a secret store. */
export interface Variable {
  readonly name: string;
  readonly value: TemplateValue;
  readonly secret: boolean;
}

/** A container of a task definition, or the primary container of an Express service. */
export class Container {
  private known?: Variable[];

  public constructor(
    public readonly owner: TemplateResource,
    public readonly definition: TemplateValue,
    /** Where it stands in its resource. */
    public readonly location: string,
  ) {}

  public get express(): boolean {
    return this.owner.type === EXPRESS_SERVICE;
  }

  public get name(): Maybe<string> {
    return this.express ? EXPRESS_CONTAINER : this.definition.at('Name').string();
  }

  /** The variables whose names are known. */
  public get variables(): Variable[] {
    this.known ??= [...this.named('Environment', 'Value', false), ...this.named('Secrets', 'ValueFrom', true)];
    return this.known;
  }

  /** Whether a variable that is not listed could still be set. */
  public get mayHoldMoreVariables(): boolean {
    const files = this.definition.at('EnvironmentFiles').list();
    return files === UNKNOWN || files.length > 0 || ['Environment', 'Secrets'].some(key => {
      const list = this.definition.at(key).list();
      return list === UNKNOWN || list.some(item => typeof item.at('Name').string() !== 'string');
    });
  }

  /** A variable by its name; unknown where the template may set it out of sight. */
  public variable(name: string): Maybe<Variable> {
    return this.variables.find(variable => variable.name === name) ?? (this.mayHoldMoreVariables ? UNKNOWN : undefined);
  }

  /** The TCP ports it listens on. */
  public get ports(): number[] | Unknown {
    if (this.express) {
      const port = this.definition.at('ContainerPort');
      const number = port.absent ? EXPRESS_DEFAULT_PORT : port.number();
      return typeof number === 'number' ? [number] : UNKNOWN;
    }
    const mappings = this.definition.at('PortMappings').list();
    const ports = mappings === UNKNOWN ? [UNKNOWN] : mappings.map(mapping => mapping.at('ContainerPort').number());
    return ports.every(port => typeof port === 'number') ? ports : UNKNOWN;
  }

  /** All words of its entry point and command. */
  public get commandLine(): string {
    return [this.definition.at('EntryPoint').text(), this.definition.at('Command').text()].filter(Boolean).join(' ');
  }

  private named(key: string, valueKey: string, secret: boolean): Variable[] {
    const list = this.definition.at(key).list();
    return (list === UNKNOWN ? [] : list).flatMap(item => {
      const name = item.at('Name').string();
      return typeof name === 'string' ? [{ name, value: item.at(valueKey), secret }] : [];
    });
  }
}

/** The containers a task definition or an Express service states itself. */
export const containersOf = memoize((owner: TemplateResource): Container[] => {
  if (owner.type === EXPRESS_SERVICE) {
    const primary = owner.at('PrimaryContainer');
    return primary.absent || primary.unknown ? [] : [new Container(owner, primary, 'Properties/PrimaryContainer')];
  }
  const definitions = owner.at('ContainerDefinitions').list();
  return definitions === UNKNOWN ? [] : definitions
    .map((definition, index) => new Container(owner, definition, `Properties/ContainerDefinitions/${index}`))
    .filter(container => !container.definition.unknown);
});

/**
 * Whether another container of the task waits for the end of this one: it prepares something, and serves nothing. What is not
 * known may be so.
 */
export const endsBefore = memoize((container: Container): boolean => containersOf(container.owner).some(other => {
  const dependencies = other === container ? [] : other.definition.at('DependsOn').list();
  return dependencies !== UNKNOWN && dependencies.some(dependency => {
    const [name, condition] = [dependency.at('ContainerName').string(), dependency.at('Condition').string()];
    return (name === UNKNOWN || container.name === UNKNOWN || name === container.name) && (condition === UNKNOWN || ENDED.includes(condition));
  });
}));
