import { Annotations, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Invariant } from './invariant';

export const ONE_LIVE_OWNER: Invariant = {
  id: 'OneLiveOwner',
  level: 'warning',
  statement: 'One live process owns an agent instance.',
  why: 'Postgres gives recovery, not active-active: two processes on one schema lose 0.5–3.5 % of replies on Flue 0.10.2 and deliver 1–4 % of them 30–60 s late on 2.x, even with perfect stickiness.',
  limit: 'maximum capacity 1, and a deployment that stops the old process before it starts the new one',
  source: 'measured on Flue 0.10.2 and 2.0.3 with PostgreSQL 15; Flue Node target documentation',
  fix: 'Keep `maxTasks` at 1 and deploy with `FlueDeployment.recreate()`, or acknowledge the warning with the reason why late replies are acceptable.',
};

/** Ids of the warnings below; public, never renamed. */
export const SCALE_OUT_WARNING = 'cdk-flue:OneLiveOwner.scaleOut';
export const OVERLAP_WARNING = 'cdk-flue:OneLiveOwner.overlap';

/** Warns of more than one live process at a time. */
export function warnScaleOut(scope: IConstruct, maxTasks: number): void {
  if (!Token.isUnresolved(maxTasks) && maxTasks > 1) {
    Annotations.of(scope).addWarningV2(SCALE_OUT_WARNING,
      `\`maxTasks\` is ${maxTasks}: ${ONE_LIVE_OWNER.why} Keep it at 1, run one service per schema, or acknowledge this warning.`);
  }
}

/** Warns of a deployment during which the old and the new process are live together. */
export function warnOverlap(scope: IConstruct, what: string): void {
  Annotations.of(scope).addWarningV2(OVERLAP_WARNING,
    `${what}: the old and the new process are live together during a deployment. Up to Flue 1.x replies of that time can be lost; `
    + 'on 2.x prompts in flight resume about 44 s later. Acknowledge this warning if that is acceptable.');
}
