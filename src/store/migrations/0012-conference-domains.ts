import type { Dialect } from '../dialect.ts';

/** Under which further SIP domain a conference answers; no value: under its account's alone. Documents are sealed, so it stands beside them. */
export const conferenceDomains = ({ text }: Dialect): string => `
ALTER TABLE conferences ADD COLUMN domain ${text};
CREATE INDEX conferences_by_domain ON conferences (domain) WHERE domain IS NOT NULL;
`;
