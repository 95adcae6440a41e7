import type { Dialect } from '../dialect.ts';

/** For lists that go by when conferences were made. */
export const conferencesByAge = (_: Dialect): string => `
CREATE INDEX conferences_by_age ON conferences (account, created_at, id) WHERE deleted_at IS NULL;
`;
