import type { Host } from './stacks';
import { monthlyFloor, type Template } from '../../src/cli/price/monthly-floor';
import { PRICES } from '../../src/cli/price/prices';

export interface Plan {
  readonly run: string;
  readonly hosts: readonly Host[];
  readonly account: string;
  readonly region: string;
  readonly emulated: boolean;
  readonly minutes: number;
  readonly keep: boolean;
  /** The templates of the stacks that are deployed, by name. */
  readonly templates: ReadonlyMap<string, object>;
}

/** What is deployed costs so much an hour, in USD, by the library's own prices; what has no known price is named. */
export function hourlyCost(templates: Iterable<object>): { readonly usd: number; readonly unknown: readonly string[] } {
  const floors = [...templates].map(template => monthlyFloor(template as Template));
  return {
    usd: floors.reduce((sum, { total }) => sum + total, 0) / PRICES.hoursPerMonth,
    unknown: [...new Set(floors.flatMap(({ unpriced }) => unpriced))],
  };
}

/** What a person reads before a run begins. */
export function describePlan({ run, hosts, account, region, emulated, minutes, keep, templates }: Plan): string {
  const { usd, unknown } = hourlyCost(templates.values());
  const count = [...templates.values()].reduce((sum, template) => sum + Object.keys((template as Template).Resources ?? {}).length, 0);
  return [
    emulated ? 'Nothing is created: this run asks an emulator.' : `This run creates ${count} resources in account ${account}, region ${region}:`,
    ...[...templates.keys()].map(name => `  ${name}`),
    `The servers are: ${hosts.join(', ')}. Every stack and its resources carry the tag of run ${run}.`,
    `They cost ${usd.toFixed(2)} USD an hour without traffic, by the prices of ${PRICES.region} of ${PRICES.date}${unknown.length > 0 ? `, without ${unknown.join(', ')}` : ''}.`,
    keep ? 'Nothing is destroyed in the end (--keep).' : `After at most ${minutes} minutes everything is destroyed again.`,
    '',
  ].join('\n');
}
