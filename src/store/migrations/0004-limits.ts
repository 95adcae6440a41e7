import type { Dialect } from '../dialect.ts';

/** What an account may use and how long its history is kept: JSON, NULL when nobody said anything. */
export const limits = ({ text }: Dialect): string => `
ALTER TABLE accounts ADD COLUMN limits ${text};
ALTER TABLE accounts ADD COLUMN retention ${text};
`;
