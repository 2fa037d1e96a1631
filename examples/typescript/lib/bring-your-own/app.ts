import { Validations, type App } from 'aws-cdk-lib';
import { FlueChecks } from 'cdk-flue';
import { AwsSolutionsChecks } from 'cdk-nag';
import { BringYourOwnStack } from './bring-your-own-stack.ts';

/** The agents on resources that a platform team provides. The app creates only the server. */
export function buildBringYourOwn(app: App): void {
  new BringYourOwnStack(app, 'FlueBringYourOwn', { description: 'Flue agents in a platform that exists' });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new FlueChecks(app));
}
