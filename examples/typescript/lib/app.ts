import { Validations, type App } from 'aws-cdk-lib';
import { FlueChecks } from 'cdk-flue';
import { AwsSolutionsChecks } from 'cdk-nag';
import { FlueDataStack } from './data-stack.ts';
import { FlueEc2Stack } from './ec2-stack.ts';
import { FlueExpressStack } from './express-stack.ts';
import { FlueFargateStack } from './fargate-stack.ts';
import { endPreview, isBase, isPreview, stackId } from './stage.ts';

/** One network, and the same agents on three platforms. Deploy the platform you want, or all. */
export function buildAgents(app: App): void {
  // a preview takes what `-c preview=base` made for all of them
  const shared = isPreview(app) ? undefined
    : new FlueDataStack(app, stackId(app, 'FlueDataStack'), { description: 'Network, database and secrets of the Flue agents' });

  if (shared && isBase(app)) {
    FlueFargateStack.addPreviewBalancer(shared);
  } else {
    new FlueFargateStack(app, stackId(app, 'FlueFargateStack'), { shared, description: 'Flue agents on ECS Fargate' });
    new FlueExpressStack(app, stackId(app, 'FlueExpressStack'), { shared, description: 'Flue agents on ECS Express Mode' });
    new FlueEc2Stack(app, stackId(app, 'FlueEc2Stack'), { shared, description: 'Flue agents on a box of their own' });
  }

  endPreview(app);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new FlueChecks(app));
}
