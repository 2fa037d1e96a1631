import { TASK_DEFINITION } from './containers';
import { UNKNOWN, type TemplateResource, type TemplateValue } from './value';

export const EVENT_RULE = 'AWS::Events::Rule';
export const SCHEDULE = 'AWS::Scheduler::Schedule';
export const PIPE = 'AWS::Pipes::Pipe';
export const STATE_MACHINE = 'AWS::StepFunctions::StateMachine';

/** What starts a task beside those of a service. */
export const LAUNCHER_TYPES = [EVENT_RULE, SCHEDULE, PIPE, STATE_MACHINE];

/** A task that something starts beside those of a service. */
export interface Launch {
  readonly definition: TemplateResource;
  /** Where the launcher names it. */
  readonly location: string;
  /** Whether the task runs another command than its definition says. */
  readonly overridden: boolean;
}

/** The tasks that a resource starts; a rule or schedule that is switched off starts none. */
export function launchesOf(launcher: TemplateResource): Launch[] {
  if (launcher.at('State').string() === 'DISABLED' || launcher.at('DesiredState').string() === 'STOPPED') {
    return [];
  }
  switch (launcher.type) {
    case EVENT_RULE: {
      const targets = launcher.at('Targets').list();
      return targets === UNKNOWN ? [] : targets.flatMap((target, index) =>
        launch(target.at('EcsParameters', 'TaskDefinitionArn'), [target.at('Input'), target.at('InputTransformer')], `Properties/Targets/${index}`));
    }
    case SCHEDULE:
      return launch(launcher.at('Target', 'EcsParameters', 'TaskDefinitionArn'), [launcher.at('Target', 'Input')], 'Properties/Target');
    case PIPE: {
      const parameters = launcher.at('TargetParameters', 'EcsTaskParameters');
      return launch(parameters.at('TaskDefinitionArn'), [parameters.at('Overrides')], 'Properties/TargetParameters');
    }
    default: {
      return ['DefinitionString', 'Definition'].flatMap(key => {
        const definition = launcher.at(key);
        return /ecs:runTask/.test(definition.text()) ? launch(definition, [definition], `Properties/${key}`) : [];
      });
    }
  }
}

function launch(named: TemplateValue, overrides: TemplateValue[], location: string): Launch[] {
  const overridden = overrides.some(value => /\bcommand\b/i.test(value.text()));
  const definitions = new Set(named.targets().map(({ resource }) => resource).filter(({ type }) => type === TASK_DEFINITION));
  return [...definitions].map(definition => ({ definition, location, overridden }));
}
