import type { Account, AccountId, Device, DeviceId, Registration, Registrations } from '../accounts/index.ts';
import type { Alarm, Clock, Log } from '../base/index.ts';
import { callId, contacts, cseq, type Headers, header, headerNumber, type NameAddr, printUri, type SipRequest } from '../sip/index.ts';
import { type Flow, printFlow } from './flow.ts';
import type { ServerTransaction } from './server-transaction.ts';

/** Seconds. */
const DEFAULT_EXPIRES = 300;
const LEAST_EXPIRES = 60;
const MOST_EXPIRES = 3600;

/** What the registrar needs. */
export interface RegistrarOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly registrations: Registrations;
  readonly maxContacts: number;
  /** Keeps an eye on work that nobody waits for. */
  readonly follow: (work: Promise<unknown>) => void;
}

/** What one REGISTER asks, once it is known to be sensible. */
interface Wish {
  readonly contact: NameAddr;
  readonly uri: string;
  /** Seconds; 0 removes. */
  readonly expires: number;
}

type Binding = Registration & { readonly q?: string };

/** Keeps the bindings of telephones (RFC 3261 §10.3) in memory and, through its port, over a restart. */
export class Registrar {
  readonly #options: RegistrarOptions;
  readonly #bindings = new Map<string, Map<string, Binding>>();
  #alarm: Alarm | undefined;
  #closed = false;

  /** Use `openRegistrar`. */
  constructor(options: RegistrarOptions, kept: readonly Registration[]) {
    this.#options = options;
    for (const each of kept) this.#of(keyOf(each)).set(each.contact, each);
    // No websocket outlives the server that had it.
    this.#dropWhere(({ source }) => source.startsWith('ws'));
    this.#expire();
  }

  /** Live bindings. */
  get count(): number {
    let count = 0;
    for (const each of this.#bindings.values()) count += each.size;
    return count;
  }

  /** Where a device can be reached now, the preferred first (RFC 3261 §10.2.1.2). */
  of(account: AccountId, device: DeviceId): readonly Registration[] {
    const now = this.#options.clock.epoch();
    const all = [...this.#bindings.values()].flatMap((each) => [...each.values()]);
    const here = all.filter((each) => each.account === account && each.device === device && each.expiresAt > now);
    return here.sort((one, other) => Number(other.q ?? 1) - Number(one.q ?? 1));
  }

  /** Serves a REGISTER of a device that has proved who it is. */
  async register(
    { request, flow, respond }: Pick<ServerTransaction, 'request' | 'flow' | 'respond'>,
    who: { account: Account; device: Device },
  ): Promise<void> {
    const aor = `sip:${who.device.username}@${who.account.realm}`;
    const bindings = this.#of(keyOf({ account: who.account.id, aor }));
    const wishes = wishesOf(request);
    const order = { callId: callId(request) ?? '', cseq: cseq(request)?.number ?? 0 };
    const status = this.#refusal(request, { wishes, bindings, order });
    if (status !== undefined) {
      respond(status, status === 423 ? { headers: [['Min-Expires', String(LEAST_EXPIRES)]] } : {});
      return;
    }
    const common = { account: who.account.id, device: who.device.id, aor, ...order, source: printFlow(flow) };
    if (wishes === '*') for (const each of [...bindings.values()]) await this.#remove(bindings, each);
    else for (const wish of wishes ?? []) await this.#grant(wish, { bindings, common, request });
    this.#expire();
    respond(200, { headers: this.#contactHeaders(bindings) });
  }

  /** A connection that nobody but its telephone can open is gone: so is what was registered over it (RFC 5626). */
  gone(flow: Flow): void {
    const source = printFlow(flow);
    this.#dropWhere((each) => each.source === source);
  }

  /** Forgets its alarm. */
  close(): void {
    this.#closed = true;
    this.#alarm?.cancel();
  }

  #of(key: string): Map<string, Binding> {
    const known = this.#bindings.get(key);
    if (known !== undefined) return known;
    const made = new Map<string, Binding>();
    this.#bindings.set(key, made);
    return made;
  }

  /** RFC 3261 §10.3, steps 6 and 7: all or nothing, so everything is judged before anything is changed. */
  #refusal(
    request: SipRequest,
    {
      wishes,
      bindings,
      order,
    }: { wishes: readonly Wish[] | '*' | undefined; bindings: Map<string, Binding>; order: Pick<Binding, 'callId' | 'cseq'> },
  ): number | undefined {
    const older = (each: Binding | undefined): boolean => each !== undefined && each.callId === order.callId && order.cseq <= each.cseq;
    if (wishes === undefined) return header(request, 'Contact') === undefined ? undefined : 400;
    if (wishes === '*') {
      if (headerNumber(request, 'Expires') !== 0) return 400;
      return [...bindings.values()].some(older) ? 500 : undefined;
    }
    if (wishes.some(({ expires }) => expires > 0 && expires < LEAST_EXPIRES)) return 423;
    if (wishes.some(({ uri }) => older(bindings.get(uri)))) return 500;
    const after = new Set([...bindings.keys(), ...wishes.filter(({ expires }) => expires > 0).map(({ uri }) => uri)]);
    return after.size > this.#options.maxContacts ? 403 : undefined;
  }

  async #grant(
    { contact, uri, expires }: Wish,
    {
      bindings,
      common,
      request,
    }: { bindings: Map<string, Binding>; common: Omit<Registration, 'contact' | 'expiresAt'>; request: SipRequest },
  ): Promise<void> {
    const before = bindings.get(uri);
    const expiresAt = this.#options.clock.epoch() + expires * 1000;
    if (expires > 0) await this.#put(bindings, bindingOf({ ...common, contact: uri, expiresAt }, contact, request));
    else if (before !== undefined) await this.#remove(bindings, before);
  }

  async #put(bindings: Map<string, Binding>, binding: Binding): Promise<void> {
    const { q: _, ...registration } = binding;
    await this.#options.registrations.put(registration);
    bindings.set(binding.contact, binding);
  }

  async #remove(bindings: Map<string, Binding>, { account, aor, contact }: Binding): Promise<void> {
    bindings.delete(contact);
    await this.#options.registrations.remove({ account, aor, contact });
  }

  #dropWhere(unwanted: (binding: Binding) => boolean): void {
    for (const bindings of this.#bindings.values()) for (const each of bindings.values()) if (unwanted(each)) this.#drop(bindings, each);
  }

  /** Removes what nobody waits for. */
  #drop(bindings: Map<string, Binding>, binding: Binding): void {
    const { follow, log } = this.#options;
    follow(this.#remove(bindings, binding).catch((error: unknown) => log.error('an old registration was not removed', { error })));
  }

  #contactHeaders(bindings: Map<string, Binding>): Headers {
    const now = this.#options.clock.epoch();
    return [...bindings.values()].map(({ contact, expiresAt, q }) => [
      'Contact',
      `<${contact}>;expires=${Math.max(0, Math.ceil((expiresAt - now) / 1000))}${q === undefined ? '' : `;q=${q}`}`,
    ]);
  }

  /** Drops what is over and arms one alarm at the next end. */
  #expire(): void {
    const { clock } = this.#options;
    this.#alarm?.cancel();
    this.#alarm = undefined;
    if (this.#closed) return;
    let next = Number.POSITIVE_INFINITY;
    for (const [key, bindings] of this.#bindings) {
      for (const each of bindings.values()) {
        if (each.expiresAt > clock.epoch()) next = Math.min(next, each.expiresAt);
        else this.#drop(bindings, each);
      }
      if (bindings.size === 0) this.#bindings.delete(key);
    }
    if (next !== Number.POSITIVE_INFINITY) this.#alarm = clock.wake(clock.now() + next - clock.epoch(), () => this.#expire());
  }
}

const keyOf = ({ account, aor }: Pick<Registration, 'account' | 'aor'>): string => `${account} ${aor}`;

/** Undefined: no Contact, or one that makes no sense. */
function wishesOf(request: SipRequest): readonly Wish[] | '*' | undefined {
  const list = contacts(request);
  if (list === undefined || list === '*') return list;
  const common = headerNumber(request, 'Expires') ?? DEFAULT_EXPIRES;
  return list.map((contact) => {
    const own = contact.params.get('expires');
    const expires = own !== undefined && /^\d{1,10}$/.test(own) ? Number(own) : common;
    return { contact, uri: printUri(contact.uri), expires: Math.min(expires, MOST_EXPIRES) };
  });
}

function bindingOf(base: Registration, contact: NameAddr, request: SipRequest): Binding {
  const q = contact.params.get('q');
  const instance = contact.params.get('+sip.instance');
  const path = header(request, 'Path');
  return {
    ...base,
    ...(q !== undefined && /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(q) ? { q } : {}),
    ...(instance === undefined ? {} : { instance }),
    ...(path === undefined ? {} : { path }),
  };
}

/** Opens the registrar with what was kept over the restart. */
export const openRegistrar = async (options: RegistrarOptions): Promise<Registrar> =>
  new Registrar(options, await options.registrations.all());
