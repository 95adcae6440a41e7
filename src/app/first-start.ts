import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccountId, Accounts, FirstAccount } from '../accounts/index.ts';
import type { Execute } from '../conference/index.ts';

/** The number of the conference that the first start makes. */
const FIRST_NUMBER = '3000';

/** What a newcomer is told once and finds in first-account.json. */
export interface FirstStart extends FirstAccount {
  readonly conference_id: string;
  readonly conference_number: string;
}

/** Makes the first account, its user and the conference "Welcome", unless any account exists. */
export async function firstStart(needs: { accounts: Accounts; execute: Execute; dataDir: string }): Promise<FirstStart | undefined> {
  const made = await needs.accounts.createFirst();
  if (made === undefined) return undefined;
  const welcome = { name: 'Welcome', conference_numbers: [FIRST_NUMBER], member: { join_muted: false } };
  const { conference } = await needs.execute(
    'conference.create',
    { document: welcome },
    { account: made.account_id as AccountId, kind: 'system' },
  );
  const first = { ...made, conference_id: conference.id, conference_number: FIRST_NUMBER };
  writeFileSync(join(needs.dataDir, 'first-account.json'), `${JSON.stringify(first, undefined, 2)}\n`, { mode: 0o600 });
  return first;
}
