/** What a store says of the Flue that wrote it. */
export interface StoreMarks {
  /** Whether it has tables of Flue. */
  readonly used: boolean;
  /** The row `format_version` of `flue_meta`, which Flue 2 writes. */
  readonly format?: string;
  /** The row `schema_version` of `flue_meta`, which the betas of 1.0 wrote. */
  readonly schema?: string;
}
