import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { WARNINGS } from '../invariants/warnings';

/** Regions whose RDS has certificate authorities that the bundle of `FlueImage` does not hold. */
const OTHER_AUTHORITIES = /^(cn|us-gov|us-iso|eu-isoe|eusc)/;

/** Warns in regions where FlueImage cannot verify the database. A region known only at deployment passes. */
export function warnOfOtherAuthorities(scope: Construct): void {
  const { region } = Stack.of(scope);
  if (OTHER_AUTHORITIES.test(region)) {
    WARNINGS.otherAuthorities.give(scope, { region });
  }
}
