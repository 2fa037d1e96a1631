import { Stack } from 'aws-cdk-lib';
import { CfnKey, type IKey } from 'aws-cdk-lib/aws-kms';
import { Construct, type IConstruct } from 'constructs';
import { refuse } from './invariant';
import { isUnknown } from './unknown';

const SYMMETRIC = 'SYMMETRIC_DEFAULT';
const FOR_ENCRYPTION = 'ENCRYPT_DECRYPT';

/** Refuses keys among props that no service of AWS could encrypt with, as far as the app knows them. */
export function requireUsableKeys(scope: IConstruct, props: object): void {
  for (const [prop, key] of Object.entries(props)) {
    // another type is refused by its own guard
    if (/encryptionKey$/i.test(prop) && Construct.isConstruct(key)) {
      requireUsable(scope, prop, key as IKey);
    }
  }
}

function requireUsable(scope: IConstruct, prop: string, key: IKey): void {
  const { defaultChild } = key.node;
  if (defaultChild instanceof CfnKey) {
    const { keySpec = SYMMETRIC, keyUsage = FOR_ENCRYPTION, enabled = true } = defaultChild;
    const wrong = [[keySpec, SYMMETRIC], [keyUsage, FOR_ENCRYPTION]].find(([given, wanted]) => !isUnknown(given) && given !== wanted);
    if (wrong) {
      refuse(scope, `\`${prop}\` must be a symmetric key for encryption, got: ${wrong[0]}`, 'Make it with `new kms.Key(…)` without `keySpec` and `keyUsage`');
    }
    if (enabled === false) {
      refuse(scope, `\`${prop}\` must be enabled, got: ${key.node.path}, which is not`, 'Leave `enabled` out');
    }
  }
  const [region, own] = [regionOf(key), Stack.of(scope).region];
  if (region !== undefined && !isUnknown(own) && region !== own) {
    refuse(scope, `\`${prop}\` must be in the region of the stack, ${own}, got: one in ${region}`,
      'Make a key there, or a replica of a multi-Region key');
  }
}

/** The region of a key; undefined where only the deployment knows it. */
function regionOf(key: IKey): string | undefined {
  if (!isUnknown(key.keyArn)) {
    return key.keyArn.split(':')[3];
  }
  const { region } = key.env;
  return isUnknown(region) ? undefined : region;
}
