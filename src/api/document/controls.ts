import type { Json } from '../../base/index.ts';
import { controlsFaults } from '../../conference/index.ts';

/** What is wrong with the key groups of a document, as `check` tells faults; an action that does not exist is answered with those that do. */
export const keypadFaults = (controls: Json | undefined) =>
  controls === undefined
    ? []
    : controlsFaults(controls).map(({ path, message, known, nearest }) => ({
        path: ['controls', ...path],
        rule: known === undefined ? 'wrong_format' : 'enum',
        message: nearest === undefined ? message : `${message}; did you mean "${nearest}"?`,
        ...(known === undefined ? {} : { target: known }),
      }));
