import { randomUUID } from 'node:crypto';
import type { Probe } from './probe';
import { ask } from '../http';
import { until } from '../load';

const SECONDS = 600;

/** Comes last for its host: the server keeps the new value, and the secret, which others share, gets the old one back. */
export const secretChange: Probe = {
  name: 'secret-change',
  promises: 'After a new value of a secret and a redeployment the server takes the new token and refuses the old one.',
  hosts: ['fargate'],
  asks: 'server',
  async run(world) {
    const { url, token: old, call, resources, dataResources } = world;
    const [service] = await resources('AWS::ECS::Service');
    const [secret] = await dataResources('AWS::SecretsManager::Secret', 'ApiToken');
    const fresh = randomUUID().replace(/-/g, '');
    const statusOf = async (token: string | undefined) => (await ask(url, '/runs/none', { token })).status;
    await call('secretsmanager', 'put_secret_value', { SecretId: secret, SecretString: fresh });
    try {
      await call('ecs', 'update_service', { cluster: service.split('/')[1], service, forceNewDeployment: true });
      const taken = await until(world, SECONDS, async () => ![401, 0, 502, 503].includes(await statusOf(fresh)));
      const refused = await statusOf(old);
      return {
        holds: taken !== undefined && refused === 401,
        says: taken === undefined ? `the new token was not taken within ${SECONDS} s` : `the new token was taken after ${taken} s, and the old one answered ${refused}`,
        measured: { seconds: taken ?? -1 },
      };
    } finally {
      await call('secretsmanager', 'put_secret_value', { SecretId: secret, SecretString: old });
    }
  },
};
