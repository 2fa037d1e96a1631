import type { Host } from './stacks';

/** Something that only AWS can answer. */
export interface Question {
  /** The heading of its section, in words with dashes. */
  readonly id: string;
  readonly asks: string;
  /** What the library takes for granted until there is an answer. */
  readonly assumes: string;
  /** Files in which it matters. */
  readonly where: readonly string[];
  /** The probe of `npm run verify:live` that answers, and of which server if not of every one. */
  readonly probe?: string;
  readonly host?: Host;
  /** Why no probe answers it. */
  readonly reason?: string;
}

const NEEDS_DOMAIN = 'It needs a domain and its hosted zone, which a run does not have.';

/** Each stands here once, whatever number of pages speak of it. */
export const QUESTIONS: readonly Question[] = [
  {
    id: 'one-deployment',
    asks: 'Does CloudFormation create the stacks in one go, with every permission enforced?',
    assumes: 'yes: the emulator enforces no permission, and each policy is compared with what its owner calls',
    where: ['test/deploy/README.md', 'docs/limits.md', 'docs/decisions/0009-emulated-deployment.md'],
    probe: 'deployment',
  },
  {
    id: 'what-is-deployed',
    asks: 'Do the APIs of AWS show what the templates say?',
    assumes: 'yes, as the emulator does',
    where: ['docs/how-it-is-tested.md', 'docs/decisions/0009-emulated-deployment.md'],
    probe: 'invariants',
  },
  {
    id: 'what-is-left',
    asks: 'Is anything that costs left after a destruction, such as the load balancer of Express Mode?',
    assumes: 'ECS takes its load balancer down, perhaps late; a VPC in the same stack may wait for it',
    where: ['docs/troubleshooting.md'],
    probe: 'destruction',
  },
  {
    id: 'zones-without-t4g',
    asks: 'Which zones offer no `t4g` instances?',
    assumes: '`use1-az3` is the only one of a commercial region (85 % sure)',
    where: ['src/network/zones.ts'],
    probe: 'zones',
    host: 'box',
  },
  {
    id: 'zones-without-arm64',
    asks: 'Which zones run no ARM64 task on Fargate?',
    assumes: '`use1-az3`, by reports of users',
    where: ['src/network/zones.ts'],
    reason: 'Names of zones differ by account: a run cannot count on a subnet in that zone, and AWS publishes no list.',
  },
  {
    id: 'zones-without-vpc-origins',
    asks: 'Which zones have no VPC origins of CloudFront?',
    assumes: '`use1-az3`, `usw1-az2` and `apne1-az3` (90 % sure)',
    where: ['src/network/zones.ts'],
    reason: 'The developer guide of CloudFront lists them; a run has no distribution.',
  },
  {
    id: 'express-target-groups',
    asks: 'Does the listener rule of Express Mode name both target groups when the function for the timers runs?',
    assumes: 'yes; the list in the service itself may be empty at that time, which IAM would refuse (95 % sure)',
    where: ['docs/decisions/0002-express-timers.md'],
    probe: 'express-timers',
  },
  {
    id: 'express-after-creation',
    asks: 'What does Express Mode do in a deployment?',
    assumes: 'a canary, with two processes alive for six minutes or more, and no gap',
    where: ['docs/limits.md', 'README.md'],
    probe: 'redeployment',
    host: 'express',
  },
  {
    id: 'gap-of-recreate',
    asks: 'How long is the gap of `recreate()`, and are two processes never alive at once?',
    assumes: 'the sums in the tables of timers; none',
    where: ['docs/timers-and-deployments.md'],
    probe: 'redeployment',
    host: 'fargate',
  },
  {
    id: 'replacement-of-the-box',
    asks: 'How long is a box away that a deployment replaces?',
    assumes: 'four to six minutes, by estimate',
    where: ['docs/timers-and-deployments.md'],
    probe: 'redeployment',
    host: 'box',
  },
  {
    id: 'circuit-breaker',
    asks: 'Do circuit breaker and grace period bring a service back whose new task ends at once?',
    assumes: 'yes',
    where: ['test/deploy/README.md'],
    probe: 'rollback',
    host: 'fargate',
  },
  {
    id: 'silent-answers',
    asks: 'Does an answer arrive before which no byte came for more than a minute?',
    assumes: 'yes, below the idle timeout of 660 s',
    where: ['test/deploy/README.md', 'docs/timers-and-deployments.md'],
    probe: 'quiet-stream',
  },
  {
    id: 'idle-connections',
    asks: 'Does a load balancer never use a connection again that the server has closed?',
    assumes: 'yes, because the server keeps it longer',
    where: ['docs/timers-and-deployments.md'],
    probe: 'idle-connections',
  },
  {
    id: 'end-of-the-drain',
    asks: 'Does a load balancer close what is open at the end of the deregistration delay?',
    assumes: 'yes',
    where: ['docs/decisions/0021-drain-of-attached-prompts.md'],
    reason: 'A probe would have to hold prompts through a deployment of several minutes; nobody has written it.',
  },
  {
    id: 'a-task-that-ends', asks: 'Does another task answer within minutes after one was killed?', assumes: 'yes', where: ['docs/platforms.md'], probe: 'task-killed', host: 'fargate',
  },
  {
    id: 'restart-of-the-database',
    asks: 'Does a server go on when RDS restarts its database?',
    assumes: 'yes, as with the real Postgres of a rehearsal',
    where: ['docs/database.md'],
    probe: 'database-restart',
    host: 'fargate',
  },
  {
    id: 'redeploy-command',
    asks: 'Does a new deployment of the same task definition bring the new value of a secret?',
    assumes: 'yes',
    where: ['docs/operations.md'],
    probe: 'secret-change',
    host: 'fargate',
  },
  {
    id: 'other-commands',
    asks: 'Do the other commands for operators work as they are, and `Redeploy` on Express?',
    assumes: 'yes: AWS documents each',
    where: ['docs/operations.md'],
    reason: 'Some open a shell in a terminal, and AWS documents other options of `update-service` for Express.',
  },
  {
    id: 'the-box-on-amazon-linux',
    asks: 'Does the box boot on Amazon Linux, with its packages under their names (docker, CloudWatch agent, nodejs22)?',
    assumes: 'yes',
    where: ['docs/limits.md', 'docs/box.md'],
    probe: 'health',
    host: 'box',
  },
  {
    id: 'reboot-of-the-box', asks: 'Does a box that reboots find its state again?', assumes: 'yes', where: ['test/boot/README.md', 'docs/box.md'], probe: 'box-reboot', host: 'box',
  },
  {
    id: 'volume-of-the-box',
    asks: 'Does IAM let a new box take the address and the volume of the old one?',
    assumes: 'yes, under the conditions of its policy',
    where: ['docs/limits.md', 'test/boot/README.md'],
    probe: 'box-replacement',
    host: 'box',
  },
  {
    id: 'memory-of-a-micro',
    asks: 'Do 230 MiB beside the container suffice on a `t4g.micro`?',
    assumes: 'no (60 % sure): the box keeps 400 MiB free on it',
    where: ['docs/box.md'],
    reason: 'The box of a run is a `t4g.small`; what fills the memory is the app.',
  },
  {
    id: 'certificates-of-the-box',
    asks: 'Does Caddy get a certificate on the box, within the limits of Let\'s Encrypt, and stream without an idle timeout?',
    assumes: 'yes',
    where: ['test/boot/README.md', 'docs/box.md'],
    reason: NEEDS_DOMAIN,
  },
  {
    id: 'rules-of-shards',
    asks: 'Does a load balancer read the rules of shards as we do: regular expressions, case, codes?',
    assumes: 'yes, and that an id of a dead shard gets 503',
    where: ['test/deploy/README.md', 'docs/sharding.md'],
    probe: 'shards',
    host: 'sharded',
  },
  {
    id: 'growing-a-fleet',
    asks: 'Do the commands that move conversations to more shards work through Session Manager?',
    assumes: 'yes',
    where: ['docs/resharding.md'],
    reason: 'It needs two fleets and a person who stops one.',
  },
  {
    id: 'blue-green',
    asks: 'Does ECS shift the traffic of a blue/green deployment, call the hook, bake and go back?',
    assumes: 'yes, as documented',
    where: ['test/deploy/README.md', 'docs/decisions/0014-deployments.md', 'docs/limits.md', 'README.md'],
    reason: NEEDS_DOMAIN,
  },
  {
    id: 'slow-starters',
    asks: 'Does `rollBackDeployments` leave a server alone that starts slowly?',
    assumes: 'yes: the alarms wait for `startupBudget` (85 % sure that they must)',
    where: ['docs/troubleshooting.md'],
    reason: 'The example starts within seconds.',
  },
  {
    id: 'cloudfront',
    asks: 'Does CloudFront answer as documented, and the quota for a read timeout above 60 s apply?',
    assumes: 'yes',
    where: ['test/deploy/README.md', 'docs/decisions/0012-edge.md', 'docs/limits.md', 'README.md'],
    reason: 'A distribution takes longer to create and to delete than the rest of a run.',
  },
  {
    id: 'sign-in',
    asks: 'Does the load balancer send whoever has no session to the sign-in, whatever cookie they bring?',
    assumes: 'yes',
    where: ['test/deploy/README.md', 'docs/edge.md'],
    probe: 'sign-in',
    host: 'signin',
  },
  { id: 'a-person', asks: 'Does a person sign in, and does a web ACL filter?', assumes: 'yes', where: ['test/deploy/README.md', 'docs/edge.md'], reason: `${NEEDS_DOMAIN} A person signs in, in a browser.` },
  {
    id: 'token', asks: 'Does the server behind its URL refuse who has no token?', assumes: 'yes, as on the loopback', where: ['examples/agents/README.md'], probe: 'token',
  },
  {
    id: 'state', asks: 'Does the server find its database, and a conversation its memory?', assumes: 'yes', where: ['docs/database.md'], probe: 'prompt',
  },
  { id: 'workflows', asks: 'Does a workflow run to its end behind the URL?', assumes: 'yes', where: ['docs/platforms.md'], probe: 'workflow' },
  {
    id: 'events', asks: 'Does Amazon SQS deliver to the function as our stand-in does?', assumes: 'yes', where: ['docs/events.md'], reason: 'The stacks of a run have no inbox.',
  },
  {
    id: 'rollback-of-a-migration',
    asks: 'Does CloudFormation restore the old task definition after `recreate({ rollback: false })`, and end in `UPDATE_ROLLBACK_FAILED`?',
    assumes: 'yes (85 % sure); the box likewise',
    where: ['docs/troubleshooting.md', 'docs/upgrading.md'],
    reason: 'It needs an app on two versions of Flue, the second of which migrates.',
  },
  {
    id: 'other-symptoms',
    asks: 'Do the other symptoms that are marked *documented* look as documented?',
    assumes: 'yes',
    where: ['docs/troubleshooting.md'],
    reason: 'Each needs a fault that a run must not have.',
  },
  {
    id: 'prices',
    asks: 'Are the prices right that we have from elsewhere, and what do Container Insights cost (5 to 8 USD, 70 % sure)?',
    assumes: 'yes',
    where: ['src/cli/price/prices.ts', 'docs/cost.md'],
    reason: 'The bill of a month tells, and the Price List API whoever has an account.',
  },
  {
    id: 'action-of-a-budget',
    asks: 'Does the action of a budget take the permission away, and give it back when it is reversed?',
    assumes: 'yes, as documented',
    where: ['docs/operations.md'],
    reason: 'AWS Budgets reads the costs a few times a day; a run is over before.',
  },
  {
    id: 'end-of-a-stack',
    asks: 'Does EventBridge start the task of a FlueSchemaCleanup after CloudFormation has deleted a stack?',
    assumes: 'yes, as documented: the event has the id of the stack as `stack-id`',
    where: ['docs/previews.md', 'docs/decisions/0036-schemas-that-go-with-their-stack.md'],
    reason: 'The stacks of a run share no database.',
  },
  {
    id: 'rules-of-a-listener',
    asks: 'Is the default quota 100 rules for a load balancer?',
    assumes: 'yes',
    where: ['docs/sharding.md'],
    reason: 'Service Quotas tells; a fleet of a run has few rules.',
  },
];
