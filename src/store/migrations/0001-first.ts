/** The first schema. Times are epoch ms; `*_sealed` is sealed with the master key; JSON columns hold plain values. */
export const first = `
CREATE TABLE conferences (
  account TEXT NOT NULL,
  id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  fence INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  -- Counts how often this id was made anew after a removal, so that the facts of each keep their own numbers.
  incarnation INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  deleted_at INTEGER,
  locked INTEGER NOT NULL,
  next_number INTEGER NOT NULL,
  document_sealed BLOB NOT NULL,
  room TEXT,
  PRIMARY KEY (account, id)
) WITHOUT ROWID;
CREATE INDEX conferences_running ON conferences (account, id) WHERE room IS NOT NULL;

CREATE TABLE conference_numbers (
  account TEXT NOT NULL,
  number TEXT NOT NULL,
  conference TEXT NOT NULL,
  PRIMARY KEY (account, number),
  FOREIGN KEY (account, conference) REFERENCES conferences (account, id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX conference_numbers_of ON conference_numbers (account, conference);

CREATE TABLE facts (
  account TEXT NOT NULL,
  conference TEXT NOT NULL,
  incarnation INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (account, conference, incarnation, sequence)
) WITHOUT ROWID;

CREATE TABLE calls (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  conference TEXT NOT NULL,
  dialog_sealed BLOB NOT NULL,
  leg_sealed BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  realm TEXT NOT NULL UNIQUE,
  parent TEXT REFERENCES accounts (id),
  api_key_sealed BLOB NOT NULL,
  api_key_hash TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE users (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES accounts (id),
  username TEXT NOT NULL,
  privilege TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  md5 TEXT NOT NULL,
  sha1 TEXT NOT NULL,
  UNIQUE (account, username),
  UNIQUE (account, id)
) WITHOUT ROWID;

CREATE TABLE devices (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES accounts (id),
  owner TEXT REFERENCES users (id),
  name TEXT NOT NULL,
  username TEXT NOT NULL,
  password_sealed BLOB NOT NULL,
  enabled INTEGER NOT NULL,
  UNIQUE (account, username)
) WITHOUT ROWID;

CREATE TABLE access_keys (
  hash TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  user TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  FOREIGN KEY (account, user) REFERENCES users (account, id)
) WITHOUT ROWID;

CREATE TABLE secrets (
  name TEXT PRIMARY KEY,
  value_sealed BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE registrations (
  account TEXT NOT NULL,
  aor TEXT NOT NULL,
  contact TEXT NOT NULL,
  device TEXT NOT NULL,
  call_id TEXT NOT NULL,
  cseq INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  source TEXT NOT NULL,
  instance TEXT,
  path TEXT,
  PRIMARY KEY (account, aor, contact)
) WITHOUT ROWID;
`;
