import { Annotations, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Regions whose RDS has certificate authorities that the bundle of `FlueImage` does not hold. */
const OTHER_AUTHORITIES = /^(cn|us-gov|us-iso|eu-isoe|eusc)/;

/** Warns where no server could verify the database. A region known only at deployment passes. */
export function warnOfOtherAuthorities(scope: Construct): void {
  const { region } = Stack.of(scope);
  if (OTHER_AUTHORITIES.test(region)) {
    Annotations.of(scope).addWarningV2('cdk-flue:FlueDatabase.otherAuthorities',
      `RDS in ${region} has certificate authorities of its own, which the bundle of FlueImage does not hold, so the server cannot verify the `
      + 'database and does not boot. Put the bundle of the region into the image with a Dockerfile of your own, and name it in `caBundlePath`');
  }
}
