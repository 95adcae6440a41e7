/** Bytes that are not what they claim to be: a value, counted and dropped, never thrown. */
export interface Malformed {
  readonly malformed: string;
  /** Offset of the first byte that does not fit. */
  readonly at: number;
}

/** Tells a refusal from what was read. */
export const isMalformed = (read: object): read is Malformed => 'malformed' in read;
