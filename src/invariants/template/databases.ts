import type { AppResources } from './app-resources';
import { boxProperty } from './boxes';
import type { Container } from './containers';
import type { TemplateResource, TemplateValue } from './value';
import { namesStore } from './variables';

export const DB_INSTANCE = 'AWS::RDS::DBInstance';
export const DB_CLUSTER = 'AWS::RDS::DBCluster';
export const DATABASE_TYPES = [DB_INSTANCE, DB_CLUSTER];
export const SECRET = 'AWS::SecretsManager::Secret';
export const PARAMETER = 'AWS::SSM::Parameter';
const ATTACHMENT = 'AWS::SecretsManager::SecretTargetAttachment';

/** The properties in which a connection string leads on to a database. */
const LINKS: Readonly<Record<string, string>> = { [SECRET]: 'SecretString', [PARAMETER]: 'Value', [ATTACHMENT]: 'TargetId' };

/** The databases that the connection strings of Flue servers refer to, and the secrets on the way. */
export function databasesOf(
  app: AppResources, containers: Container[], boxes: TemplateResource[], members: ReadonlySet<TemplateResource>,
): TemplateResource[] {
  const found = new Set<TemplateResource>();
  const follow = (value: TemplateValue): void => {
    for (const { resource } of value.targets()) {
      if (found.has(resource) || !(resource.type in LINKS || DATABASE_TYPES.includes(resource.type))) {
        continue;
      }
      found.add(resource);
      if (resource.type in LINKS) {
        follow(resource.at(LINKS[resource.type]));
        attachmentsOf(app, resource).forEach(attachment => follow(attachment.at('TargetId')));
      }
    }
  };
  for (const container of containers) {
    container.variables.filter(({ name }) => namesStore(name)).forEach(({ value }) => follow(value));
  }
  boxes.forEach(box => follow(boxProperty(box, 'UserData')));
  for (const instance of app.ofType(DB_INSTANCE)) {
    const cluster = clusterOf(instance);
    if (cluster && (found.has(cluster) || members.has(cluster))) {
      found.add(instance);
    }
  }
  return [...found];
}

/** The secret that a resource is, or puts a database's address into; undefined for any other. */
export function secretBehind(resource: TemplateResource): TemplateResource | undefined {
  return resource.type === SECRET ? resource : resource.type === ATTACHMENT ? resource.at('SecretId').target(SECRET)?.resource : undefined;
}

/** The cluster a database instance belongs to. */
export function clusterOf(instance: TemplateResource): TemplateResource | undefined {
  return instance.at('DBClusterIdentifier').target(DB_CLUSTER)?.resource;
}

function attachmentsOf(app: AppResources, secret: TemplateResource): TemplateResource[] {
  return app.ofType(ATTACHMENT).filter(attachment => attachment.at('SecretId').target(SECRET)?.resource === secret);
}
