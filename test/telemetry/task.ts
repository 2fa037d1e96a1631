/** What the template says of a task whose collector runs beside its server. */
export interface Task {
  readonly region: string;
  readonly account: string;
  readonly server: { readonly environment: Record<string, string> };
  readonly collector: {
    readonly environment: Record<string, string>;
    readonly memoryMiB: number;
    readonly readonlyRoot: boolean;
    readonly essential: boolean;
  };
  /** What the role of the task allows. */
  readonly statements: readonly { readonly actions: readonly string[]; readonly resources: readonly string[] }[];
  /** The log groups that exist once the stack is deployed. */
  readonly logGroups: readonly string[];
}
