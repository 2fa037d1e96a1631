import { Validations, type App } from 'aws-cdk-lib';
import { FlueChecks } from 'cdk-flue';
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks } from 'cdk-nag';
import { acknowledgeAgents, acknowledgeFoundation, acknowledgeSandboxes } from './acknowledgements.ts';
import { AgentsStack } from './agents-stack.ts';
import { FoundationStack } from './foundation-stack.ts';

/** The agents for a team's customers or colleagues: domain, sign-in, filter, alarms, and three packs of compliance rules. */
export function buildProduction(app: App): void {
  // Replace this documentation account with your own. Access logs need a region that synthesis knows.
  const env = { account: '111122223333', region: 'us-east-1' };

  const foundation = new FoundationStack(app, 'FlueFoundation', {
    env, terminationProtection: true, description: 'Network, key, database and secrets of the Flue agents',
  });
  const agents = new AgentsStack(app, 'FlueAgents', {
    env,
    terminationProtection: true,
    description: 'Flue agents behind a sign-in',
    foundation,
    domainName: 'agents.example.com',
    hostedZoneId: 'Z0123456789EXAMPLE',
    zoneName: 'example.com',
    offices: ['203.0.113.0/24', '198.51.100.0/24'],
    logArchive: 'example-log-archive',
  });
  acknowledgeFoundation(foundation);
  acknowledgeAgents(agents, agents.agents.redirectListener!);
  acknowledgeSandboxes(agents.sandboxes);

  Validations.of(app).addPlugins(
    new AwsSolutionsChecks(app), new HIPAASecurityChecks(app), new NIST80053R5Checks(app), new PCIDSS321Checks(app), new FlueChecks(app),
  );
}
