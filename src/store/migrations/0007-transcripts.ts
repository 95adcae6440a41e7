import type { Dialect } from '../dialect.ts';

/** What was said, by whom; kept apart from the facts, which have a time of their own. */
export const transcripts = ({ text, integer, byKey }: Dialect): string => `
CREATE TABLE transcripts (
  account ${text} NOT NULL,
  conference ${text} NOT NULL,
  -- Of the fact that told of it.
  incarnation ${integer} NOT NULL,
  sequence ${integer} NOT NULL,
  from_at ${integer} NOT NULL,
  transcription ${text} NOT NULL,
  participant ${text} NOT NULL,
  caller_number ${text} NOT NULL,
  body ${text} NOT NULL,
  PRIMARY KEY (account, conference, incarnation, sequence)
) ${byKey};
CREATE INDEX transcripts_of_conference ON transcripts (account, conference, from_at, incarnation, sequence);
CREATE INDEX transcripts_of_account ON transcripts (account, from_at, conference, incarnation, sequence);
CREATE INDEX transcripts_by_caller ON transcripts (account, caller_number);
`;
