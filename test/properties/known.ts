/** Errors that are known and wait for another change: which input and class, what the error says, and the kind of fault in the list of the issue. */
export interface Known {
  readonly input: RegExp;
  readonly says: RegExp;
  readonly kind: number;
}

export const KNOWN: readonly Known[] = [];

/** What the library gives on purpose although FlueChecks reports it: the docs of the prop say so. */
export const REPORTED: readonly Omit<Known, 'kind'>[] = [
  { input: /\.removalPolicy valid/, says: /Flue-PrivateDatabase\[DeletionPolicy\]/ },
];
