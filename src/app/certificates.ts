import { join } from 'node:path';
import type { CertificateContext, Certificates as CertificatePort } from '../api/index.ts';
import { type Alarm, type Chance, type Clock, type Closable, type Log, Owner } from '../base/index.ts';
import { Acme } from './acme.ts';
import { CertificateFiles } from './certificate-files.ts';
import type { TlsConfig } from './config.ts';
import { ownCertificate } from './own-certificate.ts';
import type { Identity, PemPaths } from './pem-files.ts';

/** How often our own certificate is looked at for renewal, ms. */
const DAY = 86_400_000;

/** What the owner of the certificate needs. */
export interface CertificateNeeds {
  readonly dataDir: string;
  readonly tls: TlsConfig;
  /** Names and addresses under which the server is reached; our own certificate is made for these. */
  readonly names: readonly string[];
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
}

/** Opens the certificate that the configuration names; until that can be had, our own serves. */
export async function openCertificates(needs: CertificateNeeds): Promise<Certificates> {
  const paths = { cert: join(needs.dataDir, 'tls/own-cert.pem'), key: join(needs.dataDir, 'tls/own-key.pem') };
  const certificates = new Certificates(needs, paths, await ownCertificate({ ...needs, paths }));
  certificates.follow();
  return certificates;
}

/** The one who knows which certificate this server shows now, on HTTPS and on SIP over TLS alike. */
export class Certificates implements CertificatePort, Closable {
  readonly #needs: CertificateNeeds;
  readonly #ownPaths: PemPaths;
  readonly #owner = new Owner();
  readonly #told = new Set<() => void>();
  #own: Identity;
  /** From files or from the authority; shown before our own. */
  #given: Identity | undefined;
  #acme: Acme | undefined;
  #alarm: Alarm | undefined;

  constructor(needs: CertificateNeeds, ownPaths: PemPaths, own: Identity) {
    this.#needs = needs;
    this.#ownPaths = ownPaths;
    this.#own = own;
  }

  context(): CertificateContext {
    const { cert, key } = this.#given ?? this.#own;
    return { cert, key };
  }

  /** When the certificate that is shown ends, epoch ms. */
  get expiresAt(): number {
    return (this.#given ?? this.#own).expiresAt;
  }

  onChange(tell: () => void): () => void {
    this.#told.add(tell);
    return () => void this.#told.delete(tell);
  }

  /** The answer to a challenge of the authority (RFC 8555 §8.3), while there is one. */
  acmeAnswer(token: string): string | undefined {
    return this.#acme?.answer(token);
  }

  /** Begins to follow files and the days. */
  follow(): void {
    const { tls, dataDir } = this.#needs;
    const onIdentity = (identity: Identity): void => this.#give(identity);
    if (tls.from === 'files') this.#owner.own(new CertificateFiles({ ...this.#needs, paths: tls, onIdentity }));
    if (tls.from === 'acme') this.#acme = this.#owner.own(new Acme({ ...this.#needs, ...tls, folder: join(dataDir, 'tls'), onIdentity }));
    this.#nextDay();
  }

  /** Asks the authority, now that the HTTP side answers its challenges. */
  begin(): void {
    this.#acme?.begin();
  }

  async close(): Promise<void> {
    this.#alarm?.cancel();
    await this.#owner.close();
  }

  #give(identity: Identity): void {
    this.#given = identity;
    for (const tell of this.#told) tell();
  }

  #nextDay(): void {
    const { clock, log } = this.#needs;
    this.#alarm = clock.wake(clock.now() + DAY, () => {
      this.#nextDay();
      this.#renewOwn().catch((error: unknown) => log.error('our own certificate could not be renewed', { error }));
    });
  }

  async #renewOwn(): Promise<void> {
    const own = await ownCertificate({ ...this.#needs, paths: this.#ownPaths });
    if (own.cert === this.#own.cert) return;
    this.#own = own;
    if (this.#given === undefined) for (const tell of this.#told) tell();
  }
}
