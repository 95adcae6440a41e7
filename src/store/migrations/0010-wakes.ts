import type { Dialect } from '../dialect.ts';

/** When something in a conference is to happen by itself, epoch ms; no value: nothing waits for time. */
export const wakes = ({ integer }: Dialect): string => `
ALTER TABLE conferences ADD COLUMN wakes_at ${integer};
CREATE INDEX conferences_that_wake ON conferences (wakes_at) WHERE wakes_at IS NOT NULL;
`;
