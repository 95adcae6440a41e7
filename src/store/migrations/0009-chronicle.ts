import type { Dialect } from '../dialect.ts';

/** What began and ended in conferences: that people took part, that it was written down. Made from facts, in their transaction. */
export const chronicle = ({ text, integer, byKey }: Dialect): string => `
CREATE TABLE chronicle (
  account ${text} NOT NULL,
  kind ${text} NOT NULL,
  id ${text} NOT NULL,
  conference ${text} NOT NULL,
  started_at ${integer} NOT NULL,
  changed_at ${integer} NOT NULL,
  -- NULL: it goes on.
  ended_at ${integer},
  reason ${text},
  body ${text} NOT NULL,
  PRIMARY KEY (account, kind, id)
) ${byKey};
CREATE INDEX chronicle_of_account ON chronicle (account, kind, started_at, id);
CREATE INDEX chronicle_of_conference ON chronicle (account, kind, conference, started_at, id);
`;
