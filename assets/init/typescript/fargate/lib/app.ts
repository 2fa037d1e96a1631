import { Validations, type App } from 'aws-cdk-lib';
import { FlueChecks } from 'cdk-flue';
import { FlueDataStack } from './data-stack.ts';
import { FlueFargateStack } from './fargate-stack.ts';
import { endPreview, isBase, isPreview, stackId } from './stage.ts';

/** The stack that every platform shares, and the stack of the agents. */
export function buildAgents(app: App): void {
  // a preview takes what `-c preview=base` made for all of them
  const shared = isPreview(app) ? undefined
    : new FlueDataStack(app, stackId(app, 'FlueDataStack'), { description: 'Network, database and secrets of the Flue agents' });

  if (shared && isBase(app)) {
    FlueFargateStack.addPreviewBalancer(shared);
  } else {
    new FlueFargateStack(app, stackId(app, 'FlueFargateStack'), { shared, description: 'Flue agents on ECS Fargate' });
  }

  endPreview(app);
  Validations.of(app).addPlugins(new FlueChecks(app));
}
