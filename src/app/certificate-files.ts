import { statSync } from 'node:fs';
import type { Alarm, Clock, Closable, Log } from '../base/index.ts';
import { type Identity, type PemPaths, readIdentity } from './pem-files.ts';

/** How often the files are looked at, ms. Polling also sees what happens behind links and in mounted secrets. */
const LOOK_EVERY = 5000;

/** What following a certificate in files needs. */
export interface FileNeeds {
  readonly paths: PemPaths;
  readonly clock: Clock;
  readonly log: Log;
  /** Called for each good pair, also for the first. */
  readonly onIdentity: (identity: Identity) => void;
}

/** Follows a certificate and its key in two files. What cannot be used is said once and changes nothing. */
export class CertificateFiles implements Closable {
  readonly #needs: FileNeeds;
  #seen = '';
  /** The trouble that was met at the last look; said only when the next look meets it again, for two files change one after the other. */
  #trouble: string | undefined;
  #said: string | undefined;
  #alarm: Alarm | undefined;

  constructor(needs: FileNeeds) {
    this.#needs = needs;
    this.#look();
    if (this.#trouble !== undefined) this.#say(this.#trouble);
    this.#arm();
  }

  async close(): Promise<void> {
    this.#alarm?.cancel();
  }

  #arm(): void {
    const { clock } = this.#needs;
    this.#alarm = clock.wake(clock.now() + LOOK_EVERY, () => {
      const before = this.#trouble;
      this.#look();
      if (this.#trouble !== undefined && this.#trouble === before) this.#say(this.#trouble);
      this.#arm();
    });
  }

  #look(): void {
    const { paths, clock, log, onIdentity } = this.#needs;
    try {
      const stamp = [paths.cert, paths.key].map(stampOf).join(' ');
      if (stamp === this.#seen) return;
      const identity = readIdentity(paths);
      this.#seen = stamp;
      this.#trouble = undefined;
      this.#said = undefined;
      if (identity.expiresAt < clock.epoch()) log.warn('the certificate has expired', { file: paths.cert, expired: identity.leaf.validTo });
      onIdentity(identity);
    } catch (error) {
      this.#trouble = (error as Error).message;
    }
  }

  #say(reason: string): void {
    if (this.#said === reason) return;
    this.#said = reason;
    const { cert, key } = this.#needs.paths;
    this.#needs.log.error('the certificate in files cannot be used; the one in use stays', { cert, key, reason });
  }
}

function stampOf(path: string): string {
  const { mtimeMs, size, ino } = statSync(path);
  return `${mtimeMs}/${size}/${ino}`;
}
