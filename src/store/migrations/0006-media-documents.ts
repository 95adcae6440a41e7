import type { Dialect } from '../dialect.ts';

/** What accounts can have played: documents in KAZOO's keys. The sounds themselves are files. */
export const mediaDocuments = ({ text, integer, byKey }: Dialect): string => `
CREATE TABLE media (
  account ${text} NOT NULL,
  id ${text} NOT NULL,
  document ${text} NOT NULL,
  revision ${integer} NOT NULL,
  created_at ${integer} NOT NULL,
  modified_at ${integer} NOT NULL,
  -- JSON of what was uploaded; NULL: nothing yet.
  sound ${text},
  PRIMARY KEY (account, id)
) ${byKey};
`;
