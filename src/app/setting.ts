import type { Reading } from './setting-values.ts';

/** One setting: where it stands, what it means, how it is read. The example file, `--help` and the reader all come from this table. */
export interface Setting {
  /** Dotted path in parley.yaml. */
  readonly key: string;
  readonly variable: string;
  /** Empty: none. */
  readonly preset: string | number;
  readonly comment: string;
  /** Returns the value in its final form, or a sentence that says what would be right. */
  readonly read: (text: string) => Reading;
  /** A refusal does not repeat it. */
  readonly isSecret?: true;
}
