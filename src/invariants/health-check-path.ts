import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refuse, type Invariant } from './invariant';

/** The conventional liveness route of a Flue app. */
export const DEFAULT_HEALTH_CHECK_PATH = '/health';
/** What a healthy answer is: the load balancer does not follow redirects. */
export const HEALTHY_HTTP_CODES = '200-299';

export const HEALTH_CHECK_PATH: Invariant = {
  id: 'HealthCheckPath',
  level: 'error',
  statement: 'The health check asks a path that the app itself defines, and takes only 2xx for an answer.',
  why: 'Flue generates no route at `/`; a check that asks for it gets 404 for ever, and one that accepts redirects or errors keeps a broken server in rotation.',
  limit: 'explicit path, not `/`; matcher within 200–299',
  source: 'Flue deployment guide for AWS, health check',
  fix: `Define \`${DEFAULT_HEALTH_CHECK_PATH}\` in app.ts and name it in \`healthCheckPath\`.`,
};

/** Refuses a path the load balancer cannot ask or the app does not answer. */
export function requireHealthCheckPath(scope: IConstruct, path: string): void {
  if (Token.isUnresolved(path)) {
    return;
  }
  const way = `Name the route that your app.ts defines for it, such as \`${DEFAULT_HEALTH_CHECK_PATH}\``;
  if (/^[a-z][a-z0-9+.-]*:/i.test(path) || path.startsWith('//')) {
    refuse(scope, `\`healthCheckPath\` must be a path without scheme or host, got: ${path}`, way, HEALTH_CHECK_PATH);
  }
  if (!path.startsWith('/')) {
    refuse(scope, `\`healthCheckPath\` must begin with a slash, got: ${path}`, way, HEALTH_CHECK_PATH);
  }
  if (path === '/') {
    refuse(scope, '`healthCheckPath` must be a path that the app defines, got: /', way, HEALTH_CHECK_PATH);
  }
  if (/[\s#]/.test(path) || path.length > 1024) {
    refuse(scope, `\`healthCheckPath\` must be at most 1024 characters without white space or fragment, got: ${path.slice(0, 80)}`, way, HEALTH_CHECK_PATH);
  }
}
