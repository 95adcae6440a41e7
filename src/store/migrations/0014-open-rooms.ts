import type { Dialect } from '../dialect.ts';

/**
 * Whether a conference has a room, in a column that changes when one opens or closes: an index that asked for the room itself was written anew with every fact.
 * The other indexes are for questions that looked through whole tables.
 */
export const openRooms = ({ integer }: Dialect): string => `
ALTER TABLE conferences ADD COLUMN open ${integer} NOT NULL DEFAULT 0;
UPDATE conferences SET open = 1 WHERE room IS NOT NULL;
DROP INDEX conferences_running;
CREATE INDEX conferences_running ON conferences (account, id) WHERE open = 1;
CREATE INDEX conferences_by_id ON conferences (id, account) WHERE deleted_at IS NULL;
CREATE INDEX access_keys_of ON access_keys (account, "user");
CREATE INDEX devices_of_owner ON devices (owner) WHERE owner IS NOT NULL;
`;
