import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { WebSocket } from 'ws';
import type { Posted, Posting } from '../../src/webhooks/index.ts';
import type { ReplayHouse } from './replay-house.ts';
import { KazooRooms, KnownRooms, TalkPairs } from './replay-rooms.ts';

// biome-ignore lint/suspicious/noExplicitAny: messages of every shape.
type Message = any;

/** What is said of talk, and what must not be said of somebody who talks. */
const TALK: Readonly<Record<string, 'start' | 'stop' | 'silenced'>> = {
  'participant.started-talking': 'start',
  'participant.stopped-talking': 'stop',
  'participant.muted': 'silenced',
  'participant.left': 'silenced',
  'start-talking': 'start',
  'stop-talking': 'stop',
  'mute-member': 'silenced',
  'del-member': 'silenced',
};

/** Keeps the first thing that went wrong where nobody awaits it. */
export class Wrong {
  #error: unknown;

  /** `take`, whose failure is kept. */
  guarded<Args extends readonly unknown[]>(take: (...args: Args) => void): (...args: Args) => void {
    return (...args) => {
      try {
        take(...args);
      } catch (error) {
        this.#error ??= error;
      }
    };
  }

  check(): void {
    if (this.#error !== undefined) throw this.#error;
  }
}

/** What both websockets share: they come back whenever they can, are cut off, and read nothing for a while. */
abstract class SocketProgram {
  protected readonly house: ReplayHouse;
  protected readonly wrong: Wrong;
  protected socket: WebSocket | undefined;
  protected abstract readonly talk: TalkPairs;
  #isComing = false;
  /** How often it has come. */
  comings = 0;

  constructor(house: ReplayHouse, wrong: Wrong) {
    this.house = house;
    this.wrong = wrong;
  }

  get starts(): number {
    return this.talk.starts;
  }

  /** Comes again when it is not there. */
  tick(): void {
    if (this.socket !== undefined || this.#isComing || this.house.run === undefined) return;
    this.#isComing = true;
    this.come()
      .then((socket) => {
        this.comings += 1;
        this.talk.forget();
        this.socket = socket;
        socket.on('error', () => {});
        socket.on('close', () => this.gone(socket));
        socket.on(
          'message',
          this.wrong.guarded((text) => this.socket === socket && this.take(JSON.parse(String(text)))),
        );
      })
      // The server went down just now.
      .catch(() => {})
      .finally(() => {
        this.#isComing = false;
      });
  }

  cut(): void {
    this.socket?.terminate();
    this.socket = undefined;
  }

  reads(isReading: boolean): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    if (isReading) this.socket.resume();
    else this.socket.pause();
  }

  private gone(socket: WebSocket): void {
    if (this.socket === socket) this.socket = undefined;
  }

  protected abstract come(): Promise<WebSocket>;
  protected abstract take(message: Message): void;
}

/** Follows `/api/events` and comes back behind the last position it has. */
export class StreamProgram extends SocketProgram {
  readonly rooms = new KnownRooms();
  protected readonly talk = new TalkPairs();
  position = 0;

  protected async come(): Promise<WebSocket> {
    const { run, first } = this.house;
    const url = `${run?.api.url.replace('http', 'ws')}/api/events?after=${this.position}`;
    return new WebSocket(url, { headers: { authorization: `Bearer ${first.access_key}` } });
  }

  protected take(message: Message): void {
    const { type, position, participant } = message;
    const talk = TALK[type];
    if (talk !== undefined) this.talk.take(talk, participant.id);
    if (talk === 'start' || talk === 'stop') return;
    if (type === 'error') assert.fail(JSON.stringify(message));
    if (type === 'goodbye' || type === 'live' || type === 'heartbeat') {
      // So far it is told, be something in it for this reader or not.
      this.position = Math.max(this.position, position ?? 0);
      return;
    }
    assert.ok(position > this.position, `${type} at ${position} comes after ${this.position}`);
    this.position = position;
    this.rooms.take(message);
  }
}

/** Follows Blackhole; whenever it comes (again) it subscribes, then looks who is in, then follows. */
export class HoleProgram extends SocketProgram {
  rooms = new KazooRooms();
  protected readonly talk = new TalkPairs({ mayStopMore: true });
  /** By conference, since the last coming and of all others before: names of events, in order. */
  readonly spans: Map<string, string[]>[] = [];
  readonly #conferences: readonly string[];
  /** What came before it had looked. */
  #early: Message[] | undefined;

  constructor(house: ReplayHouse, wrong: Wrong, conferences: readonly string[]) {
    super(house, wrong);
    this.#conferences = conferences;
  }

  /** It has looked, and follows. */
  get isIn(): boolean {
    return this.socket !== undefined && this.#early === undefined;
  }

  protected async come(): Promise<WebSocket> {
    const { run, first, account } = this.house;
    const answer = await fetch(`${run?.api.url}/v2/api_auth`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ data: { api_key: first.api_key } }),
    });
    const { auth_token: token } = (await answer.json()) as Message;
    this.#early = [];
    const socket = new WebSocket(`${run?.blackhole.url}/`);
    const wish = { account_id: account, binding: 'conference.event.*.*' };
    socket.on('open', () => socket.send(JSON.stringify({ action: 'subscribe', auth_token: token, data: wish })));
    return Object.assign(socket, { token });
  }

  protected take(message: Message): void {
    if (message.action === 'reply' && message.status === 'success') {
      this.spans.push(new Map());
      void this.#look(this.socket as WebSocket & { token: string });
    } else if (message.action === 'event') {
      this.#happened(message.data);
      if (this.#early === undefined) this.rooms.take(message.data);
      else this.#early.push(message.data);
    } else {
      // Its hour is over, perhaps before it was shown.
      assert.match(message.data?.errors?.[0] ?? '', /^(token expired$|failed to authenticate token )/, JSON.stringify(message));
      this.cut();
    }
  }

  #happened({ event, conference_id: conference, participant_id: number, msg_id: id }: Message): void {
    const talk = TALK[event];
    if (talk !== undefined) this.talk.take(talk, `${conference} ${number}`);
    if (talk === 'start' || talk === 'stop') return;
    const span = this.spans.at(-1) as Map<string, string[]>;
    span.set(conference, [...(span.get(conference) ?? []), id]);
  }

  async #look(socket: WebSocket & { token: string }): Promise<void> {
    const { house } = this;
    const of = (path: string) => house.get(`/v2/accounts/${house.account}/conferences/${path}`, { 'x-auth-token': socket.token });
    try {
      const fresh = new KazooRooms();
      for (const id of this.#conferences) {
        const people = await of(`${id}/participants`);
        const view = await of(id);
        fresh.show(id, view?.data._read_only.is_locked ?? false, people?.data ?? []);
      }
      if (this.socket !== socket) return;
      for (const each of this.#early ?? []) fresh.take(each);
      this.rooms = fresh;
      this.#early = undefined;
    } catch {
      // The server went down while it looked.
      this.cut();
    }
  }
}

/** Reads what the broker has, and drops doubles by `Msg-ID`. */
export class AmqpProgram {
  readonly rooms = new KazooRooms();
  readonly talk = new TalkPairs({ mayStopMore: true });
  /** By conference, each event but talk: its id, what it was and of whom. */
  readonly ids = new Map<string, string[]>();
  readonly words = new Map<string, string[]>();
  doubles = 0;
  readonly #seen = new Set<string>();
  readonly #house: ReplayHouse;

  constructor(house: ReplayHouse) {
    this.#house = house;
  }

  tick(): void {
    for (const { body } of this.#house.broker.published.splice(0)) this.#take(JSON.parse(String(body)));
  }

  #take(message: Message): void {
    const { Event: event, 'Conference-ID': conference, 'Participant-ID': number, 'Msg-ID': id } = message;
    if (this.#seen.has(id)) {
      this.doubles += 1;
      return;
    }
    this.#seen.add(id);
    const talk = TALK[event];
    if (talk !== undefined) this.talk.take(talk, `${conference} ${number}`);
    if (talk === 'start' || talk === 'stop') return;
    add(this.ids, conference, id);
    add(this.words, conference, `${event} ${number ?? ''}`.trim());
    this.rooms.take({
      event,
      conference_id: conference,
      participant_id: number,
      speak: message.Speak,
      hear: message.Hear,
    });
  }
}

/** An HTTP server that takes what it is told, or answers 500, or too late, or takes it and its answer is lost. */
export class HookProgram {
  readonly rooms = new KnownRooms();
  /** Until when it answers 500, epoch ms. */
  brokenUntil = 0;
  /** The share of messages whose answer comes too late although they were taken. */
  late = 0;
  refused = 0;
  doubles = 0;
  readonly #seen = new Map<string, string>();
  readonly #isOrdered: boolean;
  /** What came before its turn, where nobody has promised an order. */
  readonly #early = new Map<string, Map<number, Message>>();

  constructor(isOrdered: boolean) {
    this.#isOrdered = isOrdered;
  }

  get waiting(): number {
    return [...this.#early.values()].reduce((sum, each) => sum + each.size, 0);
  }

  /** Gives the answer; `now` in epoch ms, `dice` from 0 to 1. */
  answer(posting: Posting, now: number, dice: number): Posted {
    if (now < this.brokenUntil) {
      this.refused += 1;
      return { status: 500 };
    }
    const id = posting.headers['webhook-id'] ?? '';
    const hash = createHash('sha1').update(posting.body).digest('base64');
    const known = this.#seen.get(id);
    assert.equal(known ?? hash, hash, 'the same id carries the same body');
    this.#seen.set(id, hash);
    if (known === undefined) this.#take(JSON.parse(posting.body).data);
    else this.doubles += 1;
    return dice < this.late ? { failed: 'timeout' } : { status: 200 };
  }

  #take(data: Message): void {
    if (this.#isOrdered) this.rooms.take(data);
    else this.#takeAny(data);
  }

  #takeAny(data: Message): void {
    const { conference, sequence } = data;
    const early = this.#early.get(conference) ?? new Map<number, Message>();
    this.#early.set(conference, early.set(sequence, data));
    for (;;) {
      const next = (this.rooms.sequences.get(conference) ?? 0) + 1;
      const one = early.get(next);
      if (one === undefined) return;
      early.delete(next);
      this.rooms.take(one);
    }
  }
}

function add(to: Map<string, string[]>, key: string, value: string): void {
  const all = to.get(key);
  if (all === undefined) to.set(key, [value]);
  else all.push(value);
}
