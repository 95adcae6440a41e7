import type { Dialect } from '../dialect.ts';

/** What is known of recordings; their files are elsewhere. */
export const recordings = ({ text, integer, byKey }: Dialect): string => `
CREATE TABLE recordings (
  account ${text} NOT NULL,
  id ${text} NOT NULL,
  conference ${text} NOT NULL,
  started_at ${integer} NOT NULL,
  state ${text} NOT NULL,
  body ${text} NOT NULL,
  PRIMARY KEY (account, id)
) ${byKey};
CREATE INDEX recordings_of_conference ON recordings (account, conference, started_at, id);
CREATE INDEX recordings_of_account ON recordings (account, started_at, id);
CREATE INDEX recordings_unfinished ON recordings (state, started_at, id) WHERE state IN ('running', 'storing');
`;
