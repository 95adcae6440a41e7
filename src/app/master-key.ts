import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Chance, Failure } from '../base/index.ts';

/**
 * The key that seals secrets in the database: 64 hex digits from PARLEY_MASTER_KEY, or from the file `master.key` (mode 0600) in the
 * data directory, which is made on first start. Losing it loses the sealed secrets, so a database without its key is refused.
 */
export function masterKey(dataDir: string, given: string | undefined, chance: Chance): Uint8Array {
  if (given !== undefined && given !== '') return fromHex(given, 'PARLEY_MASTER_KEY');
  const path = join(dataDir, 'master.key');
  if (existsSync(path)) return fromHex(readFileSync(path, 'utf8').trim(), path);
  if (existsSync(join(dataDir, 'parley.db'))) {
    throw new Failure(
      'invalid',
      'master_key_missing',
      `${path} is missing although there is a database; restore it, or give the key in PARLEY_MASTER_KEY`,
    );
  }
  const key = chance.bytes(32);
  writeFileSync(path, `${Buffer.from(key).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  return key;
}

function fromHex(text: string, where: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/i.test(text))
    throw new Failure('invalid', 'bad_master_key', `${where} must hold 64 hex digits; make one with: openssl rand -hex 32`);
  return Buffer.from(text, 'hex');
}
