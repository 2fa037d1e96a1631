/** Ends the reading of an app with what must be and what was found, and the one way out. */
export type Refuse = (problem: string, way: string) => never;
