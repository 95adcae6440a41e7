import type { Dialect } from '../dialect.ts';

/** What accounts and devices want of their calls' media: JSON, NULL when nobody said anything. */
export const media = ({ text }: Dialect): string => `
ALTER TABLE accounts ADD COLUMN media ${text};
ALTER TABLE devices ADD COLUMN media ${text};
`;
