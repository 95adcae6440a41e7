import type { AccountId } from '../accounts/index.ts';
import { type Chance, type Clock, Failure, type Log } from '../base/index.ts';
import type { CallId, ConferenceId, EntryDesk, Execute, Fact, Participant } from '../conference/index.ts';
import { type KeptChat, type KeptChats, keyOf } from './kept-chats.ts';
import type { LineAccount } from './line-account.ts';
import type { LineAccounts } from './line-accounts.ts';
import type { LineApi } from './line-api.ts';
import { type LineEvent, lineEvents } from './line-events.ts';
import { Outbox } from './outbox.ts';
import { isSigned } from './signature.ts';
import type { Words } from './spoken-languages.ts';
import { actorOf, comeIn, goIn } from './way-in.ts';
import { endWords, readWish, saidBy, type Wish, wordsIn } from './words.ts';

/** What became of something that came in LINE's name. */
export type LineHeard = 'taken' | 'unknown' | 'unsigned' | 'nonsense';

/** What chats need. */
export interface LineChatsOptions {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly execute: Execute;
  readonly desk: Pick<EntryDesk, 'ask' | 'over'>;
  readonly accounts: LineAccounts;
  readonly api: LineApi;
  readonly kept: KeptChats;
}

/** A chat that follows a conference. */
interface Chat {
  readonly key: string;
  readonly account: AccountId;
  readonly conference: ConferenceId;
  readonly call: CallId;
  readonly outbox: Outbox;
  readonly words: Words;
}

/** Somebody wrote something in a chat of a channel. */
interface Heard {
  readonly key: string;
  readonly channel: LineAccount;
  readonly event: LineEvent;
}

/** Events that are remembered because LINE may tell them again; texts of one chat that wait; chats that follow; characters that are spoken in one go. */
const REMEMBERED = 5000;
const MOST_WAITING = 50;
const MOST_CHATS = 10_000;
const LONGEST = 1000;

const nameOf = (one: Participant | undefined): string => one?.call.callerName || one?.call.callerNumber || 'Somebody';
/** After these it goes on when the server is there again. */
const PAUSES: readonly string[] = ['restart', 'shutdown'];

const placeOf = (account: AccountId, conference: ConferenceId): string => `${account}/${conference}`;

/** Chats of LINE and the conferences that they follow. What is written is spoken there; who comes, goes and speaks is written to them. */
export class LineChats {
  readonly #options: LineChatsOptions;
  readonly #chats = new Map<string, Chat>();
  /** By conference. */
  readonly #followers = new Map<string, Set<Chat>>();
  readonly #seen = new Set<string>();
  /** Of each chat one thing after the other. */
  readonly #turns = new Map<string, { last: Promise<void>; waiting: number }>();

  constructor(options: LineChatsOptions) {
    this.#options = options;
  }

  /** How many chats follow a conference. */
  get size(): number {
    return this.#chats.size;
  }

  /** Takes what came for a channel, if LINE has signed it. Resolves at once: what is in it happens afterwards. */
  async hear(id: string, body: Uint8Array, signature: string): Promise<LineHeard> {
    const channel = await this.#options.accounts.whose(id);
    if (channel === undefined) return 'unknown';
    if (!isSigned(channel.secret, body, signature)) return 'unsigned';
    const events = lineEvents(body);
    if (events === undefined) return 'nonsense';
    for (const event of events) {
      if (this.#isKnown(event)) continue;
      const key = keyOf(channel.id, event.source);
      this.#inTurn(key, () => this.#obey({ key, channel, event }));
    }
    return 'taken';
  }

  /** A stored fact: tells the chats that follow its conference. */
  take(fact: Fact): void {
    const followers = this.#followers.get(placeOf(fact.account, fact.conference));
    if (followers === undefined) return;
    if (fact.type === 'participant.left') this.#gone(fact, [...followers]);
    for (const { call, outbox, words } of followers) if (call !== fact.about?.call.id) outbox.say(textOf(fact, words));
  }

  /** Chats that followed a conference when the server stopped follow it again; to those whose conference is not there any more it is over. */
  async resume(): Promise<void> {
    const { kept, log } = this.#options;
    for (const chat of await kept.all()) {
      await this.#again(chat).catch((error: unknown) => log.error('a LINE chat does not follow its conference again', { error }));
    }
  }

  close(): void {
    for (const { outbox } of this.#chats.values()) outbox.close();
  }

  #isKnown({ id }: LineEvent): boolean {
    if (id === '') return false;
    if (this.#seen.has(id)) return true;
    this.#seen.add(id);
    if (this.#seen.size > REMEMBERED) for (const oldest of this.#seen.values()) return !this.#seen.delete(oldest);
    return false;
  }

  /** Who writes faster than we can do it is not listened to meanwhile. */
  #inTurn(key: string, work: () => Promise<void>): void {
    const turn = this.#turns.get(key) ?? { last: Promise.resolve(), waiting: 0 };
    if (turn.waiting >= MOST_WAITING) return;
    turn.waiting += 1;
    this.#turns.set(key, turn);
    turn.last = turn.last
      .then(work)
      .catch((error: unknown) => this.#options.log.error('a LINE chat was not answered', { error }))
      .finally(() => {
        turn.waiting -= 1;
        if (turn.waiting === 0) this.#turns.delete(key);
      });
  }

  async #obey(heard: Heard): Promise<void> {
    const { what } = heard.event;
    const chat = this.#chats.get(heard.key);
    if (what.is === 'gone') return chat && this.#leave(chat);
    if (what.is === 'hello') return this.#answer(heard, (await this.#wordsFor(heard, chat)).help);
    if (what.is === 'other') return chat && this.#answer(heard, chat.words.onlyText);
    const answer = await this.#do(heard, chat, readWish(what.text));
    if (answer !== undefined) await this.#answer(heard, answer);
  }

  async #do(heard: Heard, chat: Chat | undefined, wish: Wish): Promise<string | undefined> {
    if (wish.is === 'help') return (await this.#wordsFor(heard, chat)).help;
    if (wish.is === 'join') return this.#join(heard, chat, wish);
    if (chat === undefined) return (await this.#wordsFor(heard, chat)).nowhere;
    if (wish.is === 'leave') {
      await this.#leave(chat);
      return undefined;
    }
    return wish.is === 'who' ? this.#who(chat) : this.#say(heard, chat, wish.text);
  }

  /** In the language of his LINE, where LINE tells it. */
  async #wordsFor({ channel, event }: Heard, chat: Chat | undefined): Promise<Words> {
    return chat?.words ?? wordsIn((await this.#options.api.profileOf(channel.token, event.source)).language);
  }

  async #join({ channel, event }: Heard, chat: Chat | undefined, { number, pin }: Wish & { is: 'join' }): Promise<string> {
    const { account, token } = channel;
    const { source } = event;
    const { name = 'LINE', language } = await this.#options.api.profileOf(token, source);
    const words = wordsIn(language);
    if (this.#chats.size >= MOST_CHATS) return words.notNow;
    if (chat !== undefined) await this.#leave(chat);
    const way = await comeIn({ account, number, pin, name, writer: source.user ?? source.id }, this.#options);
    if ('refused' in way) return words[way.refused];
    const { conference, role } = way;
    const kept = { account, channel: channel.id, source, conference, role, name, ...(language === undefined ? {} : { language }) };
    this.#follows(kept, channel, way.call);
    await this.#options.kept.keep(kept);
    return words.isIn(way.title);
  }

  #follows({ account, source, conference, language }: KeptChat, { id, token }: LineAccount, call: CallId): void {
    const outbox = new Outbox({ ...this.#options, token, to: source.id });
    const chat: Chat = { key: keyOf(id, source), account, conference, call, outbox, words: wordsIn(language) };
    this.#chats.set(chat.key, chat);
    const place = placeOf(account, conference);
    this.#followers.set(place, (this.#followers.get(place) ?? new Set()).add(chat));
  }

  /** One that followed a conference before goes on without a word, though the others be not there yet: telephones call anew after a restart. */
  async #again(chat: KeptChat): Promise<void> {
    const { execute, accounts, kept } = this.#options;
    const { account, source, language } = chat;
    const channel = await accounts.whose(chat.channel);
    if (channel?.account !== account) return kept.forget(account, keyOf(chat.channel, source));
    try {
      const { call } = await goIn({ ...chat, writer: source.user ?? source.id }, execute);
      this.#follows(chat, channel, call);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // It was deleted, or is locked.
      await kept.forget(account, keyOf(channel.id, source));
      new Outbox({ ...this.#options, token: channel.token, to: source.id }).say(wordsIn(language).over);
    }
  }

  async #leave({ account, conference, call }: Chat): Promise<void> {
    await this.#options.execute('stream.closed', { conference, call, reason: 'hung-up' }, actorOf(account));
  }

  async #who({ account, conference, call, words }: Chat): Promise<string> {
    const view = await this.#options.execute('conference.read', { conference }, actorOf(account));
    const names = (view.conference.room?.participants ?? []).filter((each) => each.call.id !== call).map(nameOf);
    return names.length === 0 ? words.nobodyElse : names.join(', ');
  }

  async #say({ channel, event }: Heard, chat: Chat, text: string): Promise<string | undefined> {
    const { account, conference, words } = chat;
    if (text === '') return words.onlyText;
    if (text.length > LONGEST) return words.tooLong;
    const { execute, api } = this.#options;
    const { conference: now } = await execute('conference.read', { conference }, actorOf(account));
    const people = now.room?.participants ?? [];
    const own = people.find((each) => each.call.id === chat.call);
    const name = event.source.type === 'user' ? nameOf(own) : ((await api.nameOf(channel.token, event.source)) ?? nameOf(own));
    const line = saidBy(name, text);
    const others = this.#followers.get(placeOf(account, conference)) ?? [];
    for (const other of others) if (other !== chat) other.outbox.say(line);
    // Whom a moderator has muted is not spoken for.
    if (own === undefined || own.muted.length > 0 || people.every((each) => each.call.stream !== undefined)) return words.unheard;
    try {
      await execute('play.start', { conference, sources: [{ say: line }] }, actorOf(account));
      return undefined;
    } catch (error) {
      if (error instanceof Failure) return words.notNow;
      throw error;
    }
  }

  /** By the token of what was written, else as any other text. */
  async #answer({ channel, event, key }: Heard, text: string): Promise<void> {
    const { api } = this.#options;
    const { replyToken, source } = event;
    if (replyToken !== undefined && (await api.reply(channel.token, replyToken, [text])) === 'done') return;
    const outbox = this.#chats.get(key)?.outbox ?? new Outbox({ ...this.#options, token: channel.token, to: source.id });
    outbox.say(text);
  }

  /** A chat that left, or was sent out, follows no more; chats alone keep no room open. */
  #gone(fact: Fact & { readonly type: 'participant.left' }, followers: readonly Chat[]): void {
    const { account, conference, reason, about } = fact;
    const chat = followers.find(({ call }) => call === about?.call.id);
    if (chat === undefined) {
      this.#inTurn(placeOf(account, conference), () => this.#clear(followers));
      return;
    }
    if (this.#chats.get(chat.key) === chat) this.#chats.delete(chat.key);
    const place = placeOf(account, conference);
    const left = followers.filter((each) => each !== chat);
    if (left.length === 0) this.#followers.delete(place);
    else this.#followers.set(place, new Set(left));
    if (PAUSES.includes(reason)) return;
    chat.outbox.say(endWords(reason, chat.words));
    if (!this.#chats.has(chat.key)) void this.#options.kept.forget(account, chat.key);
  }

  async #clear(followers: readonly Chat[]): Promise<void> {
    const [one] = followers;
    if (one === undefined) return;
    const { account, conference } = one;
    const { execute } = this.#options;
    const found = await execute('conference.read', { conference, deleted: true }, actorOf(account)).catch(() => undefined);
    const room = found?.conference.room;
    if (room === undefined || room.arrivals.length > 0 || room.participants.some((each) => each.call.chat === undefined)) return;
    for (const { call } of followers) await execute('stream.closed', { conference, call, reason: 'flow-ended' }, actorOf(account));
  }
}

/** What a fact says to those who follow; empty: nothing. */
function textOf(fact: Fact, words: Words): string {
  const { about } = fact;
  const isSilent = about?.call.stream !== undefined && about.call.chat === undefined;
  if (isSilent || (about?.ghost === true && about.call.chat === undefined)) return '';
  if (fact.type === 'participant.joined') return words.hasJoined(nameOf(fact.participant));
  if (fact.type === 'participant.left') return words.hasLeft(nameOf(about));
  return fact.type === 'transcript.created' ? saidBy(nameOf(about), fact.text) : '';
}
