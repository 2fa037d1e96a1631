import { Validations, type App } from 'aws-cdk-lib';
import { FlueChecks } from 'cdk-flue';
import { FlueDataStack } from './data-stack.ts';
import { FlueFargateStack } from './fargate-stack.ts';
import { endPreview, stackId } from './stage.ts';

/** The stack that every platform shares, and the stack of the agents. */
export function buildAgents(app: App): void {
  const shared = new FlueDataStack(app, stackId(app, 'FlueDataStack'), { description: 'Network, database and secrets of the Flue agents' });

  new FlueFargateStack(app, stackId(app, 'FlueFargateStack'), { shared, description: 'Flue agents on ECS Fargate' });

  endPreview(app, shared);
  Validations.of(app).addPlugins(new FlueChecks(app));
}
