import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { type Chance, Failure } from '../base/index.ts';

/** The first byte of every sealed value; another way to seal gets another one. */
const VERSION = 1;
const NONCE = 12;
const TAG = 16;

/** Where a sealed value lies. Moved to another place it does not open. */
export interface Cell {
  readonly table: string;
  readonly column: string;
  readonly row: string;
}

/** Seals secrets at rest: version, 12-byte nonce, 16-byte tag, AES-256-GCM ciphertext (NIST SP 800-38D). */
export class Seal {
  // As objects: bytes would be made into one at each use, which costs more than sealing does.
  readonly #sealing: KeyObject;
  readonly #searching: KeyObject;
  readonly #chance: Chance;

  /** `masterKey` has 32 bytes. */
  constructor(masterKey: Uint8Array, chance: Chance) {
    if (masterKey.length !== 32) throw new Failure('invalid', 'master_key_length', 'the master key must have 32 bytes');
    const derived = (purpose: string) => createSecretKey(new Uint8Array(hkdfSync('sha256', masterKey, '', purpose, 32)));
    this.#sealing = derived('parley sealing');
    this.#searching = derived('parley searching');
    this.#chance = chance;
  }

  seal(plain: string, cell: Cell): Uint8Array {
    const nonce = this.#chance.bytes(NONCE);
    const cipher = createCipheriv('aes-256-gcm', this.#sealing, nonce);
    cipher.setAAD(placeOf(cell));
    const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return Buffer.concat([Uint8Array.of(VERSION), nonce, cipher.getAuthTag(), body]);
  }

  /** Refuses with unavailable/wrong_master_key what another key sealed, what was changed, and what lay elsewhere. */
  open(sealed: Uint8Array, cell: Cell): string {
    try {
      if (sealed[0] !== VERSION) throw new RangeError('unknown version of a sealed value');
      const decipher = createDecipheriv('aes-256-gcm', this.#sealing, sealed.subarray(1, 1 + NONCE), { authTagLength: TAG });
      decipher.setAAD(placeOf(cell));
      decipher.setAuthTag(sealed.subarray(1 + NONCE, 1 + NONCE + TAG));
      return Buffer.concat([decipher.update(sealed.subarray(1 + NONCE + TAG)), decipher.final()]).toString('utf8');
    } catch (cause) {
      throw new Failure(
        'unavailable',
        'wrong_master_key',
        `the secret in ${cell.table}.${cell.column} does not open: this is not the master key it was sealed with, or the value was changed`,
        { cause },
      );
    }
  }

  /** What a secret is found by without being kept: HMAC-SHA-256, 64 hex digits. */
  searchable(secret: string): string {
    return createHmac('sha256', this.#searching).update(secret).digest('hex');
  }
}

const placeOf = ({ table, column, row }: Cell): Buffer => Buffer.from(JSON.stringify([table, column, row]));
