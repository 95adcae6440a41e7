import type { AccountId, DeviceId, Registration, Registrations } from '../accounts/index.ts';
import { number, optional, text } from './rows.ts';
import { type Engine, type Row, rows, run } from './work.ts';

function registrationOf(row: Row): Registration {
  const instance = optional(row, 'instance', text);
  const path = optional(row, 'path', text);
  return {
    account: text(row, 'account') as AccountId,
    device: text(row, 'device') as DeviceId,
    aor: text(row, 'aor'),
    contact: text(row, 'contact'),
    callId: text(row, 'call_id'),
    cseq: number(row, 'cseq'),
    expiresAt: number(row, 'expires_at'),
    source: text(row, 'source'),
    ...(instance === undefined ? {} : { instance }),
    ...(path === undefined ? {} : { path }),
  };
}

const SQL = {
  put: `INSERT INTO registrations (account, aor, contact, device, call_id, cseq, expires_at, source, instance, path)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
    ON CONFLICT (account, aor, contact) DO UPDATE SET device = excluded.device, call_id = excluded.call_id, cseq = excluded.cseq,
      expires_at = excluded.expires_at, source = excluded.source, instance = excluded.instance, path = excluded.path`,
  remove: 'DELETE FROM registrations WHERE account = ?1 AND aor = ?2 AND contact = ?3',
  all: 'SELECT * FROM registrations ORDER BY account, aor, contact',
} as const;

/** Registrations in a table. */
export class TableRegistrations implements Registrations {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async put({ account, aor, contact, device, callId, cseq, expiresAt, source, instance, path }: Registration): Promise<void> {
    const values = [account, aor, contact, device, callId, cseq, expiresAt, source, instance ?? null, path ?? null] as const;
    await this.#engine.write(() => run(SQL.put, ...values));
  }

  async remove({ account, aor, contact }: Pick<Registration, 'account' | 'aor' | 'contact'>): Promise<void> {
    await this.#engine.write(() => run(SQL.remove, account, aor, contact));
  }

  async all(): Promise<readonly Registration[]> {
    return (await this.#engine.read(() => rows(SQL.all))).map(registrationOf);
  }
}
