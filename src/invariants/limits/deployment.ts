import { MAX_PORT, MIN_PORT } from './image';
import { MINUTES, within } from './limit';
import { HTTP_PORT, HTTPS_PORT } from './load-balancer';

export const DEPLOYMENT_LIMITS = {
  bakeTime: within({
    prop: 'bakeTime',
    of: ['FlueBlueGreenDeploymentOptions'],
    unit: MINUTES,
    minimum: 0,
    maximum: 1440,
    step: 1,
    source: 'Amazon ECS API reference, DeploymentConfiguration (bakeTimeInMinutes)',
    fix: 'ECS counts it in minutes',
  }),
  interval: within({
    prop: 'interval',
    of: ['FlueRedeployOptions'],
    unit: MINUTES,
    minimum: 5,
    maximum: 1440,
    step: 1,
    source: 'AWS Step Functions developer guide, quotas: an Express workflow runs for 5 minutes at most, and two must not overlap',
    fix: 'Leave it out for 15 minutes',
  }),
  testPort: within({
    prop: 'testPort',
    of: ['FlueBlueGreenDeploymentOptions'],
    minimum: MIN_PORT,
    maximum: MAX_PORT,
    step: 1,
    except: [HTTP_PORT, HTTPS_PORT],
    source: 'TCP; the other listeners of the service have those two',
    fix: 'Take 8443, for example',
  }),
};
