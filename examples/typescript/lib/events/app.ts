import { Validations, type App } from 'aws-cdk-lib';
import { FlueChecks } from 'cdk-flue';
import { AwsSolutionsChecks } from 'cdk-nag';
import { EventsDataStack } from './data-stack.ts';
import { EventsStack } from './events-stack.ts';

/** Agents that no client calls: a schedule and a webhook of GitHub bring their work. */
export function buildEvents(app: App): void {
  const data = new EventsDataStack(app, 'FlueEventsData', {
    terminationProtection: true, description: 'Network and database of the Flue agents',
  });
  new EventsStack(app, 'FlueEvents', { description: 'Flue agents whose work comes by itself', data });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new FlueChecks(app));
}
