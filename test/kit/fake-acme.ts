import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { calculateJwkThumbprint, type FlattenedJWSInput, flattenedVerify, importJWK, type JWK } from 'jose';
import { keyPair } from './certificate.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY = 86_400_000;

interface Challenge {
  status: 'pending' | 'processing' | 'valid' | 'invalid';
  readonly token: string;
  readonly domain: string;
  error?: object;
}

interface Order {
  readonly challenges: readonly number[];
  readonly domains: readonly string[];
  certificate: string | undefined;
}

/** What one request came to. */
interface Reply {
  readonly status?: number;
  readonly body?: object | string;
  readonly headers?: Record<string, string>;
}

const problem = (type: string, detail: string, status = 400): Reply => ({
  status,
  body: { type: `urn:ietf:params:acme:error:${type}`, detail },
});

/** How the authority behaves. */
export interface FakeAcmeOptions {
  /** Where it asks for the answers to its challenges, in place of port 80 of the name. */
  readonly challengePort: () => number | Promise<number>;
  /** Days that its certificates last. Default 90. */
  readonly days?: number;
  /** Epoch ms. */
  readonly now?: () => number;
}

/** A certificate authority that speaks ACME (RFC 8555) over loopback: real signatures, nonces, challenges by HTTP and certificates. */
export class FakeAcme {
  readonly #options: FakeAcmeOptions;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #nonces = new Set<string>();
  readonly #accounts = new Map<string, { jwk: JWK; contact: unknown }>();
  readonly #challenges: Challenge[] = [];
  readonly #orders: Order[] = [];
  readonly #root: { cert: X509Certificate; keys: Awaited<ReturnType<typeof keyPair>> };
  /** Answers every request with this while it is set. */
  trouble: Reply | undefined;
  /** What clients have asked for, in order: method and path. */
  readonly asked: string[] = [];

  private constructor(options: FakeAcmeOptions, root: { cert: X509Certificate; keys: Awaited<ReturnType<typeof keyPair>> }) {
    this.#options = options;
    this.#root = root;
  }

  static async open(options: FakeAcmeOptions): Promise<FakeAcme> {
    const keys = await keyPair();
    const now = (options.now ?? Date.now)();
    const cert = await X509CertificateGenerator.createSelfSigned({
      name: 'CN=Fake authority',
      notBefore: new Date(now - DAY),
      notAfter: new Date(now + 3650 * DAY),
      signingAlgorithm: algorithm,
      keys,
      extensions: [new BasicConstraintsExtension(true, undefined, true)],
    });
    const authority = new FakeAcme(options, { cert, keys });
    authority.#server.listen(0, '127.0.0.1');
    await once(authority.#server, 'listening');
    return authority;
  }

  get directory(): string {
    return `${this.#base}/directory`;
  }

  /** The certificate of the authority, PEM. */
  get root(): string {
    return this.#root.cert.toString('pem');
  }

  get accounts(): readonly { contact: unknown }[] {
    return [...this.#accounts.values()];
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #base(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    this.asked.push(`${request.method} ${path}`);
    let text = '';
    for await (const bytes of request) text += bytes;
    const reply = this.trouble ?? (await this.#answer(path, text).catch((error: Error) => problem('serverInternal', error.message, 500)));
    const nonce = randomBytes(16).toString('base64url');
    this.#nonces.add(nonce);
    const body = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? {});
    const type = typeof reply.body === 'string' ? 'application/pem-certificate-chain' : 'application/json';
    response.writeHead(reply.status ?? 200, { 'content-type': type, 'replay-nonce': nonce, ...reply.headers });
    response.end(body);
  }

  async #answer(path: string, text: string): Promise<Reply> {
    const base = this.#base;
    if (path === '/directory')
      return { body: { newNonce: `${base}/nonce`, newAccount: `${base}/account`, newOrder: `${base}/order`, meta: {} } };
    if (path === '/nonce') return {};
    const { payload, thumbprint, jwk, kid, refused } = await this.#open(path, text);
    if (refused !== undefined) return refused;
    if (path === '/account') return this.#account(jwk, payload);
    if (kid === undefined) return problem('accountDoesNotExist', 'no such account');
    const [, what, number] = /^\/(\w+)(?:\/(\d+))?/.exec(path) ?? [];
    const index = Number(number);
    if (what === 'account') return { body: { status: 'valid' } };
    if (what === 'order' && number === undefined) return this.#newOrder(payload);
    if (what === 'order') return { body: this.#orderBody(index) };
    if (what === 'authz') return { body: this.#authorization(index) };
    if (what === 'challenge') return this.#challenge(index, thumbprint);
    if (what === 'finalize') return await this.#finalize(index, payload);
    if (what === 'cert') return { body: `${this.#orders[index]?.certificate}${this.root}\n` };
    return problem('malformed', `nothing at ${path}`, 404);
  }

  /** Checks signature, nonce and URL (RFC 8555 §6.2 to §6.5). */
  async #open(path: string, text: string) {
    const jws = JSON.parse(text) as FlattenedJWSInput;
    const head = JSON.parse(Buffer.from(jws.protected ?? '', 'base64url').toString());
    const jwk: JWK = head.jwk ?? this.#accounts.get(head.kid)?.jwk;
    const nothing = { payload: {}, thumbprint: '', jwk, kid: head.kid as string | undefined };
    if (jwk === undefined) return { ...nothing, refused: problem('accountDoesNotExist', 'no such account') };
    if (!this.#nonces.delete(head.nonce)) return { ...nothing, refused: problem('badNonce', 'this nonce is not mine') };
    if (head.url !== `${this.#base}${path}`)
      return { ...nothing, refused: problem('unauthorized', 'this was signed for another URL', 401) };
    const { payload } = await flattenedVerify(jws, await importJWK(jwk, head.alg));
    const said = Buffer.from(payload).toString();
    return { ...nothing, payload: said === '' ? {} : JSON.parse(said), thumbprint: await calculateJwkThumbprint(jwk), refused: undefined };
  }

  async #account(jwk: JWK, { contact, termsOfServiceAgreed }: { contact?: unknown; termsOfServiceAgreed?: boolean }): Promise<Reply> {
    if (termsOfServiceAgreed !== true) return problem('userActionRequired', 'agree to the terms', 403);
    const kid = `${this.#base}/account/${parseInt((await calculateJwkThumbprint(jwk, 'sha256')).replace(/\D/g, '0').slice(0, 9), 10)}`;
    const isNew = !this.#accounts.has(kid);
    this.#accounts.set(kid, { jwk, contact });
    return { status: isNew ? 201 : 200, body: { status: 'valid' }, headers: { location: kid } };
  }

  #newOrder({ identifiers }: { identifiers?: { value: string }[] }): Reply {
    const domains = (identifiers ?? []).map(({ value }) => value);
    const challenges = domains.map((domain) => {
      const token = randomBytes(16).toString('base64url');
      return this.#challenges.push({ status: 'pending', token, domain }) - 1;
    });
    const index = this.#orders.push({ challenges, domains, certificate: undefined }) - 1;
    return { status: 201, body: this.#orderBody(index), headers: { location: `${this.#base}/order/${index}` } };
  }

  #orderBody(index: number): object {
    const order = this.#orders[index];
    if (order === undefined) return {};
    const states = order.challenges.map((each) => this.#challenges[each]?.status);
    const unfinished = states.includes('invalid') ? 'invalid' : states.every((each) => each === 'valid') ? 'ready' : 'pending';
    return {
      status: order.certificate === undefined ? unfinished : 'valid',
      identifiers: order.domains.map((value) => ({ type: 'dns', value })),
      authorizations: order.challenges.map((each) => `${this.#base}/authz/${each}`),
      finalize: `${this.#base}/finalize/${index}`,
      ...(order.certificate === undefined ? {} : { certificate: `${this.#base}/cert/${index}` }),
    };
  }

  #authorization(index: number): object {
    const challenge = this.#challenges[index];
    const status = challenge?.status === 'processing' ? 'pending' : challenge?.status;
    return {
      status,
      identifier: { type: 'dns', value: challenge?.domain },
      challenges: [this.#challengeBody(index), { type: 'dns-01', token: 'x' }],
    };
  }

  #challengeBody(index: number): object {
    const { status, token, error } = this.#challenges[index] ?? {};
    return { type: 'http-01', url: `${this.#base}/challenge/${index}`, status, token, error };
  }

  /** Asks the server for its answer (RFC 8555 §8.3), as the real ones do: after having said that it will. */
  #challenge(index: number, thumbprint: string): Reply {
    const challenge = this.#challenges[index];
    if (challenge === undefined) return problem('malformed', 'no such challenge', 404);
    if (challenge.status === 'pending') {
      challenge.status = 'processing';
      void this.#validate(challenge, thumbprint);
    }
    return { body: this.#challengeBody(index) };
  }

  async #validate(challenge: Challenge, thumbprint: string): Promise<void> {
    const { token, domain } = challenge;
    const got = await fetchText(await this.#options.challengePort(), `/.well-known/acme-challenge/${token}`, domain).catch(
      (error: Error) => error.message,
    );
    challenge.status = got.trim() === `${token}.${thumbprint}` ? 'valid' : 'invalid';
    if (challenge.status === 'invalid')
      challenge.error = { detail: `${domain} answered wrongly`, type: 'urn:ietf:params:acme:error:unauthorized' };
  }

  async #finalize(index: number, { csr = '' }: { csr?: string }): Promise<Reply> {
    const order = this.#orders[index];
    if (order === undefined || (this.#orderBody(index) as { status: string }).status !== 'ready')
      return problem('orderNotReady', 'not ready', 403);
    const asked = new Pkcs10CertificateRequest(Buffer.from(csr, 'base64url'));
    const names = asked.extensions.find((each) => each instanceof SubjectAlternativeNameExtension)?.names.toJSON() ?? [];
    const same = JSON.stringify(names.map(({ value }) => value).toSorted()) === JSON.stringify([...order.domains].toSorted());
    if (!(await asked.verify()) || !same) return problem('badCSR', 'the request names something else');
    const now = (this.#options.now ?? Date.now)();
    const cert = await X509CertificateGenerator.create({
      serialNumber: `01${randomBytes(12).toString('hex')}`,
      subject: asked.subject,
      issuer: this.#root.cert.subject,
      notBefore: new Date(now - 3_600_000),
      notAfter: new Date(now - 3_600_000 + (this.#options.days ?? 90) * DAY),
      signingAlgorithm: algorithm,
      publicKey: asked.publicKey,
      signingKey: this.#root.keys.privateKey,
      extensions: [new SubjectAlternativeNameExtension(names), await AuthorityKeyIdentifierExtension.create(this.#root.keys.publicKey)],
    });
    order.certificate = `${cert.toString('pem')}\n`;
    return { body: this.#orderBody(index) };
  }
}

async function fetchText(port: number, path: string, host: string): Promise<string> {
  const request = get({ host: '127.0.0.1', port, path, headers: { host }, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  for await (const bytes of response) text += bytes;
  return response.statusCode === 200 ? text : `status ${response.statusCode}`;
}
