import { listOf, within, written } from './limit';

/** Keys of tags are shorter than their values. */
export const MAX_TAG_KEY = 128;
const MAX_TAG_VALUE = 256;

export const BUDGET_LIMITS = {
  monthlyLimit: within({
    prop: 'monthlyLimit',
    of: ['FlueBudgetProps'],
    minimum: 0.01,
    maximum: 1e12,
    source: 'a cent, and what JavaScript writes without an exponent (AWS Budgets API reference, Spend)',
    fix: 'State what a month may cost, in USD',
  }),
  emails: listOf({
    prop: 'emails',
    of: ['FlueBudgetProps'],
    least: 1,
    most: 10,
    source: 'AWS Budgets API reference, NotificationWithSubscribers: ten addresses for each notification',
    fix: 'Pass a `topic`, to which many subscribe',
  }, 'addresses'),
  email: written({
    prop: 'emails',
    of: ['FlueBudgetProps'],
    pattern: /^[^\s@:,;<>()[\]"]+@[^\s@:,;<>()[\]"]+$/,
    length: 320,
    source: 'AWS Budgets API reference, Subscriber',
    fix: 'Write it as in `team@example.com`',
  }, 'addresses with one @, without a name and without white space'),
  tags: written({
    prop: 'tags',
    of: ['FlueBudgetProps'],
    pattern: /^(?!aws:)[\p{L}\p{Nd} _.:/=+@-]+$/iu,
    length: MAX_TAG_VALUE,
    source: 'AWS General Reference, tag naming limits; AWS Budgets API reference, CostFilters',
    fix: 'Write key and value as the resources carry them',
  }, `keys of 1–${MAX_TAG_KEY} and values of 1–${MAX_TAG_VALUE} letters, digits, spaces and _.:/=+@-, without \`aws:\` in front`),
  denyBedrockTo: listOf({
    prop: 'denyBedrockTo',
    of: ['FlueBudgetProps'],
    least: 1,
    most: 100,
    source: 'AWS Budgets API reference, IamActionDefinition',
    fix: 'Leave it out for a budget that only tells',
  }, 'roles'),
};
