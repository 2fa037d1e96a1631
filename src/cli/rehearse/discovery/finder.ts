import type { ServicePlan } from './service-plan';
import type { TemplateResource } from '../../../invariants/template/value';
import type { Assembly } from '../../assembly/assembly';

/** What a resource says by itself; the rest comes from the marks of its construct. */
export type FoundPlan = Omit<ServicePlan, 'path' | 'startupBudgetSeconds' | 'longestRunSeconds'>;

/** One way of running a server: how its resource in a template becomes a plan. */
export interface Finder {
  readonly type: string;
  /** The plan of such a resource; undefined where it runs no container that the assembly describes. */
  find(assembly: Assembly, resource: TemplateResource): FoundPlan | undefined;
}
