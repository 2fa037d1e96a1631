import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ECS_SERVICE } from './ecs-service';
import { EXPRESS } from './express-service';
import type { Finder } from './finder';
import type { ServicePlan } from './service-plan';
import { DEFAULT_STARTUP_BUDGET } from '../../../invariants/limits/server';
import { MODEL_SPECIFIER } from '../../../invariants/template/traits';
import type { Assembly } from '../../assembly/assembly';
import { CliFailure } from '../../failure';

const FINDERS: readonly Finder[] = [ECS_SERVICE, EXPRESS];

interface Candidate {
  readonly plan: ServicePlan;
  readonly isFlue: boolean;
}

/** The service of the assembly that is to be rehearsed. */
export function findService(assembly: Assembly, wanted?: string): ServicePlan {
  const candidates = listServices(assembly);
  const flue = candidates.filter(({ isFlue }) => isFlue).map(({ plan }) => plan);
  if (wanted !== undefined) {
    const named = candidates.map(({ plan }) => plan).filter(({ path }) => path === wanted.replace(/^\/|\/$/g, ''));
    if (named.length !== 1) {
      throw new CliFailure(`No service of ${assembly.directory} has the path ${wanted}.`, listing(candidates.map(({ plan }) => plan)));
    }
    return named[0];
  }
  if (flue.length === 0) {
    throw new CliFailure(`cdk-flue found no Flue service in ${assembly.directory}.`, candidates.length > 0
      ? `It found other services. If one of them runs Flue, name it: ${candidates.map(({ plan }) => `--service ${plan.path}`).join(' or ')}`
      : 'Synthesize an app with a FlueFargateService, a FlueExpressService, or a service of ECS that runs a Flue server.');
  }
  if (flue.length > 1) {
    throw new CliFailure(`cdk-flue found ${flue.length} Flue services in ${assembly.directory}.`, listing(flue));
  }
  return flue[0];
}

function listing(plans: readonly ServicePlan[]): string {
  return plans.length === 0 ? 'The assembly has no service.' : `Choose one:\n${plans.map(({ path, platform }) => `  --service ${path}   (${platform})`).join('\n')}`;
}

function listServices(assembly: Assembly): Candidate[] {
  return assembly.all().flatMap(resource => {
    const found = FINDERS.find(({ type }) => type === resource.type)?.find(assembly, resource);
    if (!found) {
      return [];
    }
    const { path, scopes: { server } } = resource;
    const plan: ServicePlan = {
      ...found,
      path: server?.path ?? path.replace(/\/(Service|Resource)$/, ''),
      startupBudgetSeconds: server?.startupBudgetSeconds ?? DEFAULT_STARTUP_BUDGET.toSeconds(),
      longestRunSeconds: server?.longestRunSeconds,
    };
    return [{ plan, isFlue: server !== undefined || looksLikeFlue(plan) }];
  });
}

/** Whether a service that nobody marked shows that it runs Flue. */
function looksLikeFlue({ container }: ServicePlan): boolean {
  const manifest = container.image && join(container.image.directory, 'package.json');
  return MODEL_SPECIFIER in container.environment
    || [...container.command ?? [], ...container.entryPoint ?? []].some(word => word.endsWith('dist/server.mjs'))
    || (manifest !== undefined && existsSync(manifest) && /"@flue\/runtime"/.test(readFileSync(manifest, 'utf8')));
}
