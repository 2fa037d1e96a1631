import { INVARIANTS } from '.';
import type { Finding, Invariant } from './invariant';
import { SANDBOX_FENCE } from './sandbox-fence';
import { SECRETS_ONLY } from './secrets-only';
import type { FlueServers } from './template/flue-servers';
import type { TemplateResource } from './template/value';

/** The name of the pack, which begins the id of each finding. */
export const PACK = 'Flue';

/** One finding, with what it stands on. */
export interface Judgement {
  readonly invariant: Invariant;
  readonly finding: Finding;
  readonly resource: TemplateResource;
}

/** What holds for a sandbox, which serves nobody. */
const OF_SANDBOXES: readonly Invariant[] = [SANDBOX_FENCE, SECRETS_ONLY];

/** The invariants that speak of a resource which has a part in running a Flue server or a sandbox. */
export function invariantsFor(resource: TemplateResource, servers: FlueServers): readonly Invariant[] {
  const { definitions, members } = servers.sandboxes;
  const isServer = servers.contains(resource) && !definitions.has(resource);
  const spoken = isServer ? INVARIANTS : members.has(resource) ? OF_SANDBOXES : [];
  return spoken.filter(({ rule }) => rule.resourceTypes.includes(resource.type));
}

/** Everything that breaks an invariant on the servers of an app. */
export function judge(servers: FlueServers): Judgement[] {
  return [...servers.app.all()].flatMap(resource => invariantsFor(resource, servers).flatMap(invariant =>
    (invariant.rule.check(resource, servers) ?? []).map(finding => ({ invariant, finding, resource }))));
}

/** The public id of a finding, such as `Flue-OneLiveOwner[overlap]`. */
export function findingId({ id }: Invariant, { detail }: Finding): string {
  return `${PACK}-${id}${detail === undefined ? '' : `[${detail}]`}`;
}

/** What is wrong, and the way out. */
export function sentencesOf(path: string, invariant: Invariant, { found, fix }: Finding): string {
  return `${path}: ${found}. ${fix ?? invariant.fix}`;
}
