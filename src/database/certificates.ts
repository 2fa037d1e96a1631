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
      + 'database and does not boot. Download the bundle of the region from AWS and name it in `caBundleFile` of FlueImage, or in `caBundlePath` of an image that carries it');
  }
}
