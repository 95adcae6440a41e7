import type { AccountId } from '../../accounts/index.ts';
import { type Alarm, type Clock, Failure, type Log } from '../../base/index.ts';
import type { Call, LegId } from '../conference.ts';
import { type CallerId, type Dialling, outboundCall } from '../dialling.ts';
import type { CallId } from '../ids.ts';
import type { Telephony } from '../ports.ts';
import type { Refusal } from '../reasons.ts';
import type { Connection } from './act.ts';
import { lobbyOf } from './lobby.ts';

/** What calling somebody for a caller needs. */
export interface PeersNeeds {
  readonly account: AccountId;
  /** Whom they are called for. */
  readonly call: Call;
  /** What he dialled. */
  readonly dialled?: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly telephony: Telephony;
  readonly dialling: Pick<Dialling, 'resolve'> | undefined;
  newId(): string;
  /** Who is up has changed. */
  changed(): void;
  told(connect: number, what: 'connected' | 'parted' | Refusal): void;
}

/** One whom we call. */
interface Peer {
  readonly connect: number;
  readonly call: Call;
  isUp: boolean;
}

/** What is under way for one `connect`. */
interface Order extends Connection {
  /** Destinations that nobody has been called for yet. */
  waiting: number;
  last: Refusal;
  readonly alarms: Set<Alarm>;
}

/** Legs that came of one another are one interaction, which is called as the first of them (kazoo-facts §6.2). */
export const interactionOf = ({ id, channelVars }: Pick<Call, 'id' | 'channelVars'>): { readonly call_interaction_id: string } => ({
  call_interaction_id: channelVars['call_interaction_id'] ?? id,
});

const NOBODY: Refusal = { code: 'dial_failed', words: 'nobody could be called', status: 480 };

/** Those who are called for a caller in his lobby, and talk to him there: whoever answers first has him, the others are cancelled. */
export class Peers {
  readonly #needs: PeersNeeds;
  readonly #peers = new Map<CallId, Peer>();
  readonly #orders = new Map<number, Order>();

  constructor(needs: PeersNeeds) {
    this.#needs = needs;
  }

  /** The legs of those who have answered. */
  get legs(): readonly LegId[] {
    return [...this.#peers.values()].filter((each) => each.isUp).map((each) => each.call.leg);
  }

  has(call: CallId): boolean {
    return this.#peers.has(call);
  }

  connect(connection: Connection): void {
    const order: Order = { ...connection, waiting: connection.destinations.length, last: NOBODY, alarms: new Set() };
    this.#orders.set(connection.connect, order);
    const first = order.strategy === 'single' ? order.destinations.slice(0, 1) : order.destinations;
    for (const [index, { delayMs = 0 }] of first.entries()) this.#after(order, delayMs, () => void this.#call(order, index));
  }

  /** Whoever rings or talks for this one is hung up; nothing more is told of it. */
  part(connect: number): void {
    const order = this.#orders.get(connect);
    for (const each of order?.alarms ?? []) each.cancel();
    this.#orders.delete(connect);
    for (const [id, peer] of [...this.#peers]) if (peer.connect === connect) this.#drop(id);
    this.#needs.changed();
  }

  /** Nobody is wanted any more. */
  close(): void {
    for (const connect of [...this.#orders.keys()]) this.part(connect);
    for (const id of [...this.#peers.keys()]) this.#drop(id);
  }

  /** He has answered. False: nobody wants him any more. */
  answered(call: CallId): boolean {
    const peer = this.#peers.get(call);
    const order = peer && this.#orders.get(peer.connect);
    if (peer === undefined || order === undefined) return false;
    peer.isUp = true;
    for (const each of order.alarms) each.cancel();
    for (const [id, other] of [...this.#peers]) if (other.connect === peer.connect && id !== call) this.#drop(id);
    this.#needs.changed();
    this.#needs.told(peer.connect, 'connected');
    return true;
  }

  /** His call is over, answered or not. */
  ended(call: CallId, refusal: Refusal | undefined): void {
    const peer = this.#peers.get(call);
    this.#peers.delete(call);
    const order = peer && this.#orders.get(peer.connect);
    if (peer === undefined || order === undefined) return;
    this.#needs.changed();
    if (!peer.isUp) {
      this.#failed(order, refusal ?? NOBODY);
      return;
    }
    this.#orders.delete(peer.connect);
    this.#needs.told(peer.connect, 'parted');
  }

  async #call(order: Order, index: number): Promise<void> {
    const { account, call, dialling, telephony, log } = this.#needs;
    const destination = order.destinations[index];
    if (destination === undefined) return;
    try {
      if (dialling === undefined) throw new Failure('unavailable', 'no_dialling', 'this server calls nobody');
      const timeoutSeconds = Math.max(1, Math.ceil((destination.timeoutMs ?? order.timeoutMs) / 1000));
      const resolved = await dialling.resolve(account, destination.target, { callerId: this.#callerId(order), timeoutSeconds });
      if (!this.#orders.has(order.connect)) return;
      if ('refusal' in resolved) return this.#failed(order, resolved.refusal);
      const id = this.#needs.newId() as CallId;
      const { name, target, vars } = resolved;
      const peer = outboundCall(id, { callerName: name, callerNumber: target.dialled, channelVars: vars });
      this.#peers.set(id, { connect: order.connect, call: peer, isUp: false });
      telephony.dial({ account, place: lobbyOf(call.id), call: peer, target });
    } catch (error) {
      if (!(error instanceof Failure)) log.error('somebody could not be called', { error });
      const words = error instanceof Failure ? { code: error.code, words: error.message } : NOBODY;
      this.#failed(order, { ...words, status: 480 });
    }
  }

  /** The call is the caller's, sent on: whoever is trusted hears from which number, and how sure that of the caller is. */
  #callerId({ callerId }: Order): CallerId {
    const { call, dialled = '' } = this.#needs;
    const { verstat } = call.channelVars;
    const isHis = callerId.number === call.callerNumber;
    return {
      ...callerId,
      ...(call.direction === 'inbound' && /^\+?\d{5,}$/.test(dialled) ? { diverted: dialled } : {}),
      ...(isHis && verstat !== undefined ? { verstat } : {}),
    };
  }

  /** One has not answered: the next is called, or nobody is left. */
  #failed(order: Order, refusal: Refusal): void {
    if (!this.#orders.has(order.connect)) return;
    order.last = refusal;
    order.waiting -= 1;
    if (order.waiting > 0) {
      if (order.strategy === 'single') void this.#call(order, order.destinations.length - order.waiting);
      return;
    }
    this.#orders.delete(order.connect);
    this.#needs.told(order.connect, order.last);
  }

  #after(order: Order, ms: number, work: () => void): void {
    if (ms <= 0) {
      work();
      return;
    }
    const { clock } = this.#needs;
    const alarm = clock.wake(clock.now() + ms, () => {
      order.alarms.delete(alarm);
      work();
    });
    order.alarms.add(alarm);
  }

  #drop(id: CallId): void {
    this.#peers.delete(id);
    this.#needs.telephony.hangUp(id, 'flow-ended');
  }
}
