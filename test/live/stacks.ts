/** The servers that a run can deploy, by the name that `--only` takes, and the stack of each. */
export const HOSTS = {
  fargate: 'FlueFargateStack',
  express: 'FlueExpressStack',
  box: 'FlueEc2Stack',
  sharded: 'FlueShards',
  signin: 'FlueSignIn',
} as const;

export type Host = keyof typeof HOSTS;

/** Those that keep nothing in the database of the examples. */
export const APART: readonly Host[] = ['sharded', 'signin'];

/** What the others stand on. */
export const DATA = 'FlueDataStack';
/** Carries the id of a run on everything that a run makes. */
export const TAG = 'cdk-flue-live';

/** The stacks of the hosts chosen, those that others need first. */
export function stacksOf(hosts: readonly Host[]): string[] {
  return [...hosts.some(host => !APART.includes(host)) ? [DATA] : [], ...hosts.map(host => HOSTS[host])];
}

/** Names every stack of a run. */
export function prefixOf(run: string): string {
  return `FlueLive${run}-`;
}
