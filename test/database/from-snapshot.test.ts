import { App, Lazy, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { newDatabase, newStack, synthesized, type DatabaseProps } from './helpers';
import { FlueDatabaseEngine } from '../../src/database/flue-database-engine';

const SNAPSHOT = 'before-upgrade';
const CLUSTER_SNAPSHOT = 'arn:aws:rds:us-east-1:123456789012:cluster-snapshot:before-upgrade';
const aurora = FlueDatabaseEngine.auroraServerless();

const ENGINES: [name: string, type: string, property: string, props: DatabaseProps][] = [
  ['RDS', 'AWS::RDS::DBInstance', 'DBSnapshotIdentifier', {}],
  ['Aurora', 'AWS::RDS::DBCluster', 'SnapshotIdentifier', { engine: aurora }],
];

/** What a template says of the one resource of a type, and its logical id. */
function only(props: DatabaseProps, type: string, stack = newStack()): { id: string; properties: Record<string, unknown>; policy: unknown } {
  const found = Object.entries(synthesized(props, stack).template.findResources(type));
  expect(found).toHaveLength(1);
  const [[id, { Properties, DeletionPolicy }]] = found as [[string, { Properties: Record<string, unknown>; DeletionPolicy: unknown }]];
  return { id, properties: Properties, policy: DeletionPolicy };
}

describe.each(ENGINES)('%s', (_, type, property, props) => {
  const restored = only({ ...props, snapshot: SNAPSHOT }, type);
  const empty = only(props, type);

  test('begins with the snapshot, and with nothing that a snapshot brings', () => {
    expect(empty.properties).not.toHaveProperty(property);
    expect(restored.properties[property]).toBe(SNAPSHOT);
    for (const brought of ['DBName', 'DatabaseName', 'MasterUsername', 'StorageEncrypted', 'KmsKeyId']) {
      expect(restored.properties).not.toHaveProperty(brought);
    }
  });

  test('keeps its id, its protection and everything else', () => {
    expect(restored.id).toBe(empty.id);
    expect(restored.policy).toBe('Snapshot');
    const { [property]: _snapshot, ...rest } = restored.properties;
    expect(empty.properties).toMatchObject(rest);
  });

  test('gives the user a new password from the same secret, and the same URL', () => {
    expect(restored.properties.MasterUserPassword).toEqual(empty.properties.MasterUserPassword);
    const [from, without] = [{ ...props, snapshot: SNAPSHOT }, props].map(given => synthesized(given).template);
    for (const secrets of ['AWS::SecretsManager::Secret', 'AWS::SecretsManager::SecretTargetAttachment']) {
      expect(from.findResources(secrets)).toEqual(without.findResources(secrets));
    }
  });

  test('takes the password of a secret that is given', () => {
    const stack = newStack();
    const credentials = Secret.fromSecretCompleteArn(stack, 'Owner', 'arn:aws:secretsmanager:us-east-1:123456789012:secret:owner-AbCdEf');
    const { properties } = only({ ...props, credentials, snapshot: SNAPSHOT }, type, stack);
    expect(properties).not.toHaveProperty('MasterUsername');
    expect(JSON.stringify(properties.MasterUserPassword)).toContain('secret:owner-AbCdEf:SecretString:password');
  });
});

test('an instance keeps the key of its snapshot, a cluster takes the one that is given', () => {
  const withKey = (props: DatabaseProps, type: string) => {
    const stack = newStack();
    return only({ ...props, snapshot: SNAPSHOT, encryptionKey: new Key(stack, 'Key') }, type, stack).properties;
  };
  expect(withKey({}, 'AWS::RDS::DBInstance')).not.toHaveProperty('KmsKeyId');
  expect(withKey({ engine: aurora }, 'AWS::RDS::DBCluster')).toMatchObject({ StorageEncrypted: true, KmsKeyId: expect.anything() });
});

test('an instance refuses the snapshot of a cluster before anything exists', () => {
  const stack = newStack();
  expect(() => newDatabase({ snapshot: CLUSTER_SNAPSHOT }, stack)).toThrow(
    `[Stack/Database] \`snapshot\` must be one of an instance with \`FlueDatabaseEngine.postgres()\`, got: ${CLUSTER_SNAPSHOT}. Use \`FlueDatabaseEngine.auroraServerless()\` for the snapshot of a cluster`,
  );
  expect(stack.node.findAll().filter(child => 'cfnResourceType' in child)).toEqual([]);
  expect(() => newDatabase({ snapshot: CLUSTER_SNAPSHOT, engine: aurora })).not.toThrow();
  expect(() => newDatabase({ snapshot: Lazy.string({ produce: () => CLUSTER_SNAPSHOT }) })).not.toThrow();
});

test('the snapshot of another region is refused, one of the region of the stack is not', () => {
  const of = (region: string) => () => newDatabase({ snapshot: `arn:aws:rds:${region}:123456789012:snapshot:before-upgrade` }, new Stack(new App(), 'Stack', { env: { account: '123456789012', region: 'us-east-1' } }));
  expect(of('eu-west-1')).toThrow('`snapshot` must be in the region of the stack, us-east-1, got: one in eu-west-1. Copy it there');
  expect(of('us-east-1')).not.toThrow();
});
