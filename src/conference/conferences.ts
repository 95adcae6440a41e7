import type { AccountId } from '../accounts/index.ts';
import { type Chance, type Clock, dashed, Failure, type Log, newId, undashed } from '../base/index.ts';
import { Alarms } from './alarms.ts';
import { announced } from './announcing/announcing.ts';
import type { Actor, CommandName, ConferenceView, Destination, Execute, Input, Level, Output } from './commands.ts';
import type { Conference, ConferenceId, LegId, Participant } from './conference.ts';
import { deadline } from './deadline.ts';
import type { Defaults } from './defaults.ts';
import type { DialRequest } from './dialling.ts';
import { carryOut, type Effect, once, placeOf } from './effects.ts';
import { lobbyOf } from './flow/lobby.ts';
import { hearingPlan } from './hearing-plan.ts';
import { factsPage, pastState, traces } from './history.ts';
import { Keypads } from './keypad/keypads.ts';
import { listed } from './listing.ts';
import { type Interim, LiveLevels, type LiveSound } from './live-levels.ts';
import type { LiveSpeech } from './live-speech.ts';
import type { Events, Media, Player, Recorder, Scribe, Store, Streams, Telephony } from './ports.ts';
import { Queues } from './queues.ts';
import { acceptGone, conferenceNotFound } from './refusals.ts';
import { opened } from './rules/ad-hoc.ts';
import { connectFollows } from './rules/connect.ts';
import { create, type Past } from './rules/document.ts';
import { follow } from './rules/follow.ts';
import { leave } from './rules/leaving.ts';
import type { Change, Context, Rule, RuledCommand } from './rules/rule.ts';
import { answers, rules } from './rules/table.ts';
import { calls, waiters } from './rules/which.ts';
import { domainOf, roleOfNumber, settings } from './settings.ts';
import type { Signal } from './signals.ts';
import { stamped } from './stamp.ts';

/** What the domain runs on. */
export interface ConferencesOptions {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly store: Store;
  readonly events: Events;
  readonly media: Media;
  readonly telephony: Telephony;
  /** Whatever of these is absent is refused with unavailable/no_recorder, no_player, no_transcriber, no_streams. */
  readonly recorder?: Recorder;
  readonly player?: Player;
  readonly scribe?: Scribe;
  readonly streams?: Streams;
  /** What an account and the server configure for conferences; the same object as long as it is the same. Absent: nothing is configured. */
  readonly defaults?: (account: AccountId) => Promise<Defaults>;
  /** The owner's token for every save. Default 1. */
  readonly fence?: number;
}

type Doors = { readonly [Name in CommandName]: (input: Input<Name>, actor: Actor) => Promise<Output<Name>> };

/** What tells of something that may outlive its conference. */
const OUTLIVING: ReadonlySet<RuledCommand> = new Set<RuledCommand>([
  'conference.time',
  'call.ended',
  'keypad.act',
  'recording.gapped',
  'recording.ended',
  'play.ended',
  'transcription.ended',
  'transcript.add',
  'stream.closed',
]);

const dialRequest = ({ account, id: place, document }: Conference, { call, target }: Extract<Effect, { do: 'dial' }>): DialRequest => {
  const { interval } = settings(document);
  return { account, place, call, target, ...(interval === undefined ? {} : { interval }) };
};

/** What follows from a change, and what is then said of it. */
function consequences(before: Conference | undefined, change: Change, context: Context): Change {
  const followed = follow(before, change, context);
  return before === undefined ? followed : announced(before, followed, context);
}

/** Runs commands: one at a time per conference, decide → save → act → publish. */
export class Conferences {
  readonly #options: ConferencesOptions;
  readonly #queues = new Queues();
  readonly #running = new Set<Promise<unknown>>();
  readonly #levels: LiveLevels;
  readonly #keypads: Keypads;
  readonly #alarms: Alarms;
  readonly #doors: Doors;
  readonly #lacks: Context['lacks'];
  #closing: Promise<void> | undefined;

  constructor(options: ConferencesOptions) {
    this.#options = options;
    this.#lacks = new Set((['recorder', 'player', 'scribe', 'streams'] as const).filter((each) => options[each] === undefined));
    this.#levels = new LiveLevels({ clock: options.clock, signal: (signal) => this.#signal(signal) });
    this.#alarms = new Alarms({ clock: options.clock, ring: (account, conference) => this.#time(account, conference) });
    this.#keypads = new Keypads({ clock: options.clock, media: options.media, execute: (...of) => this.execute(...of) });
    this.#doors = {
      ...this.#allRuled(),
      'conference.create': (input, actor) => this.#create(input, actor),
      'conference.read': async ({ conference, deleted }, actor) => this.#look(await this.#load(actor.account, conference, deleted)),
      'conference.list': async (cut, { account }) => (await listed(options.store, account, cut)).map((each) => this.#look(each)),
      'conference.running': (_, actor) => this.#runningOf(actor.account),
      'conference.facts': ({ conference: id, after, limit }, { account }) =>
        factsPage({ store: options.store, account, id }, { after, limit }),
      'conference.state': ({ conference: id, moment }, { account }) => pastState({ store: options.store, account, id }, moment),
      'call.route': (input, actor) => this.#route(input, actor),
      'call.arrived': this.#opening('call.arrived'),
      'call.dial': this.#opening('call.dial'),
      'call.enter': this.#opening('call.enter'),
      'conference.configured': (input, actor) => this.#configured(input, actor),
      'call.digit': (input, actor) => this.#digit(input, actor).catch(acceptGone),
      'play.start': (input, actor) => this.#play(input, actor),
      'transcription.start': (input, actor) => this.#transcribe(input, actor),
    };
  }

  /** The door of the domain. Resolves once the change is stored. */
  readonly execute: Execute = (name, input, actor) => this.#track(() => this.#doors[name](input, actor));

  /** How many commands wait or run in the queues. */
  get queueDepth(): number {
    return this.#queues.depth;
  }

  /** Notes how loud somebody is; shown in views, stored nowhere. Legs of nobody are ignored. */
  setLevel(leg: LegId, level: Level): void {
    this.#levels.hear(leg, level);
  }

  /** Somebody seems to be saying this; told to those who follow, stored nowhere. Who is gone, or not heard, says nothing. */
  interim(leg: LegId, words: Interim): void {
    this.#levels.interim(leg, words);
  }

  /** Somebody whose words are written down says something, until `off`; told to those who follow, in pairs. */
  readonly speech = (): Pick<LiveSpeech, 'on' | 'off'> => this.#levels.speech;

  /** Who speaks through a leg or stream right now. Asks no store. */
  whoIs(leg: LegId): Participant | undefined {
    return this.#levels.whoIs(leg);
  }

  /** How loud people are and who has the floor right now. Costs nothing; asks no store. */
  liveOf(account: AccountId, conference: ConferenceId): LiveSound {
    return this.#levels.sound(account, conference);
  }

  /** Closes every room that a crash left open: its people have left with reason `restart`. Call it once, before any call is let in. */
  recover(): Promise<void> {
    return this.#track(async () => {
      const running = await this.#options.store.running();
      await Promise.all(running.map(({ account, id }) => this.#queues.run(`${account}/${id}`, () => this.#closeRoom(account, id))));
      for (const { account, id, at } of await this.#options.store.timed()) this.#alarms.set(account, id, at);
    });
  }

  /** Refuses what comes later with unavailable/closed; resolves when everything accepted has ended. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= Promise.allSettled([...this.#running]).then(() => {
      this.#keypads.close();
      this.#levels.close();
    });
    this.#alarms.close();
    return this.#closing;
  }

  #track<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(new Failure('unavailable', 'closed', 'the server is stopping'));
    const promise = work();
    this.#running.add(promise);
    const done = (): void => void this.#running.delete(promise);
    promise.then(done, done);
    return promise;
  }

  /** The doors of all commands that one existing conference decides. */
  #allRuled(): Pick<Doors, RuledCommand> {
    const names = Object.keys(rules) as RuledCommand[];
    const doors = names.map((name) => {
      const door = this.#ruled(name) as (input: unknown, actor: Actor) => Promise<unknown>;
      return [name, OUTLIVING.has(name) ? (input: unknown, actor: Actor) => door(input, actor).catch(acceptGone) : door];
    });
    return Object.fromEntries(doors) as Pick<Doors, RuledCommand>;
  }

  #ruled<Name extends RuledCommand>(name: Name): (input: Input<Name>, actor: Actor) => Promise<Output<Name>> {
    return (input, actor) =>
      this.#queues.run(`${actor.account}/${input.conference}`, async () => {
        const before = await this.#load(actor.account, input.conference);
        const context = this.#context(actor);
        const stored = await this.#keep(before, consequences(before, rules[name](before, input, context), context), context.epoch);
        return answers[name](this.#look(stored));
      });
  }

  /** As `#ruled`, but where there is no conference one is opened that ends with its room (`rulings.md` "Rooms", ad-hoc). */
  #opening<Name extends 'call.arrived' | 'call.dial' | 'call.enter'>(
    name: Name,
  ): (input: Input<Name>, actor: Actor) => Promise<Output<Name>> {
    const rule: Rule<Name> = rules[name];
    return async (input, actor) => {
      const { conference: id, adHoc } = input;
      if (adHoc === undefined) return this.#ruled(name)(input, actor);
      return this.#queues.run(`${actor.account}/${id}`, async () => {
        const known = await this.#options.store.load(actor.account, id);
        const context = this.#context(actor);
        const defaults = await this.#defaultsOf(actor.account);
        const before = known === undefined || known.deletedAt !== undefined ? undefined : { ...known, ...defaults };
        const change =
          before === undefined
            ? opened(await this.#past(id, actor.account), { rule, input, context, defaults })
            : rule(before, input, context);
        const stored = await this.#keep(before, consequences(before, change, context), context.epoch);
        return answers[name](this.#look(stored));
      });
    };
  }

  /** What is known of an id under which nothing is now. */
  async #past(id: ConferenceId, account: AccountId): Promise<Past> {
    const { store } = this.#options;
    const conference = await store.load(account, id);
    return { id, conference, ...(conference === undefined ? { traces: await traces({ store, account, id }) } : {}) };
  }

  /** The time of something has come. */
  async #time(account: AccountId, conference: ConferenceId): Promise<void> {
    try {
      await this.execute('conference.time', { conference }, { account, kind: 'system' });
    } catch (error) {
      if (this.#closing === undefined)
        this.#options.log.warn('what was due could not be done; it is tried again', { account, conference, error });
      throw error;
    }
  }

  /** A key means something by the room as it is right then; what it does takes its turn behind whatever waits. */
  async #digit({ conference: id, ...key }: Input<'call.digit'>, { account }: Actor): Promise<undefined> {
    const press = async () => this.#keypads.press(await this.#load(account, id), key);
    const { done } = await this.#queues.run(`${account}/${id}`, press);
    await done;
  }

  /** A room that another server of the same database has open is that one's: here nothing is mixed and played for it. What opens it here comes first. */
  async #configured(input: Input<'conference.configured'>, actor: Actor): Promise<undefined> {
    const { account } = actor;
    await this.#queues.run(`${account}/${input.conference}`, async () => {});
    if (this.#levels.isOpen(account, input.conference)) await this.#ruled('conference.configured')(input, actor);
  }

  async #runningOf(account: AccountId): Promise<readonly ConferenceView[]> {
    const running = await this.#options.store.running();
    return running.filter((each) => each.account === account).map((each) => this.#look(each));
  }

  #create({ id: wished, document }: Input<'conference.create'>, actor: Actor): Promise<ConferenceView> {
    const id = wished ?? (this.#context(actor).newId() as ConferenceId);
    return this.#queues.run(`${actor.account}/${id}`, async () => {
      // An id of our own was never used.
      const past = wished === undefined ? { id, conference: undefined } : await this.#past(id, actor.account);
      const context = this.#context(actor);
      return this.#look(await this.#keep(undefined, create(past, document, context), context.epoch));
    });
  }

  /** Whether it can be played is asked outside, so before it is this conference's turn. */
  async #play(input: Input<'play.start'>, actor: Actor): Promise<Output<'play.start'>> {
    await this.#load(actor.account, input.conference);
    await this.#options.player?.check(actor.account, input.sources);
    return this.#ruled('play.start')(input, actor);
  }

  async #transcribe(input: Input<'transcription.start'>, actor: Actor): Promise<ConferenceView> {
    await this.#load(actor.account, input.conference);
    const language = await this.#options.scribe?.check(actor.account, input.language);
    return this.#ruled('transcription.start')({ ...input, ...(language === undefined ? {} : { language }) }, actor);
  }

  async #route({ dialled, domain, only }: Input<'call.route'>, { account }: Actor): Promise<Destination> {
    const { store } = this.#options;
    // Numbers of conferences are digits; trunks bring E.164 with +.
    const number = dialled.replace(/^\+(?=\d)/, '');
    const byNumber = await store.findByNumber(account, number);
    const id = byNumber ?? (undashed(dialled) as ConferenceId);
    const conference = await store.load(account, id);
    const isMeant = only !== true || domainOf(conference?.document ?? {}) === domain;
    if (conference === undefined || conference.deletedAt !== undefined || !isMeant) {
      throw new Failure('not-found', 'number_not_found', 'nothing answers under this number');
    }
    const { interval } = settings(conference.document);
    const role = byNumber === undefined ? undefined : roleOfNumber(conference.document, number);
    return { conference: id, role, ...(interval === undefined ? {} : { interval }) };
  }

  async #closeRoom(account: AccountId, id: ConferenceId): Promise<void> {
    const conference = await this.#options.store.load(account, id);
    if (conference === undefined) return;
    const gone = [...calls(conference), ...waiters(conference).map((each) => each.call)].map((each) => each.id);
    // Neither engine nor telephony remember the room: there is nothing to act on.
    const epoch = this.#options.clock.epoch();
    const change: Change = { ...connectFollows(conference, leave(conference, gone, 'restart'), { epoch }), effects: [] };
    await this.#keep(conference, change, epoch);
  }

  async #load(account: AccountId, id: ConferenceId, deleted = false): Promise<Conference> {
    const conference = await this.#options.store.load(account, id);
    if (conference === undefined || (conference.deletedAt !== undefined && !deleted)) throw conferenceNotFound(id);
    return { ...conference, ...(await this.#defaultsOf(account)) };
  }

  /** What account and server configure, as a part of a conference. */
  async #defaultsOf(account: AccountId): Promise<Pick<Conference, 'defaults'>> {
    const defaults = await this.#options.defaults?.(account);
    return defaults === undefined ? {} : { defaults };
  }

  /** Numbers the facts, stores them with the state in one step, and only then lets anything happen. */
  async #keep(before: Conference | undefined, change: Change, at: number): Promise<Conference> {
    const { next, forget } = change;
    if (next === before && change.facts.length === 0) return next;
    const { store, fence = 1 } = this.#options;
    // What is stored may be read at once, so that whoever stops being heard stops talking before.
    const spare = this.#levels.hush(before, next);
    const facts = stamped(this.#levels.tally(before, change.facts), { at, before, next });
    const stored = { ...next, sequence: next.sequence + facts.length };
    const { defaults: _, ...kept } = stored;
    try {
      if (forget) await store.remove(stored.account, stored.id, facts, fence);
      else await store.save(kept, facts, fence);
    } catch (error) {
      spare();
      throw error;
    }
    this.#levels.follow(before, stored);
    this.#alarms.set(stored.account, stored.id, forget ? undefined : deadline(stored));
    for (const effect of once(change.effects)) this.#carefully(stored, () => this.#act(stored, effect));
    if (facts.length > 0) this.#carefully(stored, () => this.#options.events.publish(facts));
    this.#levels.heard(stored);
    return stored;
  }

  #act(conference: Conference, effect: Effect): void {
    const { media, telephony, streams } = this.#options;
    switch (effect.do) {
      case 'rehear':
        media.hear(conference.account, conference.id, hearingPlan(conference));
        break;
      case 'answer':
        telephony.answer(effect.call);
        break;
      case 'bring':
        telephony.bring(effect.call, placeOf(effect));
        break;
      case 'dial':
        telephony.dial(dialRequest(conference, effect));
        break;
      case 'hang-up':
        telephony.hangUp(effect.call, effect.reason);
        break;
      case 'transfer':
        telephony.transfer?.(conference.account, effect.call, effect.target);
        break;
      case 'call-in':
        telephony.callIn?.(conference.account, { conference: conference.id, call: effect.call, target: effect.target });
        break;
      case 'turn-away':
        telephony.bring(effect.call, { conference: lobbyOf(effect.call), reason: effect.reason });
        break;
      case 'close-stream':
        streams?.letGo(effect.call, effect.reason);
        break;
      default:
        carryOut(effect, { account: conference.account, conference: conference.id, instance: effect.instance }, this.#options);
    }
  }

  /** What is stored has happened: a bug outside must neither undo it nor keep the rest from being done. */
  #carefully({ account, id }: Pick<Conference, 'account' | 'id'>, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.log.error('a stored change could not be carried out', { account, conference: id, error });
    }
  }

  #signal(signal: Signal): void {
    this.#carefully({ account: signal.account, id: signal.conference }, () => this.#options.events.signal(signal));
  }

  #look(conference: Conference): ConferenceView {
    return { conference, at: this.#options.clock.epoch(), ...this.#levels.look(conference) };
  }

  #context(actor: Actor): Context {
    const epoch = this.#options.clock.epoch();
    const fresh = (): string => newId(this.#options.chance, epoch);
    return { epoch, actor, lacks: this.#lacks, newId: fresh, newUuid: () => dashed(fresh()) };
  }
}
