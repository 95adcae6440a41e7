import type { AccountId } from '../../../accounts/index.ts';
import { type Chance, type Clock, type JsonObject, type Log, randomHex } from '../../../base/index.ts';
import type { ConferenceId, ParticipantId } from '../../../conference/index.ts';
import type { AcceptedSocket, SocketPeer, SocketRequest } from '../../options.ts';
import type { Rate } from '../../rate.ts';
import type { Person } from '../../tokens.ts';
import { done, type Request, readRequest, refused } from './frames.ts';
import { askedAt, askedIn, type Recogniser, type Recognition, recognise, shows } from './recognise.ts';
import { readWish, type Wish } from './subscribe.ts';
import type { Missed, Topic, Topics } from './topics.ts';

/** Close codes of the range for applications (RFC 6455 §7.4.2) and of the protocol itself; docs/events.md tells them to people. */
export const CLOSES = {
  unauthorized: 4401,
  idle: 4408,
  tooSlow: 1013,
  stopping: 1001,
} as const;

/** How long one who reads slowly may take to hear why he is cut off, ms. */
const LAST_WORDS = 5000;

/** What one socket may have. */
export interface SessionLimits {
  /** Bindings of one session. */
  readonly bindings: number;
  /** Bytes waiting for the far end, above which talk is not told any more. */
  readonly talkBytes: number;
  /** … and above which the socket is cut off. */
  readonly mostBytes: number;
  /** ms without a frame in either direction. */
  readonly idleMs: number;
}

/** What is counted, for the metrics. */
export interface SessionCounts {
  /** Frames with events and commands. */
  delivered: number;
  /** Starts and stops of talking that were not told because the socket was too slow. */
  dropped: number;
  /** Sockets cut off because they read too slowly. */
  tooSlow: number;
  /** Frames answered with an error. */
  refused: number;
  /** Sockets ended because their token ended, or its user was disabled. */
  unauthorized: number;
}

/** What all sessions share. */
export interface World extends Recogniser {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** Frames of each session (kazoo-facts §9.3). */
  readonly frames: Rate;
  /** Failed attempts to prove oneself, of each address. */
  readonly attempts: Rate;
  readonly topics: Topics<Session>;
  /** Whether somebody may hear of this conference, or of all of an account. */
  readonly mayFollow: (person: Person, account: AccountId, conference: ConferenceId | '*') => Promise<boolean>;
  readonly limits: SessionLimits;
  readonly counts: SessionCounts;
  readonly gone: (session: Session) => void;
}

/** A start or a stop of talking: dropped in pairs where there is too much. */
export interface Talk {
  readonly starts: boolean;
  readonly who: ParticipantId;
}

/** One websocket: who it is, what it is bound to, and what it may still take. */
export class Session {
  readonly id: string;
  readonly peer: SocketPeer;
  /** Epoch ms. */
  readonly openedAt: number;
  readonly #world: World;
  readonly #socket: AcceptedSocket;
  readonly #request: SocketRequest;
  readonly #topics = new Map<string, Topic<Session>>();
  #person: Person | undefined;
  #expiresAt: number | undefined;
  #lastFrame: number;
  #serving: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(world: World, { socket, peer, request }: { socket: AcceptedSocket; peer: SocketPeer; request: SocketRequest }) {
    this.id = randomHex(world.chance, 16);
    this.peer = peer;
    this.openedAt = world.clock.epoch();
    this.#world = world;
    this.#socket = socket;
    this.#request = request;
    this.#lastFrame = world.clock.now();
    socket.onMessage((frame) => this.#take(frame));
    socket.onClose(() => {
      this.#leave();
      world.gone(this);
    });
  }

  /** Who has proved himself here. */
  get person(): Person | undefined {
    return this.#person;
  }

  /** What it is bound to, in the order of asking. */
  get topics(): readonly Topic<Session>[] {
    return [...this.#topics.values()];
  }

  /** Sends what it is bound to. Talk is left out, in pairs, before anything else; who cannot even take the rest is cut off. */
  deliver(frame: Uint8Array, missed: Missed, talk: Talk | undefined): void {
    if (this.#ended) return;
    const { counts } = this.#world;
    if (talk !== undefined && this.#leavesOut(talk, missed)) counts.dropped += 1;
    else if (this.#has(frame.length)) {
      this.#socket.sendText(frame);
      counts.delivered += 1;
    }
  }

  /** Says why and closes; nothing is delivered afterwards. */
  end(code: number, reason: string): void {
    if (this.#ended) return;
    this.#leave();
    this.#socket.close({ code, reason, patience: code === CLOSES.tooSlow ? LAST_WORDS : 1000 });
  }

  /** Says so in a frame like a reply, then closes: his token has ended, or he may not come in any more. */
  endUnauthorized(why: string): void {
    if (this.#ended) return;
    this.#world.counts.unauthorized += 1;
    this.#say(refused('', [why]));
    this.end(CLOSES.unauthorized, why);
  }

  /** Called now and then: ends what has had its time. */
  look(now: number, epoch: number): void {
    if (this.#expiresAt !== undefined && epoch >= this.#expiresAt) this.endUnauthorized('token expired');
    else if (now - this.#lastFrame >= this.#world.limits.idleMs) this.end(CLOSES.idle, 'idle');
  }

  /** Whatever is bound here and does not fit `may` any more is unbound. */
  async keepOnly(may: (topic: Topic<Session>) => Promise<boolean>): Promise<void> {
    for (const topic of this.topics) if (!(await may(topic))) this.#unbind(topic);
  }

  #take(frame: string | Uint8Array): void {
    if (this.#ended) return;
    const { frames, clock, chance } = this.#world;
    this.#lastFrame = clock.now();
    if (!frames.charge(this.id).allowed) this.#refuse(randomHex(chance, 16), [this.#tooMany()]);
    else if (typeof frame !== 'string') this.#refuse(randomHex(chance, 16), ['binary frames are not taken: send JSON as text']);
    else this.#serving = this.#serving.then(() => this.#serve(readRequest(frame, chance)));
  }

  #tooMany(): string {
    const { address, port } = this.peer;
    return `rate limiting threshold hit for ${address}:${port}!`;
  }

  async #serve(request: Request): Promise<void> {
    if (this.#ended) return;
    try {
      const outcome = await this.#run(request);
      if ('refused' in outcome) this.#refuse(request.id, outcome.refused);
      else this.#say(done(request.id, outcome.done));
    } catch (error) {
      this.#world.log.error('a websocket frame failed unexpectedly', { session: this.id, error });
      this.#refuse(request.id, ['unspecified fault']);
    }
  }

  /** Authenticate, validate, authorize, limits, command: the first that says no ends it (kazoo-facts §9.3). */
  async #run(request: Request): Promise<{ readonly done: JsonObject } | { readonly refused: readonly string[] }> {
    const stranger = await this.#authenticate(request);
    if (stranger !== undefined) return { refused: [stranger] };
    if (request.action === 'ping') return { done: { response: 'pong' } };
    if (request.action !== 'subscribe' && request.action !== 'unsubscribe') return { done: {} };
    const wish = readWish(request.data);
    if ('refused' in wish) return wish;
    if (request.action === 'unsubscribe') return { done: this.#unsubscribe(wish) };
    const denied = (await this.#deniedTo(wish)) ?? this.#overLimit(wish);
    return denied === undefined ? { done: this.#subscribe(wish) } : { refused: [denied] };
  }

  /** Once is enough; a token in a later frame takes the place of the one before. */
  async #authenticate({ envelope, data }: Request): Promise<string | undefined> {
    const shown = await this.#recognise(askedIn(envelope, data));
    if (shown === 'too many') return this.#tooMany();
    if (shown.is === 'good') return this.#become(shown);
    if (shown.is === 'bad') return `failed to authenticate token ${shown.token}`.trimEnd();
    if (this.#person !== undefined) return undefined;
    const first = await this.#recognise(askedAt(this.#request));
    if (first === 'too many') return this.#tooMany();
    if (first.is === 'good') return this.#become(first);
    return first.is === 'bad' ? `failed to authenticate token ${first.token}`.trimEnd() : 'authentication token required';
  }

  /** Who guesses is slowed down: checking a password costs time on purpose. */
  async #recognise(asked: Parameters<typeof recognise>[0]): Promise<Recognition | 'too many'> {
    const { attempts } = this.#world;
    if (!shows(asked)) return { is: 'nobody' };
    if (attempts.look(this.peer.address).remaining < 1) return 'too many';
    const shown = await recognise(asked, this.#world);
    if (shown.is === 'bad') attempts.charge(this.peer.address);
    return shown;
  }

  async #become({ person, expiresAt }: Recognition & { is: 'good' }): Promise<undefined> {
    const { accounts, mayFollow } = this.#world;
    const isOther = this.#person !== undefined && (this.#person.account !== person.account || this.#person.user !== person.user);
    this.#person = person;
    this.#expiresAt = expiresAt;
    const may = async ({ account, binding }: Topic<Session>): Promise<boolean> =>
      (await accounts.mayActOn(person.account, account)) && (await mayFollow(person, account, binding.conference));
    if (isOther) await this.keepOnly(may);
    return undefined;
  }

  async #deniedTo({ account, bindings }: Wish): Promise<string | undefined> {
    const { accounts, mayFollow } = this.#world;
    if (account === '*') return 'unauthorized wildcard account id';
    const person = this.#person;
    if (person === undefined || !(await accounts.mayActOn(person.account, account))) return 'unauthorized account id';
    for (const { conference } of bindings) if (!(await mayFollow(person, account, conference))) return 'unauthorized conference id';
    return undefined;
  }

  #overLimit({ account, bindings }: Wish): string | undefined {
    const { limits } = this.#world;
    const fresh = bindings.filter(({ text }) => !this.#topics.has(`${account} ${text}`)).length;
    return this.#topics.size + fresh > limits.bindings ? `too many bindings : at most ${limits.bindings} of a session` : undefined;
  }

  #subscribe({ account, bindings }: Wish): JsonObject {
    // It may have been ended while it was looked up who may.
    if (!this.#ended) for (const each of bindings) this.#topics.set(`${account} ${each.text}`, this.#world.topics.add(this, account, each));
    return { subscribed: this.#texts() };
  }

  #unsubscribe({ account, bindings }: Wish): JsonObject {
    for (const { text } of bindings) {
      const topic = this.#topics.get(`${account} ${text}`);
      if (topic !== undefined) this.#unbind(topic);
    }
    return { unsubscribed: bindings.map(({ text }) => text), subscribed: this.#texts() };
  }

  #texts(): readonly string[] {
    return this.topics.map(({ binding }) => binding.text);
  }

  #unbind(topic: Topic<Session>): void {
    this.#topics.delete(`${topic.account} ${topic.binding.text}`);
    this.#world.topics.remove(this, topic);
  }

  #leavesOut({ starts, who }: Talk, missed: Missed): boolean {
    if (!starts) return missed.delete(who);
    if (this.#socket.bufferedAmount <= this.#world.limits.talkBytes) return false;
    missed.add(who);
    return true;
  }

  #refuse(id: string | number, errors: readonly string[]): void {
    this.#world.counts.refused += 1;
    this.#say(refused(id, errors));
  }

  #say(frame: string): void {
    if (!this.#ended && this.#has(frame.length)) this.#socket.send(frame);
  }

  /** Whether there is room for so many bytes more; cuts off where there is not. */
  #has(bytes: number): boolean {
    const { limits, counts, log, clock } = this.#world;
    const waiting = this.#socket.bufferedAmount;
    if (waiting + bytes <= limits.mostBytes) {
      this.#lastFrame = clock.now();
      return true;
    }
    counts.tooSlow += 1;
    log.warn('a websocket was cut off because it reads too slowly', { session: this.id, address: this.peer.address, waiting });
    this.end(CLOSES.tooSlow, 'too slow: too much was waiting to be read');
    return false;
  }

  #leave(): void {
    this.#ended = true;
    for (const topic of this.topics) this.#unbind(topic);
  }
}
