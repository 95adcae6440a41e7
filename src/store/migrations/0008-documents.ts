import type { Dialect } from '../dialect.ts';

/**
 * Documents of accounts: callflows, trunks, numbers …, sealed because passwords and PINs are in them. Accounts, users and devices get what their KAZOO documents say
 * beyond their columns, and how often and when they were changed.
 */
export const documents = ({ text, integer, bytes, byKey }: Dialect): string => `
CREATE TABLE documents (
  account ${text} NOT NULL REFERENCES accounts (id),
  kind ${text} NOT NULL,
  id ${text} NOT NULL,
  document_sealed ${bytes} NOT NULL,
  revision ${integer} NOT NULL,
  created_at ${integer} NOT NULL,
  modified_at ${integer} NOT NULL,
  -- NULL: it is there.
  deleted_at ${integer},
  PRIMARY KEY (account, kind, id)
) ${byKey};
CREATE INDEX documents_of_kind ON documents (kind, account, id) WHERE deleted_at IS NULL;

CREATE TABLE document_keys (
  kind ${text} NOT NULL,
  key ${text} NOT NULL,
  account ${text} NOT NULL,
  document ${text} NOT NULL,
  PRIMARY KEY (kind, key, account),
  FOREIGN KEY (account, kind, document) REFERENCES documents (account, kind, id) ON DELETE CASCADE
) ${byKey};
CREATE INDEX document_keys_of ON document_keys (account, kind, document);

ALTER TABLE accounts ADD COLUMN document_sealed ${bytes};
ALTER TABLE accounts ADD COLUMN revision ${integer} NOT NULL DEFAULT 1;
ALTER TABLE accounts ADD COLUMN modified_at ${integer};
ALTER TABLE accounts ADD COLUMN deleted_at ${integer};
ALTER TABLE users ADD COLUMN document_sealed ${bytes};
ALTER TABLE users ADD COLUMN revision ${integer} NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN created_at ${integer};
ALTER TABLE users ADD COLUMN modified_at ${integer};
ALTER TABLE devices ADD COLUMN document_sealed ${bytes};
ALTER TABLE devices ADD COLUMN revision ${integer} NOT NULL DEFAULT 1;
ALTER TABLE devices ADD COLUMN created_at ${integer};
ALTER TABLE devices ADD COLUMN modified_at ${integer};
`;
