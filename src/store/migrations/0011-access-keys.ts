import type { Dialect } from '../dialect.ts';

/** What people call their access keys, what they begin with, and when they end. */
export const accessKeys = ({ text, integer }: Dialect): string => `
ALTER TABLE access_keys ADD COLUMN name ${text};
ALTER TABLE access_keys ADD COLUMN detail ${text};
ALTER TABLE access_keys ADD COLUMN prefix ${text};
ALTER TABLE access_keys ADD COLUMN expires_at ${integer};
ALTER TABLE access_keys ADD COLUMN modified_at ${integer};
`;
