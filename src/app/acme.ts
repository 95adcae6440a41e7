import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Alarm, Clock, Closable, Log } from '../base/index.ts';
import { orderCertificate } from './acme-order.ts';
import { type Identity, identityOf, keepFile, keepIdentity, keptIdentity } from './pem-files.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** The first retry after a failure, ms; each next one waits four times as long. */
const FIRST_RETRY = MINUTE;
const LAST_RETRY = 12 * 60 * MINUTE;
/** One request to the authority may take this long, ms. */
const REQUEST_TIMEOUT = 30_000;

/** What getting certificates by ACME (RFC 8555) needs. */
export interface AcmeNeeds {
  readonly domains: readonly string[];
  readonly email: string | undefined;
  readonly directory: string;
  /** Where the account key and the certificate are kept. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Called for each certificate, also for one that was kept. */
  readonly onIdentity: (identity: Identity) => void;
}

/** Gets a certificate, keeps it, and renews it in time; tries again after failures, ever more slowly. */
export class Acme implements Closable {
  readonly #needs: AcmeNeeds;
  readonly #answers = new Map<string, string>();
  readonly #over = new AbortController();
  #identity: Identity | undefined;
  #alarm: Alarm | undefined;
  #attempt: Promise<void> = Promise.resolve();
  #failures = 0;

  constructor(needs: AcmeNeeds) {
    this.#needs = needs;
    const kept = keptIdentity(this.#paths);
    if (kept === undefined || this.#noted() !== this.#note || kept.expiresAt < needs.clock.epoch()) return;
    this.#identity = kept;
    needs.onIdentity(kept);
  }

  answer(token: string): string | undefined {
    return this.#answers.get(token);
  }

  /** Orders now, or when the kept certificate comes near its end. */
  begin(): void {
    const { clock } = this.#needs;
    this.#tryAt(this.#identity === undefined ? clock.now() : clock.now() + renewalOf(this.#identity) - clock.epoch());
  }

  async close(): Promise<void> {
    this.#over.abort(new Error('the server is stopping'));
    this.#alarm?.cancel();
    await this.#attempt;
  }

  get #paths() {
    return { cert: join(this.#needs.folder, 'acme-cert.pem'), key: join(this.#needs.folder, 'acme-key.pem') };
  }

  /** What the kept certificate was ordered as: another authority or other names need another one. */
  get #note(): string {
    const { directory, domains } = this.#needs;
    return JSON.stringify({ directory, domains: domains.toSorted() });
  }

  #noted(): string | undefined {
    const path = join(this.#needs.folder, 'acme.json');
    return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
  }

  #tryAt(at: number): void {
    this.#alarm = this.#needs.clock.wake(at, () => {
      this.#attempt = this.#try();
    });
  }

  async #try(): Promise<void> {
    const { clock, log, domains, directory } = this.#needs;
    try {
      const identity = await this.#order();
      this.#failures = 0;
      this.#identity = identity;
      log.info('a certificate came from the authority', { domains, directory, expires: identity.leaf.validTo });
      this.#needs.onIdentity(identity);
      this.begin();
    } catch (error) {
      if (this.#over.signal.aborted) return;
      const wait = Math.min(LAST_RETRY, FIRST_RETRY * 4 ** this.#failures);
      this.#failures += 1;
      const reason = reasonOf(error);
      log.warn('no certificate came from the authority; the one in use stays', { domains, directory, reason, retry_in_s: wait / 1000 });
      this.#tryAt(clock.now() + wait);
    }
  }

  async #order(): Promise<Identity> {
    const { domains, email, directory, folder } = this.#needs;
    // Loaded only by those who use it.
    const acme = await import('acme-client');
    // The library's own retries wait on real timers that nobody can cancel; ours wait on the clock.
    const defaults: object = acme.axios.defaults;
    Object.assign(defaults, { timeout: REQUEST_TIMEOUT, signal: this.#over.signal, acmeSettings: { retryMaxAttempts: 0 } });
    const accountKey = await this.#accountKey(() => acme.crypto.createPrivateEcdsaKey('P-256'));
    const [key, csr] = await acme.crypto.createCsr({ altNames: [...domains] }, await acme.crypto.createPrivateEcdsaKey('P-256'));
    const cert = await orderCertificate({
      client: new acme.Client({ directoryUrl: directory, accountKey }),
      domains,
      email,
      csr,
      serve: (token, answer) => {
        this.#answers.set(token, answer);
        return () => void this.#answers.delete(token);
      },
      pause: (ms) => this.#pause(ms),
    });
    const identity = identityOf({ cert, key: key.toString() });
    keepIdentity(this.#paths, identity);
    keepFile(join(folder, 'acme.json'), `${this.#note}\n`, 0o600);
    return identity;
  }

  async #accountKey(make: () => Promise<Buffer>): Promise<string> {
    const path = join(this.#needs.folder, 'acme-account-key.pem');
    if (!existsSync(path)) keepFile(path, (await make()).toString(), 0o600);
    return readFileSync(path, 'utf8');
  }

  #pause(ms: number): Promise<void> {
    const { clock } = this.#needs;
    const { signal } = this.#over;
    return new Promise((resolve, reject) => {
      const alarm = clock.wake(clock.now() + ms, resolve);
      signal.addEventListener('abort', () => {
        alarm.cancel();
        reject(signal.reason as Error);
      });
    });
  }
}

/** Epoch ms: 30 days before the end, and not before two thirds of a short life are over. */
function renewalOf({ leaf, expiresAt }: Identity): number {
  return expiresAt - Math.min(30 * DAY, (expiresAt - Date.parse(leaf.validFrom)) / 3);
}

/** One line, with the authority's own words where it gave some. */
function reasonOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return (message || code || String(error)).replace(/\s+/g, ' ');
}
