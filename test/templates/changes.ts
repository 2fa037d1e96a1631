import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { CHANGES, REPLACEMENTS, STACKS, versionOf } from './versions';
import '../support/only-synthesize.cjs';

/**
 * Fails when a change that a team makes every week would replace what holds state: `changes.ts TOOLS`.
 *
 * What a change of a property does to a resource is CloudFormation's own word, by way of cloudformation-diff.
 */

/** Types that hold state, or an address that others know. */
const STATEFUL = new Set([
  'AWS::RDS::DBInstance', 'AWS::RDS::DBCluster', 'AWS::SecretsManager::Secret', 'AWS::Logs::LogGroup', 'AWS::EC2::Volume', 'AWS::EC2::EIP',
  'AWS::ElasticLoadBalancingV2::LoadBalancer', 'AWS::ECS::ExpressGatewayService', 'AWS::EC2::VPC', 'AWS::EC2::Subnet',
]);
const LOSES = /REPLACE|DESTROY|ORPHAN/;

/**
 * Properties whose update CloudFormation calls conditional, which its reference explains as an interruption:
 * a restart of the database, never another one.
 */
const INTERRUPTS: Record<string, string[]> = {
  'AWS::RDS::DBInstance': ['AutoMinorVersionUpgrade', 'BackupRetentionPeriod', 'DBParameterGroupName', 'PreferredMaintenanceWindow'],
};

const DATABASES = ['AWS::RDS::DBInstance', 'AWS::RDS::DBCluster'];

interface PropertyDifference {
  readonly changeImpact?: string;
}

interface Difference {
  readonly changeImpact: string;
  readonly oldResourceType?: string;
  forEachDifference(visit: (kind: string, name: string, difference: PropertyDifference) => void): void;
}

const { fullDiff } = createRequire(resolve(process.argv[2]!, 'package.json'))('@aws-cdk/cloudformation-diff');

/**
 * @param intended types of which the change may make another: the explicit word that it means to
 * @param passwords secrets that the change may remove
 */
function lost(before: object, after: object, intended: readonly string[] = [], passwords = /^$/): { readonly lost: string[]; readonly removed: number; readonly differences: number } {
  const found: string[] = [];
  let removed = 0;
  let differences = 0;
  fullDiff(structuredClone(before), structuredClone(after)).resources.forEachDifference((id: string, difference: Difference) => {
    differences++;
    const { changeImpact, oldResourceType: type = '' } = difference;
    if (!LOSES.test(changeImpact) || !STATEFUL.has(type) || intended.includes(type)) return;
    if (changeImpact === 'WILL_DESTROY' && type === 'AWS::SecretsManager::Secret' && passwords.test(id)) {
      removed++;
      return;
    }
    const reasons: string[] = [];
    difference.forEachDifference((_, name, property) => {
      if (LOSES.test(property.changeImpact ?? '')) reasons.push(name);
    });
    if (changeImpact === 'MAY_REPLACE' && reasons.every(name => INTERRUPTS[type]?.includes(name))) return;
    found.push(`${id} (${type}): ${changeImpact} by ${reasons.join(', ')}`);
  });
  return { lost: found, removed, differences };
}

let passed = 0;
let failed = 0;
function check(ok: boolean, what: string, details: string[] = []): void {
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${what}`);
  details.forEach(detail => console.log(`         ${detail}`));
  if (ok) passed++; else failed++;
}

for (const name of Object.keys(STACKS)) {
  const before = versionOf(name);
  const stateful = Object.values(before.Resources).filter(({ Type }) => STATEFUL.has(Type)).length;
  const unaffected: string[] = [];
  for (const change of CHANGES.filter(({ stacks }) => stacks?.includes(name) ?? true)) {
    const after = lost(before, versionOf(name, change), [], change.passwords);
    if (after.differences === 0) unaffected.push(change.name);
    else check(after.lost.length === 0, `${name}, ${change.name}: ${after.differences} resources change, none of ${stateful} stateful ones is replaced${after.removed > 0 ? `, ${after.removed} unread passwords go` : ''}`, after.lost);
  }
  console.log(`       ${name}: no resource changes by ${unaffected.join(', ') || 'nothing of the list'}`);
  for (const change of REPLACEMENTS) {
    const after = versionOf(name, change);
    for (const [verb, from, to] of [['added', before, after], ['removed', after, before]] as const) {
      const refused = lost(from, to).lost;
      // the writer and the readers of a cluster go with it
      check(refused.some(line => /\(AWS::RDS::DB(Instance|Cluster)\): WILL_REPLACE by .*SnapshotIdentifier/.test(line)), `${name}, ${change.name} ${verb}: refused as the loss of the database`, refused);
      check(lost(from, to, DATABASES).lost.length === 0, `${name}, ${change.name} ${verb} on purpose: nothing but the database is replaced`, lost(from, to, DATABASES).lost);
    }
  }
  const renamed = lost(before, versionOf(name, { name: 'rename', id: 'Agents2' }));
  check(renamed.lost.length > 0, `${name}: the renaming of a construct is seen as the loss of ${renamed.lost.length} stateful resources`);
}
console.log(`${passed} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;
