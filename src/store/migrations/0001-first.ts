import type { Dialect } from '../dialect.ts';

/** The first schema. Times are epoch ms; `*_sealed` is sealed with the master key; JSON columns hold plain values. */
export const first = ({ text, integer, bytes, byKey }: Dialect): string => `
CREATE TABLE conferences (
  account ${text} NOT NULL,
  id ${text} NOT NULL,
  revision ${integer} NOT NULL,
  fence ${integer} NOT NULL,
  sequence ${integer} NOT NULL,
  -- Counts how often this id was made anew after a removal, so that the facts of each keep their own numbers.
  incarnation ${integer} NOT NULL,
  created_at ${integer} NOT NULL,
  modified_at ${integer} NOT NULL,
  deleted_at ${integer},
  locked ${integer} NOT NULL,
  next_number ${integer} NOT NULL,
  document_sealed ${bytes} NOT NULL,
  room ${text},
  PRIMARY KEY (account, id)
) ${byKey};
CREATE INDEX conferences_running ON conferences (account, id) WHERE room IS NOT NULL;

CREATE TABLE conference_numbers (
  account ${text} NOT NULL,
  number ${text} NOT NULL,
  conference ${text} NOT NULL,
  PRIMARY KEY (account, number),
  FOREIGN KEY (account, conference) REFERENCES conferences (account, id) ON DELETE CASCADE
) ${byKey};
CREATE INDEX conference_numbers_of ON conference_numbers (account, conference);

CREATE TABLE facts (
  account ${text} NOT NULL,
  conference ${text} NOT NULL,
  incarnation ${integer} NOT NULL,
  sequence ${integer} NOT NULL,
  at ${integer} NOT NULL,
  type ${text} NOT NULL,
  body ${text} NOT NULL,
  PRIMARY KEY (account, conference, incarnation, sequence)
) ${byKey};

CREATE TABLE calls (
  id ${text} PRIMARY KEY,
  account ${text} NOT NULL,
  conference ${text} NOT NULL,
  dialog_sealed ${bytes} NOT NULL,
  leg_sealed ${bytes} NOT NULL
) ${byKey};

CREATE TABLE accounts (
  id ${text} PRIMARY KEY,
  name ${text} NOT NULL,
  realm ${text} NOT NULL UNIQUE,
  -- Deferrable, so that an import may add a child before its parent.
  parent ${text} REFERENCES accounts (id) DEFERRABLE,
  api_key_sealed ${bytes} NOT NULL,
  api_key_hash ${text} NOT NULL UNIQUE,
  created_at ${integer} NOT NULL
) ${byKey};

CREATE TABLE users (
  id ${text} PRIMARY KEY,
  account ${text} NOT NULL REFERENCES accounts (id),
  username ${text} NOT NULL,
  privilege ${text} NOT NULL,
  enabled ${integer} NOT NULL,
  md5 ${text} NOT NULL,
  sha1 ${text} NOT NULL,
  UNIQUE (account, username),
  UNIQUE (account, id)
) ${byKey};

CREATE TABLE devices (
  id ${text} PRIMARY KEY,
  account ${text} NOT NULL REFERENCES accounts (id),
  owner ${text} REFERENCES users (id),
  name ${text} NOT NULL,
  username ${text} NOT NULL,
  password_sealed ${bytes} NOT NULL,
  enabled ${integer} NOT NULL,
  UNIQUE (account, username)
) ${byKey};

-- "user" is in quotes because it is a reserved word of SQL.
CREATE TABLE access_keys (
  hash ${text} PRIMARY KEY,
  account ${text} NOT NULL,
  "user" ${text} NOT NULL,
  created_at ${integer} NOT NULL,
  FOREIGN KEY (account, "user") REFERENCES users (account, id)
) ${byKey};

CREATE TABLE secrets (
  name ${text} PRIMARY KEY,
  value_sealed ${bytes} NOT NULL
) ${byKey};

CREATE TABLE registrations (
  account ${text} NOT NULL,
  aor ${text} NOT NULL,
  contact ${text} NOT NULL,
  device ${text} NOT NULL,
  call_id ${text} NOT NULL,
  cseq ${integer} NOT NULL,
  expires_at ${integer} NOT NULL,
  source ${text} NOT NULL,
  instance ${text},
  path ${text},
  PRIMARY KEY (account, aor, contact)
) ${byKey};
`;
