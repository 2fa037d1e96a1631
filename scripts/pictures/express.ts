import type { Card, Drawing } from './drawing';
import { groupsIn, guarded, ingressOf, numberAt, numeric, only, subnetsIn, textAt } from './facts';
import { CLIENT, drain, LEGEND, modelCard, network, silentAnswer, stop, taskFacts } from './parts';
import type { Synthesized } from './stacks';
import { IDLE_TIMEOUT_ATTRIBUTE } from '../../src/invariants/idle-timeout';
import { DEREGISTRATION_DELAY_ATTRIBUTE } from '../../src/invariants/shutdown-time';
import { EXPRESS_SERVICE } from '../../src/invariants/template/containers';
import { customizedAttribute, customizersOf } from '../../src/invariants/template/express-load-balancer';

export function express({ servers, scheme }: Synthesized): Drawing {
  const service = only(servers.app.ofType(EXPRESS_SERVICE), 'Express service');
  const task = taskFacts(service, servers);
  const timers = only(customizersOf(servers.app, candidate => candidate === service), 'custom resource for the managed load balancer');
  const place = service.at('NetworkConfiguration');
  const subnets = subnetsIn(place.at('Subnets'));
  const securityGroup = only(groupsIn(place.at('SecurityGroups')), 'security group of the service');
  const [least, most] = ['MinTaskCount', 'MaxTaskCount'].map(key => numberAt(service, 'ScalingTarget', key));

  const edge: Card = {
    id: 'edge',
    kind: 'edge',
    managed: true,
    title: 'Load balancer',
    lines: ['managed by ECS,', 'shared in the VPC', `GET ${textAt(service, 'HealthCheckPath')}`],
  };
  const server: Card = { id: 'server', kind: 'server', title: 'Flue server', lines: [`Fargate task × ${least === most ? least : `${least}–${most}`}`, ...task.size] };
  // ECS places the load balancer in the subnets of the service
  const { vpc, flows } = network(servers, { part: edge, subnets }, {
    card: server,
    securityGroup,
    subnets,
    frame: guarded('serverGroup', ingressOf(securityGroup, servers), server, ['no rule of its own:', 'ECS adds a group']),
  });
  return {
    title: 'FlueExpressService',
    subtitle: 'A task on ECS Express Mode, which manages load balancer, certificate and name',
    parts: [CLIENT, modelCard(task.model), vpc],
    flows: [
      { from: 'client', to: edge.id, step: 1, label: [scheme.toUpperCase()] },
      { from: edge.id, to: server.id, step: 2, label: [task.protocol, String(task.port)] },
      ...flows,
    ],
    lanes: [
      silentAnswer(task, numeric(customizedAttribute(timers, IDLE_TIMEOUT_ATTRIBUTE), 'the idle timeout')),
      {
        title: 'While the old task ends',
        order: 'in turn',
        bars: [drain(numeric(customizedAttribute(timers, DEREGISTRATION_DELAY_ATTRIBUTE), 'the deregistration delay')), stop(task.stopTimeout)],
      },
    ],
    legend: [...LEGEND, ['managed', 'made by ECS, not by the template']],
  };
}
