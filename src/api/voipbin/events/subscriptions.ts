import { type Clock, isObject, isoMillis, type Log } from '../../../base/index.ts';
import type { Bus, Following, Item } from '../../../bus/index.ts';
import {
  type ConferenceId,
  type Errands,
  type Execute,
  isSpeech,
  type PhoneCall,
  type PhoneCalls,
  type SpeechSignal,
} from '../../../conference/index.ts';
import type { AcceptedSocket, AdmittedSocket, SocketPeer, SocketRefusal, SocketRequest, UpgradeRoute } from '../../options.ts';
import { sightOf } from '../../sight.ts';
import { type Person, type Recognition, recognise } from '../recognise.ts';
import { refusedAs, refusedBody } from '../refused.ts';
import { requestIdOf } from '../request-id.ts';
import { callEvents, errandEvent } from './call-events.ts';
import { eventsOf, interimEvent, type Look, turnEvent } from './event.ts';
import type { Removals } from './removals.ts';
import { covers, readTopic, resourceOf, type Topic } from './topic.ts';
import type { VoipbinEvent } from './voipbin-event.ts';

/** What `GET /v1.0/ws` needs. */
export interface SubscriptionNeeds {
  readonly follow: Bus['follow'];
  readonly look: Look;
  /** Calls while they live. Absent: only their end is told. */
  readonly phones?: Pick<PhoneCalls, 'follow'> | undefined;
  readonly errands?: Pick<Errands, 'follow'> | undefined;
  readonly removals?: Pick<Removals, 'follow'> | undefined;
  readonly recognition: Recognition;
  /** Guarded: it refuses whoever may not see a conference. */
  readonly execute: Execute;
  readonly clock: Clock;
  readonly log: Log;
  /** A fresh `req_…`. */
  readonly newRequestId: () => string;
  /** Every open socket is in it: whoever stops the server calls them all. */
  readonly endings: Endings;
}

/** Ends what is open when the server stops. */
export type Endings = Set<() => void>;

/** Topics of one socket. */
const MOST_TOPICS = 1000;
/** Events that wait to be looked up, and bytes that wait to be read, above which a reader is cut off. */
const MOST_WAITING = 2000;
const MOST_BYTES = 4_000_000;

/** `GET /v1.0/ws` (voipbin-facts §6.3). */
export const subscriptionSockets = (needs: SubscriptionNeeds): UpgradeRoute => ({
  path: '/v1.0/ws',
  admit: (peer, request) => admit(needs, peer, request).catch((error: unknown) => refusalOf(needs, request, error)),
});

async function admit(needs: SubscriptionNeeds, { address }: SocketPeer, { url, headers }: SocketRequest): Promise<AdmittedSocket> {
  const query = new URLSearchParams(url.split('?').slice(1).join('?'));
  const person = await recognise({ headers, query, address }, needs.recognition);
  return { take: (socket) => void new Subscriptions(needs, person, socket), drop: () => {} };
}

function refusalOf({ newRequestId, log }: SubscriptionNeeds, { headers }: SocketRequest, error: unknown): SocketRefusal {
  const refused = refusedAs(error);
  if (refused === undefined) throw error;
  const id = requestIdOf(headers['x-request-id'], newRequestId);
  log.debug('a websocket was refused', { reason: refused.reason });
  const body = JSON.stringify(refusedBody(refused, id));
  return { status: refused.status, type: 'application/json; charset=utf-8', body, headers: { 'X-Request-Id': id } };
}

/** One socket and what it has asked for. */
class Subscriptions {
  readonly #needs: SubscriptionNeeds;
  readonly #person: Person;
  readonly #socket: AcceptedSocket;
  readonly #topics = new Map<string, Topic>();
  /** By account: one follower for all topics of it. */
  readonly #following = new Map<string, Promise<Following>>();
  readonly #stops: (() => void)[] = [];
  /** What was told to have begun and not to have ended; as `turnOf` names it. */
  readonly #turns = new Set<string>();
  #telling: Promise<void> = Promise.resolve();
  #waiting = 0;
  #isOver = false;

  constructor(needs: SubscriptionNeeds, person: Person, socket: AcceptedSocket) {
    this.#needs = needs;
    this.#person = person;
    this.#socket = socket;
    socket.onMessage((frame) => this.#take(frame));
    socket.onClose(() => this.#leave());
    needs.endings.add(this.#stop);
  }

  readonly #stop = (): void => this.#end(1001, 'the server is stopping');

  #take(frame: string | Uint8Array): void {
    if (this.#isOver) return;
    if (typeof frame !== 'string') {
      this.#end(1003, 'send JSON as text');
      return;
    }
    this.#telling = this.#telling.then(() => this.#obey(frame)).catch((error: unknown) => this.#broke(error));
  }

  /** What cannot be read is ignored; a topic that is not his ends it, as in the original. */
  async #obey(frame: string): Promise<void> {
    const asked = read(frame);
    if (asked === undefined || this.#isOver) return;
    if (asked.type === 'unsubscribe') {
      for (const text of asked.topics) this.#topics.delete(String(text));
      return;
    }
    for (const text of asked.topics) {
      const topic = readTopic(text);
      if (topic === undefined) return this.#end(1008, 'a topic is customer_id:<id>[:<resource>[:<resource id>]]');
      if (!(await this.#may(topic))) return this.#end(1008, 'this customer is not yours');
      if (this.#topics.size >= MOST_TOPICS) return this.#end(1008, `at most ${MOST_TOPICS} topics`);
      this.#topics.set(topic.text, topic);
      this.#follow(topic.customer);
    }
  }

  async #may({ customer }: Topic): Promise<boolean> {
    const { accounts } = this.#needs.recognition;
    const { account } = this.#person;
    return accounts.mayActOn(account, customer as typeof account);
  }

  /** Who is no admin is told of conferences that he owns or moderates just now, and of no calls. */
  async #sees(account: Person['account'], conference: ConferenceId): Promise<boolean> {
    return sightOf(this.#needs.execute, { ...this.#person.actor, account })(conference);
  }

  get #isAdmin(): boolean {
    return this.#person.actor.user === undefined;
  }

  #follow(customer: string): void {
    if (this.#isOver || this.#following.has(customer)) return;
    const account = customer as Person['account'];
    const following = this.#needs.follow({ account, take: (item) => this.#hear(customer, item) });
    this.#following.set(customer, following);
    if (!this.#isAdmin) return;
    const stop = this.#needs.phones?.follow(account, (call, before) => this.#hearCall(customer, call, before));
    if (stop !== undefined) this.#stops.push(stop);
    const errands = this.#needs.errands?.follow(account, (errand, what) => {
      const at = this.#needs.clock.epoch();
      this.#queue(async () => void this.#tell(customer, errandEvent(errand, what), at));
    });
    if (errands !== undefined) this.#stops.push(errands);
    const removals = this.#needs.removals?.follow(account, (events) => {
      const at = this.#needs.clock.epoch();
      this.#queue(async () => {
        for (const event of events) this.#tell(customer, event, at);
      });
    });
    if (removals !== undefined) this.#stops.push(removals);
  }

  /** A call has changed; told in the order of everything else. */
  #hearCall(customer: string, call: PhoneCall, before: PhoneCall | undefined): void {
    const at = this.#needs.clock.epoch();
    this.#queue(async () => {
      for (const event of callEvents(call, before)) this.#tell(customer, event, at);
    });
  }

  /** Facts come faster than things can be looked up; they wait in order, and not without end. */
  #hear(customer: string, item: Item): void {
    const at = item.kind === 'fact' ? item.entry.fact.at : item.signal.at;
    const happened = item.kind === 'fact' ? item.entry.fact : item.signal;
    this.#queue(async () => {
      if (isSpeech(happened) && happened.type === 'speech.ended') return this.#tellEnd(customer, happened);
      if (!this.#isAdmin && !('conference' in happened && (await this.#sees(happened.account, happened.conference)))) return;
      for (const event of await this.#eventsOf(item)) {
        const isTold = this.#tell(customer, event, at);
        if (isTold && isSpeech(happened)) this.#turns.add(turnOf(happened));
      }
    });
  }

  #queue(work: () => Promise<void>): void {
    if (this.#isOver) return;
    if (this.#waiting >= MOST_WAITING) {
      this.#end(1013, 'too slow: too much was waiting to be told');
      return;
    }
    this.#waiting += 1;
    this.#telling = this.#telling
      .then(async () => {
        const { expiresAt } = this.#person;
        if (expiresAt !== undefined && this.#needs.clock.epoch() >= expiresAt) this.#end(1008, 'the token has expired');
        await work();
      })
      .catch((error: unknown) => this.#broke(error))
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  async #eventsOf(item: Item): Promise<readonly VoipbinEvent[]> {
    if (item.kind === 'fact') return eventsOf(item.entry.fact, this.#needs.look);
    if (isSpeech(item.signal)) return [turnEvent(item.signal)];
    return item.signal.type === 'transcript.interim' ? [interimEvent(item.signal)] : [];
  }

  /** Whoever was told that somebody begins is told that he has ended, also where he may not see the conference any more; nobody else is. */
  #tellEnd(customer: string, signal: SpeechSignal): void {
    if (this.#turns.delete(turnOf(signal))) this.#tell(customer, turnEvent(signal), signal.at);
  }

  /** Once, however many topics fit; gives whether one does. */
  #tell(customer: string, event: VoipbinEvent, at: number): boolean {
    const topic = [...this.#topics.values()].find((each) => each.customer === customer && covers(each, event));
    if (topic === undefined || this.#isOver) return false;
    if (this.#socket.bufferedAmount > MOST_BYTES) {
      this.#end(1013, 'too slow: too much was waiting to be read');
      return false;
    }
    const { type, id, data } = event;
    const [scope, owner] = topic.text.split(':');
    const where = `${scope}:${owner}:${resourceOf(event)}:${id}`;
    this.#socket.send(JSON.stringify({ type, data, topic: where, timestamp: isoMillis(at) }));
    return true;
  }

  #broke(error: unknown): void {
    this.#needs.log.error('a websocket for events broke', { error });
    this.#end(1011, 'something went wrong');
  }

  #end(code: number, reason: string): void {
    if (this.#isOver) return;
    this.#leave();
    this.#socket.close({ code, reason });
  }

  #leave(): void {
    this.#isOver = true;
    this.#needs.endings.delete(this.#stop);
    for (const following of this.#following.values()) {
      following.then(
        (each) => each.close(),
        () => {},
      );
    }
    this.#following.clear();
    for (const stop of this.#stops.splice(0)) stop();
  }
}

const turnOf = ({ transcription, leg }: SpeechSignal): string => `${transcription} ${leg}`;

interface AskedTopics {
  readonly type: 'subscribe' | 'unsubscribe';
  readonly topics: readonly unknown[];
}

function read(frame: string): AskedTopics | undefined {
  try {
    const value: unknown = JSON.parse(frame);
    if (!isObject(value) || !Array.isArray(value['topics'])) return undefined;
    const { type, topics } = value;
    return type === 'subscribe' || type === 'unsubscribe' ? { type, topics: topics as readonly unknown[] } : undefined;
  } catch {
    return undefined;
  }
}
