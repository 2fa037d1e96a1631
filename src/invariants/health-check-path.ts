import type { IConstruct } from 'constructs';
import { refuse, type Finding, type Invariant } from './invariant';
import { requireWritten } from './limits/guard';
import { SERVER_LIMITS } from './limits/server';
import { EXPRESS_SERVICE, TASK_DEFINITION, type Container } from './template/containers';
import { allOf } from './template/findings';
import { TARGET_GROUP } from './template/routing';
import { UNKNOWN, type TemplateResource, type TemplateValue } from './template/value';
import { isUnknown } from './unknown';

/** The conventional liveness route of a Flue app. */
export const DEFAULT_HEALTH_CHECK_PATH = '/health';
/** What a healthy answer is: the load balancer does not follow redirects. */
export const HEALTHY_HTTP_CODES = '200-299';

export const HEALTH_CHECK_PATH: Invariant = {
  id: 'HealthCheckPath',
  level: 'error',
  statement: 'The health check requests a path that the app itself defines, and accepts only 2xx.',
  why: 'Flue generates no route at `/`, so a check of `/` always gets 404. A check that accepts redirects or errors keeps a broken server in rotation.',
  limit: 'explicit path, not `/`; matcher within 200–299',
  source: 'Flue deployment guide for AWS, health check',
  fix: `Define \`${DEFAULT_HEALTH_CHECK_PATH}\` in app.ts and name it in \`healthCheckPath\`.`,
  rule: {

    resourceTypes: [TARGET_GROUP, EXPRESS_SERVICE, TASK_DEFINITION],
    check: (resource, servers) => {
      switch (resource.type) {
        case TARGET_GROUP:
          return judgeTargetGroup(resource);
        case EXPRESS_SERVICE:
          return judgePath(resource.at('HealthCheckPath'), 'Properties/HealthCheckPath');
        default:
          return allOf(...servers.serverContainers(resource).map(judgeContainerCheck));
      }
    },
  },
};

/** Refuses a path that the load balancer cannot request, or that the app does not answer. */
export function requireHealthCheckPath(scope: IConstruct, path: string): void {
  if (isUnknown(path)) {
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
  requireWritten(scope, path, SERVER_LIMITS.healthCheckPath);
}

function judgeTargetGroup(targetGroup: TemplateResource): Finding[] | undefined {
  const protocols = [targetGroup.at('HealthCheckProtocol').string(), targetGroup.at('Protocol').string()];
  const protocol = protocols.find(value => value !== undefined);
  if (typeof protocol !== 'string' || !protocol.startsWith('HTTP')) {
    return undefined;
  }
  return allOf(
    judgePath(targetGroup.at('HealthCheckPath'), 'Properties/HealthCheckPath'),
    judgeMatcher(targetGroup.at('Matcher', 'HttpCode')),
  );
}

function judgePath(value: TemplateValue, location: string): Finding[] | undefined {
  const path = value.string();
  if (path === UNKNOWN) {
    return undefined;
  }
  return path === undefined || path === '/'
    ? [{ found: path ? 'the health check requests /, where Flue answers 404' : 'no health-check path is given', location }]
    : [];
}

function judgeMatcher(value: TemplateValue): Finding[] | undefined {
  const codes = value.string();
  if (codes === UNKNOWN) {
    return undefined;
  }
  const numbers = (codes ?? '200').split(/[,-]/).map(Number);
  return numbers.every(code => code >= 200 && code <= 299) ? [] : [{
    detail: 'Matcher',
    found: `the health check accepts ${codes} as healthy, must be within ${HEALTHY_HTTP_CODES}`,
    location: 'Properties/Matcher/HttpCode',
    fix: `Set the matcher to ${HEALTHY_HTTP_CODES}.`,
  }];
}

/** The URL that a container's own health check asks the server for. */
const LOCAL_URL = /https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::[^\s\/'"]+)?(\/[^\s'"]*)?/;

function judgeContainerCheck(container: Container): Finding[] | undefined {
  const url = LOCAL_URL.exec(container.definition.at('HealthCheck', 'Command').text());
  if (!url) {
    return undefined;
  }
  return (url[1] ?? '/') !== '/' ? [] : [{
    found: `the health check of container ${String(container.name)} requests /, where Flue answers 404`,
    location: `${container.location}/HealthCheck`,
  }];
}
