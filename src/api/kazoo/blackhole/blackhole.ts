import type { AccountId, Accounts } from '../../../accounts/index.ts';
import { type Alarm, type Chance, type Clock, type Closable, Failure, type JsonObject, type Log } from '../../../base/index.ts';
import type { Bus, Following, Item } from '../../../bus/index.ts';
import { type ConferenceId, type Execute, type Fact, guarded, type LiveSound, type Signal } from '../../../conference/index.ts';
import { Enabled } from '../../enabled.ts';
import type { AcceptedSocket, SecureOptions, SocketPeer, SocketRequest, Sockets, TokenKey } from '../../options.ts';
import { Rate } from '../../rate.ts';
import { openTokens, type Person } from '../../tokens.ts';
import { Backgrounds } from '../backgrounds.ts';
import { type Background, eventName, eventOf } from '../events.ts';
import { Doors } from './doors.ts';
import { commandFrame, eventFrame, type Frame } from './frames.ts';
import { CLOSES, Session, type SessionCounts, type SessionLimits, type Talk, type World } from './session.ts';
import { type Topic, Topics } from './topics.ts';

/** How often sessions are looked at, ms: a token's end is noticed so late at most. */
const LOOK = 1000;
/** Every so many looks it is asked whether people may still come in. */
const ASK = 5;

/** How loud people are and who has the floor right now: `Conferences.liveOf`. */
export type LiveOf = (account: AccountId, conference: ConferenceId) => LiveSound;

/** What Blackhole needs. */
export interface BlackholeOptions {
  readonly address: string;
  /** 0 means any free one; absent: only TLS. */
  readonly port?: number;
  /** Absent: no TLS. */
  readonly secure?: SecureOptions;
  readonly follow: Bus['follow'];
  readonly liveOf: LiveOf;
  readonly execute: Execute;
  readonly accounts: Accounts;
  readonly tokenKey: TokenKey;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** This node's name. */
  readonly node: string;
  /** KAZOO's names of the events that go out (rulings "events"). Absent: all. */
  readonly events?: readonly string[];
  /** Addresses and networks (CIDR) whose X-Forwarded headers are believed. Default none. */
  readonly trustedProxies?: readonly string[];
  /** Open sockets of one address. Default 1000. */
  readonly maxPerAddress?: number;
  /** Default: 100 bindings, talk until 256 kB wait, an end at 1 MB, 1 h of idleness. */
  readonly limits?: Partial<SessionLimits>;
}

/** A command that came to a conference, for those who are bound to `conference.command.…`. */
export interface ToldCommand {
  readonly account: AccountId;
  readonly conference: ConferenceId;
  /** The routing key it came with. */
  readonly key: string;
  /** In snake_case. */
  readonly message: JsonObject;
}

/** For the metrics. */
export interface BlackholeCounts extends Readonly<SessionCounts> {
  readonly sessions: number;
  readonly bindings: number;
}

/** KAZOO's websocket for events, on a port of its own (kazoo-facts §9). */
export interface Blackhole extends Closable {
  /** `ws://host:port` as it really listens; undefined when only TLS does. */
  readonly url: string | undefined;
  /** `wss://host:port`; undefined without TLS. */
  readonly secureUrl: string | undefined;
  /** The sessions of people of this account. */
  readonly sessions: Sockets;
  tell(command: ToldCommand): void;
  counts(): BlackholeCounts;
}

/** Opens the websocket; resolves when it listens and follows. */
export async function openBlackhole(options: BlackholeOptions): Promise<Blackhole> {
  const tokens = await openTokens(options);
  const hall = new Hall({ ...options, tokens });
  try {
    await hall.open();
    return hall;
  } catch (error) {
    await hall.close();
    throw error;
  }
}

const limits: SessionLimits = { bindings: 100, talkBytes: 262_144, mostBytes: 1_048_576, idleMs: 3_600_000 };

/** All sessions, and what happens on its way to them. */
class Hall implements Blackhole {
  readonly #options: BlackholeOptions;
  readonly #world: World;
  readonly #execute: Execute;
  readonly #doors: Doors;
  readonly #backgrounds: Backgrounds;
  readonly #enabled: Enabled;
  readonly #sessions = new Set<Session>();
  /** What waits until its background is known, in order. */
  readonly #waiting: (Fact | Signal)[] = [];
  #following: Following | undefined;
  #alarm: Alarm | undefined;
  #looks = 0;
  #isAsking = false;
  #emptied: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: BlackholeOptions & Pick<World, 'tokens'>) {
    const { clock, chance, log, accounts, tokens } = options;
    this.#options = options;
    this.#execute = guarded(options.execute);
    this.#world = {
      clock,
      chance,
      log,
      accounts,
      tokens,
      frames: new Rate(clock),
      attempts: new Rate(clock),
      topics: new Topics(),
      mayFollow: (person, account, conference) => this.#mayFollow(person, account, conference),
      limits: { ...limits, ...options.limits },
      counts: { delivered: 0, dropped: 0, tooSlow: 0, refused: 0, unauthorized: 0 },
      gone: (session) => this.#forget(session),
    };
    this.#backgrounds = new Backgrounds(options);
    this.#enabled = new Enabled(accounts, clock);
    this.#doors = new Doors({ ...options, take: (socket, peer, request) => this.#welcome(socket, peer, request) });
  }

  get url(): string | undefined {
    return this.#doors.url;
  }

  get secureUrl(): string | undefined {
    return this.#doors.secureUrl;
  }

  async open(): Promise<void> {
    this.#following = await this.#options.follow({ take: (item) => this.#take(item) });
    await this.#doors.listen();
  }

  readonly sessions: Sockets = (account) => {
    const own = [...this.#sessions].filter(({ person }) => person?.account === account);
    return own.map(({ id, openedAt, topics, peer }) => ({
      id,
      openedAt,
      bindings: topics.map(({ binding }) => binding.text),
      destination: new URL((peer.secure ? this.secureUrl : this.url) ?? this.url ?? this.secureUrl ?? 'ws://unknown').host,
      source: `${peer.address}:${peer.port}`,
    }));
  };

  tell({ account, conference, key, message }: ToldCommand): void {
    this.#spread({ kind: 'command', account, conference, call: undefined }, commandFrame(key, message), undefined);
  }

  counts(): BlackholeCounts {
    return { ...this.#world.counts, sessions: this.#sessions.size, bindings: this.#world.topics.size };
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    this.#following?.close();
    this.#alarm?.cancel();
    const doors = this.#doors.close();
    const emptied = new Promise<void>((resolve) => {
      this.#emptied = resolve;
    });
    for (const session of this.#sessions) session.end(CLOSES.stopping, 'the server is stopping');
    if (this.#sessions.size > 0) await emptied;
    await doors;
  }

  #welcome(socket: AcceptedSocket, peer: SocketPeer, request: SocketRequest): void {
    const session = new Session(this.#world, { socket, peer, request });
    this.#sessions.add(session);
    if (this.#closing !== undefined) session.end(CLOSES.stopping, 'the server is stopping');
    this.#alarm ??= this.#nextLook();
  }

  #forget(session: Session): void {
    this.#sessions.delete(session);
    if (this.#sessions.size > 0) return;
    this.#alarm?.cancel();
    this.#alarm = undefined;
    this.#emptied?.();
  }

  #nextLook(): Alarm {
    const { clock } = this.#options;
    return clock.wake(clock.now() + LOOK, () => {
      this.#alarm = this.#nextLook();
      this.#looks += 1;
      for (const session of this.#sessions) session.look(clock.now(), clock.epoch());
      if (this.#looks % ASK === 0 && !this.#isAsking) void this.#ask();
    });
  }

  /** Whoever was disabled is out; whoever may not act on an account any more hears nothing of it. */
  async #ask(): Promise<void> {
    const { accounts, log } = this.#options;
    this.#isAsking = true;
    const known = new Map<string, Promise<boolean>>();
    const mayActOn = (who: AccountId, on: AccountId): Promise<boolean> => {
      const answer = known.get(`${who} ${on}`) ?? accounts.mayActOn(who, on);
      known.set(`${who} ${on}`, answer);
      return answer;
    };
    try {
      for (const session of [...this.#sessions]) {
        const { person } = session;
        if (person === undefined) continue;
        if (!(await this.#enabled.has(person))) session.endUnauthorized('user is disabled');
        else await session.keepOnly(async (topic) => (await mayActOn(person.account, topic.account)) && this.#stillSees(person, topic));
      }
    } catch (error) {
      log.error('it could not be asked whether people may still follow', { error });
    } finally {
      this.#isAsking = false;
    }
  }

  #stillSees(person: Person, { account, binding }: Topic<Session>): Promise<boolean> {
    return this.#mayFollow(person, account, binding.conference);
  }

  /** Who is no admin hears of what he owns or moderates, one by one. */
  async #mayFollow({ account: own, user }: Person, account: AccountId, conference: ConferenceId | '*'): Promise<boolean> {
    if (user === undefined || (await this.#options.accounts.isAdmin(own, user))) return true;
    if (conference === '*') return false;
    try {
      await this.#execute('conference.read', { conference, deleted: true }, { account, kind: 'api', user });
      return true;
    } catch (error) {
      if (error instanceof Failure) return false;
      throw error;
    }
  }

  #take(item: Item): void {
    const happened = item.kind === 'fact' ? item.entry.fact : item.signal;
    if (!('conference' in happened)) return;
    if (item.kind === 'fact') this.#backgrounds.notice(happened as Fact);
    const name = eventName(happened);
    const { events } = this.#options;
    if (name === undefined || events?.includes(name) === false || !this.#world.topics.has(happened.account)) return;
    const background = this.#backgrounds.known(happened.account, happened.conference);
    if (this.#waiting.length === 0 && background !== undefined) this.#event(happened, background);
    else if (this.#waiting.push(happened) === 1) void this.#catchUp();
  }

  async #catchUp(): Promise<void> {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      try {
        this.#event(next, await this.#backgrounds.of(next.account, next.conference));
      } catch (error) {
        this.#options.log.error('an event could not be told over websockets', {
          account: next.account,
          conference: next.conference,
          error,
        });
      }
      this.#waiting.shift();
    }
  }

  #event(happened: Fact | Signal, background: Background): void {
    const { account, conference, type, about } = happened;
    const event = eventOf(happened, background, this.#options.liveOf(account, conference));
    if (event === undefined) return;
    const isTalk = type === 'participant.started-talking' || type === 'participant.stopped-talking';
    const talk = isTalk && about !== undefined ? { starts: type === 'participant.started-talking', who: about.id } : undefined;
    this.#spread({ kind: 'event', account, conference, call: event.call }, () => eventFrame(event), talk);
  }

  #spread(address: Parameters<Topics<Session>['of']>[0], written: Frame | (() => Frame), talk: Talk | undefined): void {
    const topics = this.#world.topics.of(address);
    if (topics.length === 0) return;
    const frame = typeof written === 'function' ? written() : written;
    for (const topic of topics) {
      const bytes = frame.for(topic);
      for (const [session, missed] of [...topic.listeners]) session.deliver(bytes, missed, talk);
    }
  }
}
