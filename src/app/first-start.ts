import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { AccountId, Accounts, FirstAccount } from '../accounts/index.ts';
import { Failure } from '../base/index.ts';
import type { Actor, ConferenceId, Execute } from '../conference/index.ts';

/** The number of the conference that the first start makes. */
const FIRST_NUMBER = '3000';

/** What a newcomer is told once and finds in first-account.json. */
export interface FirstStart extends FirstAccount {
  readonly conference_id: string;
  readonly conference_number: string;
}

interface FirstNeeds {
  readonly accounts: Accounts;
  readonly execute: Execute;
  readonly dataDir: string;
}

/** Makes the first account, its user and the conference "Welcome", unless that was done before. A start that a crash cut short is finished. */
export async function firstStart({ accounts, execute, dataDir }: FirstNeeds): Promise<FirstStart | undefined> {
  const path = join(dataDir, 'first-account.json');
  const made = (await accounts.createFirst((first) => write(path, first))) ?? (await unfinished(path, accounts));
  if (made === undefined) return undefined;
  const conference = await welcome(execute, { account: made.account_id as AccountId, kind: 'system' });
  const first = { ...made, conference_id: conference, conference_number: FIRST_NUMBER };
  write(path, first);
  return first;
}

/** The conference may be there already: a crash can come between it and the file. */
async function welcome(execute: Execute, actor: Actor): Promise<ConferenceId> {
  try {
    const { conference } = await execute('call.route', { dialled: FIRST_NUMBER }, actor);
    if (conference !== undefined) return conference;
  } catch (error) {
    if (!(error instanceof Failure && error.kind === 'not-found')) throw error;
  }
  const document = { name: 'Welcome', conference_numbers: [FIRST_NUMBER], member: { join_muted: false } };
  return (await execute('conference.create', { document }, actor)).conference.id;
}

/** What an earlier start wrote before it was cut short: an account, but no conference yet. */
async function unfinished(path: string, accounts: Accounts): Promise<FirstAccount | undefined> {
  let told: FirstAccount & Partial<FirstStart>;
  try {
    told = JSON.parse(readFileSync(path, 'utf8')) as FirstAccount & Partial<FirstStart>;
  } catch {
    return undefined;
  }
  const known = await accounts.account(told.account_id as AccountId);
  return known !== undefined && told.conference_id === undefined ? told : undefined;
}

/** Whole or not at all, and durable before the account is. */
function write(path: string, first: FirstAccount): void {
  const file = openSync(`${path}.new`, 'w', 0o600);
  writeSync(file, `${JSON.stringify(first, undefined, 2)}\n`);
  fsyncSync(file);
  closeSync(file);
  renameSync(`${path}.new`, path);
}
