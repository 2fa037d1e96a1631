import { Match } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { DatabaseSecret } from 'aws-cdk-lib/aws-rds';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { newDatabase, newStack, synthesized } from './helpers';
import { FlueDatabaseEngine } from '../../src/database/flue-database-engine';

const engines: Array<[type: string, engine: FlueDatabaseEngine]> = [
  ['AWS::RDS::DBInstance', FlueDatabaseEngine.postgres()],
  ['AWS::RDS::DBCluster', FlueDatabaseEngine.auroraServerless()],
];

/** Puts stand-ins where CloudFormation resolves. */
function deployed(value: unknown): string {
  const parts = (value as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1];
  return parts.map(part => typeof part === 'string' ? part : 'X').join('').replace(/\{\{resolve:[^}]*\}\}/g, 'S3cret');
}

describe.each(engines)('the connection string of an %s', (type, engine) => {
  const { database, template } = synthesized({ engine });
  const [id] = Object.keys(template.findResources('AWS::SecretsManager::Secret', { Properties: { SecretString: Match.anyValue() } }));
  const resources = template.toJSON().Resources;

  test('is a URL that asks for verified TLS', () => {
    const url = new URL(deployed(resources[id].Properties.SecretString));
    expect(url).toMatchObject({
      protocol: 'postgres:', username: 'flue', password: 'S3cret', hostname: 'X', port: '5432', pathname: '/flue', search: '?sslmode=verify-full',
    });
  });

  test('takes its password from the attached secret at deployment', () => {
    const parts = resources[id].Properties.SecretString['Fn::Join'][1];
    const [attachment] = Object.keys(template.findResources('AWS::SecretsManager::SecretTargetAttachment'));
    expect(parts[0]).toBe('postgres://flue:{{resolve:secretsmanager:');
    expect(parts[1]).toEqual({ Ref: attachment });
    expect(parts[2]).toBe(':SecretString:password::}}@');
    expect(parts[3]['Fn::GetAtt'][1]).toBe('Endpoint.Address');
    expect(parts[4]).toBe(':5432/flue?sslmode=verify-full');
  });

  test('exists only once every instance does', () => {
    const instances = Object.keys(template.findResources('AWS::RDS::DBInstance'));
    expect(resources[id].DependsOn).toEqual(expect.arrayContaining(instances));
  });

  test('is what a container is given', () => {
    expect(database.url.arn).toBe(database.urlSecret.secretArn);
    expect(database.url.hasField).toBeFalsy();
  });

  test('shows no password in the template', () => {
    const text = JSON.stringify(template.toJSON());
    const withoutReferences = text.replace(/\{\{resolve:secretsmanager:.*?\}\}/g, '');
    expect(withoutReferences).not.toMatch(/postgres:\/\/[^:"]+:[^@"]+@/);
    const [password] = Object.values(template.findResources(type)).map(resource => resource.Properties.MasterUserPassword);
    expect(password['Fn::Join'][1][0]).toBe('{{resolve:secretsmanager:');
  });
});

test('the password needs no encoding', () => {
  synthesized().template.hasResourceProperties('AWS::SecretsManager::Secret', {
    GenerateSecretString: {
      ExcludePunctuation: true, PasswordLength: 40, GenerateStringKey: 'password', SecretStringTemplate: '{"username":"flue"}',
    },
  });
});

test('the key encrypts storage, secrets and performance data', () => {
  for (const [type, engine] of engines) {
    const stack = newStack();
    const encryptionKey = new Key(stack, 'Key');
    const { template } = synthesized({ engine, encryptionKey, enablePerformanceInsights: true }, stack);
    template.resourcePropertiesCountIs('AWS::SecretsManager::Secret', { KmsKeyId: Match.anyValue() }, 2);
    const [database] = Object.values(template.findResources(type));
    expect(database.Properties.KmsKeyId).toBeDefined();
    expect(database.Properties.PerformanceInsightsKMSKeyId ?? database.Properties.PerformanceInsightsKmsKeyId).toBeDefined();
  }
});

describe('credentials of the user', () => {
  test('are resolved at deployment, and left as they are', () => {
    const stack = newStack();
    const credentials = Secret.fromSecretNameV2(stack, 'Owner', 'owner');
    const { database, template } = synthesized({ credentials }, stack);
    expect(database.secret).toBe(credentials);
    template.resourceCountIs('AWS::SecretsManager::SecretTargetAttachment', 0);
    template.resourceCountIs('AWS::SecretsManager::Secret', 1);
    const [url] = Object.values(template.findResources('AWS::SecretsManager::Secret'));
    const text = JSON.stringify(url.Properties.SecretString);
    expect(text).toContain(':SecretString:username::}}');
    expect(text).toContain(':SecretString:password::}}');
  });

  test.each<[string, (stack: ReturnType<typeof newStack>) => Secret]>([
    ['as RDS generates them', stack => new DatabaseSecret(stack, 'Owner', { username: 'owner' })],
    ['without punctuation', stack => new Secret(stack, 'Owner', {
      generateSecretString: { generateStringKey: 'password', secretStringTemplate: '{"username":"owner"}', excludePunctuation: true },
    })],
  ])('pass %s', (_, secret) => {
    const stack = newStack();
    expect(() => newDatabase({ credentials: secret(stack) }, stack)).not.toThrow();
  });

  test('fail when the password can split the URL', () => {
    const stack = newStack();
    const credentials = new Secret(stack, 'Owner', {
      generateSecretString: { generateStringKey: 'password', secretStringTemplate: '{"username":"owner"}', excludeCharacters: ':@#' },
    });
    expect(() => newDatabase({ credentials }, stack)).toThrow('[Stack/Database] `credentials` must generate a password that can stand in a URL, '
      + 'got: Stack/Owner, which can hold % / ?. Generate it with `excludePunctuation: true`, or leave it out: the construct then generates it');
  });

  test('fail when they are a password alone', () => {
    const stack = newStack();
    expect(() => newDatabase({ credentials: new Secret(stack, 'Owner') }, stack)).toThrow('[Stack/Database] `credentials` must be a secret with the keys '
      + 'username and password, got: Stack/Owner, which generates a plain string. '
      + 'Generate it with `generateStringKey: \'password\'` and a `secretStringTemplate` that holds the username');
  });

  test('fail when they have another key', () => {
    const stack = newStack();
    const credentials = new Secret(stack, 'Owner', { generateSecretString: { generateStringKey: 'pw', secretStringTemplate: '{}' } });
    expect(() => newDatabase({ credentials }, stack)).toThrow('which generates the key pw');
  });
});
