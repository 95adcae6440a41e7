import { createHash } from 'node:crypto';
import type { Account, AccountId, Accounts, User } from '../accounts/index.ts';

/** Who shows `Basic base64(ACCOUNT_ID:CREDENTIALS)` or `base64(ACCOUNT_ID:USER:PASSWORD)`; undefined: nobody that is known, or no such header. */
export async function byBasic(
  authorization: string | undefined,
  accounts: Accounts,
): Promise<{ readonly account: Account; readonly user: User } | undefined> {
  const encoded = /^Basic\s+(\S+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [id, first, ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  const account = await accounts.account((id ?? '') as AccountId);
  if (account === undefined || first === undefined) return undefined;
  const credentials =
    rest.length === 0
      ? first
      : createHash('md5')
          .update(`${first}:${rest.join(':')}`)
          .digest('hex');
  const method = credentials.length === 40 ? 'sha' : 'md5';
  const found = await accounts.logIn({ credentials, method, realm: account.realm });
  return found?.account.id === account.id ? found : undefined;
}
