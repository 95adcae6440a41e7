import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { AccountId } from '../accounts/index.ts';
import type { Clock } from '../base/index.ts';
import type { FileOf } from '../conference/index.ts';
import type { TokenKey } from './options.ts';
import { seedOf } from './token-ring.ts';

/** Makes and reads links to one file of one recording that are good for a short time, for whoever has them. */
export interface Tickets {
  /** `expiresAt` is in epoch ms; a link is good for whole seconds. */
  issue(file: FileOf, expiresAt: number): string;
  /** Undefined: it was not given out here, was changed, or is over. */
  read(ticket: string): FileOf | undefined;
}

/** Loads what links are signed by: what tokens are signed by, turned into another key. Call it when that key is kept already. */
export async function openTickets({ tokenKey, clock }: { readonly tokenKey: TokenKey; readonly clock: Clock }): Promise<Tickets> {
  const key = createHash('sha256')
    .update('parley recording links\n')
    .update(await seedOf(tokenKey))
    .digest();
  const sign = (text: string): Buffer => createHmac('sha256', key).update(text).digest();
  return {
    issue({ account, recording, file }, expiresAt) {
      const text = Buffer.from(JSON.stringify([account, recording, file, Math.floor(expiresAt / 1000)])).toString('base64url');
      return `${text}.${sign(text).toString('base64url')}`;
    },
    read(ticket) {
      const [, text, shown] = /^([\w-]{1,1000})\.([\w-]{43})$/.exec(ticket) ?? [];
      if (text === undefined || shown === undefined || !timingSafeEqual(sign(text), Buffer.from(shown, 'base64url'))) return undefined;
      const [account, recording, file, until] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [
        AccountId,
        string,
        string,
        number,
      ];
      return until * 1000 > clock.epoch() ? { account, recording, file } : undefined;
    },
  };
}
