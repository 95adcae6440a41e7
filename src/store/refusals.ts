import { Failure } from '../base/index.ts';
import { type Conference, ERASED, type Fact } from '../conference/index.ts';

/** What a save is measured against. */
export interface Kept {
  readonly fence: number;
  readonly sequence: number;
}

/** The store was closed. */
export const closed = (): Failure => new Failure('unavailable', 'closed', 'the store is closed');

/** Some of the numbers belong to another conference of the account. */
export const numbersTaken = (numbers: readonly string[]): Failure =>
  new Failure('conflict', 'numbers_taken', 'another conference has these numbers', { details: { numbers } });

/** Some of the index keys belong to another document of this kind in the account. */
export const documentKeyTaken = (keys: readonly string[]): Failure =>
  new Failure('conflict', 'document_key_taken', 'another document has these keys', { details: { keys } });

/** A document was changed meanwhile, made already, or is not there any more. */
export const revisionChanged = (revision: number): Failure =>
  new Failure('conflict', 'revision_changed', 'the document was changed meanwhile', { details: { revision } });

/** Somebody else in the account has the name. */
export const usernameTaken = (): Failure => new Failure('conflict', 'username_taken', 'the username is taken in this account');

/** Another account has the realm. */
export const realmTaken = (): Failure => new Failure('conflict', 'realm_taken', 'the realm belongs to another account');

/** No account of that id is kept. */
export const noAccount = (): Failure => new Failure('not-found', 'account_not_found', 'there is no such account');

/** No user of that id is kept. */
export const noUser = (): Failure => new Failure('not-found', 'user_not_found', 'there is no such user');

/** No conference of that id is kept. */
export const noConference = (): Failure => new Failure('not-found', 'conference_not_found', 'there is no such conference');

/** Refuses a writer who is no longer the owner: its token is smaller than the stored one. */
export function checkFence(kept: Kept | undefined, fence: number): void {
  if (kept !== undefined && fence < kept.fence) {
    throw new Failure('unavailable', 'fenced', 'another node owns the conference by now');
  }
}

/** Refuses facts that do not follow the stored ones without a gap, or a conference whose `sequence` is not its last fact's. */
export function checkSequence(kept: Kept | undefined, facts: readonly Fact[], sequence: Conference['sequence']): void {
  const before = sequence - facts.length;
  const follows = kept === undefined || kept.sequence === before;
  if (!follows || facts.some((fact, index) => fact.sequence !== before + index + 1)) {
    throw new Failure('conflict', 'sequence_broken', 'the facts do not follow the stored ones');
  }
}

/** Refuses to erase nobody: callers without a number, or those who are erased already. */
export function checkErasing(number: string): void {
  if (number === '' || number === ERASED) throw new Failure('invalid', 'number_missing', 'whom to erase is told by a number');
}

/** A line of an export is not what it should be; `at` counts from 1. */
export const badExport = (at: number, why: string): Failure => new Failure('invalid', 'bad_export', `line ${at}: ${why}`);

/** An import would mix with what is there. */
export const notEmpty = (table: string, count: number): Failure =>
  new Failure('conflict', 'database_not_empty', `the database is not empty (${table}: ${count}); --replace throws away what is there`);

/** There is nothing to export. */
export const noDatabase = (): Failure => new Failure('not-found', 'database_missing', 'there is no database of Parley');

/** An import would pull the tables away from under a server. */
export const databaseInUse = (): Failure =>
  new Failure('conflict', 'database_in_use', 'a Parley server is running on this database; stop it first');
