import type { Dialect } from '../dialect.ts';

/**
 * One journal of all facts, in the order in which they became durable; call detail records; webhooks and their messages. Facts that were there already come
 * in the order of their times, and those of one conference in the order of their numbers, whatever the clock did.
 */
export const journal = ({ text, integer, bytes, byKey }: Dialect): string => `
CREATE TABLE journal (
  position ${integer} PRIMARY KEY,
  account ${text} NOT NULL,
  -- NULL: a fact of the account itself, without incarnation and number.
  conference ${text},
  incarnation ${integer},
  sequence ${integer},
  at ${integer} NOT NULL,
  type ${text} NOT NULL,
  body ${text} NOT NULL
);
INSERT INTO journal (position, account, conference, incarnation, sequence, at, type, body)
  SELECT row_number() OVER (ORDER BY reached, account, conference, incarnation, sequence),
    account, conference, incarnation, sequence, at, type, body
  FROM (SELECT facts.*, max(at) OVER (PARTITION BY account, conference ORDER BY incarnation, sequence) AS reached FROM facts) AS told;
DROP TABLE facts;
CREATE UNIQUE INDEX journal_of_conference ON journal (account, conference, incarnation, sequence);
CREATE INDEX journal_of_account ON journal (account, position);
CREATE INDEX journal_by_age ON journal (account, at, position) WHERE conference IS NOT NULL;
CREATE INDEX journal_of_none_by_age ON journal (account, at, position) WHERE conference IS NULL;
-- By which retention finds what still tells of an open room or of a lock.
CREATE INDEX journal_turns ON journal (account, conference, position)
  WHERE type IN ('conference.locked', 'conference.unlocked', 'room.opened');

-- The one row that everybody who writes facts must have, so that positions are in the order of commits.
CREATE TABLE journal_end (position ${integer} NOT NULL);
INSERT INTO journal_end (position) SELECT coalesce(max(position), 0) FROM journal;
CREATE TABLE journal_forgotten (account ${text} PRIMARY KEY, position ${integer} NOT NULL) ${byKey};
CREATE TABLE journal_cursors (name ${text} PRIMARY KEY, position ${integer} NOT NULL) ${byKey};

CREATE TABLE cdrs (
  id ${text} PRIMARY KEY,
  account ${text} NOT NULL,
  conference ${text},
  direction ${text} NOT NULL,
  caller_number ${text} NOT NULL,
  called_number ${text} NOT NULL,
  started_at ${integer} NOT NULL,
  ended_at ${integer} NOT NULL,
  -- Rounded up; NULL: never answered.
  seconds ${integer},
  body ${text} NOT NULL
);
-- First this one: of two that would do, SQLite takes the older.
CREATE INDEX cdrs_of_conference ON cdrs (account, conference, started_at, id);
CREATE INDEX cdrs_of_account ON cdrs (account, started_at, id);
CREATE INDEX cdrs_by_end ON cdrs (account, ended_at, id, seconds);
CREATE INDEX cdrs_by_caller ON cdrs (account, caller_number);
CREATE INDEX cdrs_by_called ON cdrs (account, called_number) WHERE direction = 'outbound';

CREATE TABLE webhooks (
  id ${text} PRIMARY KEY,
  account ${text} NOT NULL,
  conference ${text},
  types ${text} NOT NULL,
  -- 1: of each conference in order.
  in_order ${integer} NOT NULL,
  enabled ${integer} NOT NULL,
  disabled_reason ${text},
  created_at ${integer} NOT NULL,
  -- URL and secrets: many a URL has a token in it.
  target_sealed ${bytes} NOT NULL
) ${byKey};

CREATE TABLE webhook_deliveries (
  id ${text} PRIMARY KEY,
  webhook ${text} NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  account ${text} NOT NULL,
  conference ${text},
  position ${integer} NOT NULL,
  type ${text} NOT NULL,
  body ${text} NOT NULL,
  state ${text} NOT NULL,
  attempts ${integer} NOT NULL,
  due_at ${integer} NOT NULL,
  outcome ${text},
  -- 1: pending, and no other must go before it.
  ready ${integer} NOT NULL
);
CREATE INDEX webhook_deliveries_ready ON webhook_deliveries (webhook, due_at, position, id) WHERE ready = 1;
CREATE INDEX webhook_deliveries_in_order ON webhook_deliveries (webhook, conference, ready, position, id) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_of_account ON webhook_deliveries (account, state, position, id);
CREATE INDEX webhook_deliveries_of_webhook ON webhook_deliveries (webhook, state, position, id);
`;
