import { Validations, type App } from 'aws-cdk-lib';
import { FlueChecks } from 'cdk-flue';
import { AwsSolutionsChecks } from 'cdk-nag';
import { LowCostStack } from './low-cost-stack.ts';

/** The smallest bill that keeps its state, with HTTPS on a domain of yours. */
export function buildLowCost(app: App): void {
  new LowCostStack(app, 'FlueLowCost', {
    description: 'Flue agents on the smallest box', domainName: 'agents.example.com', hostedZoneId: 'Z0123456789EXAMPLE', zoneName: 'example.com',
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new FlueChecks(app));
}
