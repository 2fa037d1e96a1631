import type { Card, Drawing } from './drawing';
import { groupsIn, guarded, ingressOf, listOf, numberAt, numberOf, only, subnetsIn, textAt } from './facts';
import { CLIENT, drain, inSeconds, LEGEND, modelCard, network, silentAnswer, stop, taskFacts } from './parts';
import type { Synthesized } from './stacks';
import { IDLE_TIMEOUT_ATTRIBUTE } from '../../src/invariants/idle-timeout';
import { DEREGISTRATION_DELAY_ATTRIBUTE } from '../../src/invariants/shutdown-time';
import { attributeOf } from '../../src/invariants/template/attributes';
import { SERVICE } from '../../src/invariants/template/flue-servers';
import { LISTENER } from '../../src/invariants/template/routing';

export function fargate({ servers }: Synthesized): Drawing {
  const { app, routing } = servers;
  const service = only(app.ofType(SERVICE), 'service');
  const task = taskFacts(service, servers);
  const place = service.at('NetworkConfiguration', 'AwsvpcConfiguration');
  const securityGroup = only(groupsIn(place.at('SecurityGroups')), 'security group of the service');
  const targetGroup = only(routing.registeredIn(service), 'target group');
  const loadBalancer = only(routing.loadBalancersOf(service), 'load balancer');
  const listeners = app.ofType(LISTENER).filter(listener => routing.loadBalancerOf(listener) === loadBalancer);
  const forwards = only(listeners.filter(listener => routing.forwardedBy(listener).includes(targetGroup)), 'listener that forwards');
  const redirects = only(listeners.filter(listener => listener !== forwards), 'listener that redirects');
  const redirection = only(listOf(redirects.at('DefaultActions')), 'action of the listener that redirects').at('RedirectConfig');
  const edgeGroup = only(groupsIn(loadBalancer.at('SecurityGroups')), 'security group of the load balancer');
  const [least, most] = ['MinimumHealthyPercent', 'MaximumPercent'].map(key => numberAt(service, 'DeploymentConfiguration', key));

  const edge: Card = {
    id: 'edge',
    kind: 'edge',
    title: 'Load balancer',
    lines: [
      `${numberAt(redirects, 'Port')} → ${redirection.at('Protocol').text()} ${redirection.at('Port').text()}`,
      `GET ${textAt(targetGroup, 'HealthCheckPath')}`,
      `every ${inSeconds(numberAt(targetGroup, 'HealthCheckIntervalSeconds'))}`,
    ],
  };
  const server: Card = { id: 'server', kind: 'server', title: 'Flue server', lines: [`Fargate task × ${numberAt(service, 'DesiredCount')}`, ...task.size] };
  const { vpc, flows } = network(servers, {
    part: guarded('edgeGroup', ingressOf(edgeGroup, servers), edge),
    subnets: subnetsIn(loadBalancer.at('Subnets')),
  }, {
    card: server,
    securityGroup,
    subnets: subnetsIn(place.at('Subnets')),
    frame: guarded('serverGroup', ingressOf(securityGroup, servers, new Map([[edgeGroup, 'load balancer']])), server),
  });
  return {
    title: 'FlueFargateService',
    subtitle: 'A task on ECS Fargate behind a load balancer of its own',
    parts: [CLIENT, modelCard(task.model), vpc],
    flows: [
      { from: 'client', to: edge.id, step: 1, label: [textAt(forwards, 'Protocol'), String(numberAt(forwards, 'Port'))] },
      { from: edge.id, to: server.id, step: 2, label: [textAt(targetGroup, 'Protocol'), String(task.port)] },
      ...flows,
    ],
    lanes: [
      silentAnswer(task, numberOf(attributeOf(loadBalancer, IDLE_TIMEOUT_ATTRIBUTE), 'the idle timeout')),
      {
        title: `While a task is replaced (${least}–${most} % of the tasks run)`,
        order: 'in turn',
        bars: [
          drain(numberOf(attributeOf(targetGroup, DEREGISTRATION_DELAY_ATTRIBUTE), 'the deregistration delay')),
          stop(task.stopTimeout),
          { label: 'grace period of the new task', seconds: numberAt(service, 'HealthCheckGracePeriodSeconds'), kind: 'outside' },
        ],
      },
    ],
    legend: LEGEND,
  };
}
