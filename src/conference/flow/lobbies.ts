import type { AccountId } from '../../accounts/index.ts';
import { Failure, newId } from '../../base/index.ts';
import type { Actor, CommandName, ConferenceView, Execute, Input, Output } from '../commands.ts';
import type { Call } from '../conference.ts';
import type { CallId, ConferenceId } from '../ids.ts';
import type { Diary, Events, Place, Telephony } from '../ports.ts';
import { callNotFound } from '../refusals.ts';
import { callerOf } from '../room-set.ts';
import { CallBook } from './call-book.ts';
import { closeComings } from './coming.ts';
import { companionTakers, runBehind, watchTranscriptions } from './companion-takers.ts';
import { Companions } from './companions.ts';
import { Errands } from './errands.ts';
import { lobbyOf } from './lobby.ts';
import { lobbyView, programOf } from './lobby-view.ts';
import { type LobbyNeeds, OpenLobby } from './open-lobby.ts';
import type { PhoneCalls } from './phone-calls.ts';
import { route } from './route.ts';
import { callNotUp, type Diversion, Steering } from './steering.ts';
import type { Taker, Takers } from './taker.ts';

/**
 * The lobbies of all calls and the runs of their flows. Stands before the conferences: signalling and player give their commands here, and what is for a lobby
 * is done here (docs/decisions/0017). Nothing of it is stored: calls that a crash cut are ended from their records.
 */
export class Lobbies {
  readonly #needs: LobbyNeeds;
  readonly #lobbies = new Map<CallId, OpenLobby>();
  /** What is being noted. */
  readonly #notes = new Set<Promise<void>>();
  readonly #takers: Takers;

  readonly #book: CallBook;
  readonly #steering: Steering;
  readonly #companions: Companions;
  /** Runs of flows that have no call. */
  readonly errands: Errands;

  constructor(given: LobbyNeeds) {
    const tooLong = (call: CallId): void => this.#needs.telephony.hangUp(call, 'time-up');
    this.#book = new CallBook(given.clock, (call, before) => this.#steering.told(call, before), tooLong);
    const phones = () => this.#steering;
    this.errands = new Errands({ ...given, phones });
    const diary = given.diary && this.#kept(given.diary);
    const needs = { ...given, ...(diary && { diary }), telephony: this.#watched(given.telephony), phones, errands: this.errands };
    this.#needs = needs;
    this.#companions = new Companions(given, {
      recorded: (call, what) => this.#book.change(call, what),
      listened: (call, on) => this.#lobbies.get(call)?.listen(on),
      written: (account, transcription) => runBehind(this.errands, account, transcription),
    });
    this.#steering = new Steering({
      ...given,
      companions: this.#companions,
      telephony: needs.telephony,
      dialling: given.dialling,
      book: this.#book,
      lobbyOf: (account, id) => this.#of(account, id),
      await: ({ account, plan, target }, call) => {
        this.#lobbies.set(call.id, new OpenLobby({ account, call, plan, dialled: target }, needs));
      },
      divert: (wish) => this.#divert(wish),
      route: (account, dialled) => route({ dialled }, { account, kind: 'api' }, needs),
    });
    this.#takers = {
      'call.route': (input, actor) => route(input, actor, needs),
      'call.arrived': (input, actor) => this.#arrived(input, actor),
      'call.answered': (input, actor) => this.#answered(input, actor),
      // Whoever follows the calls hears it from the book.
      'call.ringing': () => done(),
      'call.held': (input, actor) => this.#held(input, actor),
      'call.silent': (input, actor) => this.#silent(input, actor),
      'call.digit': (input, actor) => this.#digit(input, actor),
      'call.ended': (input, actor) => this.#ended(input, actor),
      ...companionTakers({
        companions: this.#companions,
        errands: this.errands,
        knows: (account, call) => this.#book.find(account, call) !== undefined,
      }),
      'stream.open': (input, actor) => this.#programComes(input, actor),
      'stream.closed': ({ conference, call }, { account }) => this.#programGoes(account, conference, call),
      'play.ended': ({ conference, playing, reason }, { account }) => {
        const lobby = this.#at(account, conference);
        if (lobby === undefined) return undefined;
        lobby.playEnded(playing, reason);
        return done();
      },
    };
  }

  /** The door of the domain: lobbies and conferences. */
  readonly execute: Execute = <Name extends CommandName>(name: Name, input: Input<Name>, actor: Actor): Promise<Output<Name>> => {
    const take: Taker<Name> | undefined = this.#takers[name];
    this.#book.hears(name, input, actor.account);
    if (name === 'call.ended') this.#companionsLose((input as Input<'call.ended'>).call);
    const done = take?.(input, actor) ?? this.#needs.execute(name, input, actor);
    return name === 'call.arrived' ? this.#letIn(done, (input as Input<'call.arrived'>).call.id) : done;
  };

  /** Calls one by one, wherever they are. */
  get phoneCalls(): PhoneCalls {
    return this.#steering;
  }

  /** How many calls have a run. */
  get count(): number {
    return this.#lobbies.size;
  }

  /** The telephony that conferences are given: whoever is brought somewhere is followed by his run. */
  get telephony(): Telephony {
    const { telephony } = this.#needs;
    return {
      answer: (call) => telephony.answer(call),
      hangUp: (call, reason, status) => telephony.hangUp(call, reason, status),
      ring: (call) => telephony.ring(call),
      dial: (request) => telephony.dial(request),
      bring: (call, place) => this.#bring(call, place),
      transfer: (account, call, target) => this.#transfer({ account, call, target }),
      callIn: (account, order) => void this.#callIn(account, order),
    };
  }

  /** What conferences publish into: flows that were wished for when something ends are run then. */
  telling(events: Events): Events {
    const watch = watchTranscriptions(this.errands);
    return {
      publish: (facts) => {
        events.publish(facts);
        for (const each of facts) {
          watch(each);
          if (each.type === 'conference.deleted') this.#closed(each.account, each.conference);
        }
      },
      signal: (signal) => events.signal(signal),
    };
  }

  /** Ends every run; the calls are the signalling's affair. */
  close(): Promise<void> {
    for (const each of this.#lobbies.values()) each.over();
    this.#lobbies.clear();
    this.errands.close();
    this.#book.close();
    return this.#companions.settled().then(async () => void (await Promise.allSettled(this.#notes)));
  }

  /** A diary whose notes a close waits for. */
  #kept(diary: Diary): Diary {
    return {
      note: (of, what) => {
        const noted = diary.note(of, what);
        const settled = noted.then(
          () => void this.#notes.delete(settled),
          () => void this.#notes.delete(settled),
        );
        this.#notes.add(settled);
        return noted;
      },
    };
  }

  /** Whoever is still on his way into a conference that is over goes as those in it do (voipbin-facts §3.1). */
  #closed(account: AccountId, conference: ConferenceId): void {
    for (const each of this.#lobbies.values()) {
      if (each.account === account && each.isComingInto(conference)) this.#needs.telephony.hangUp(each.call.id, 'conference-deleted', 480);
    }
  }

  #companionsLose(call: CallId): void {
    this.#companions.over(call);
    this.#needs.programs?.over?.(call);
  }

  /** A program that is there for one call alone, in its lobby: it is no participant of anything. */
  #programComes(input: Input<'stream.open'>, { account }: Actor): Promise<Output<'stream.open'>> | undefined {
    const { conference, call: wished, only } = input;
    const lobby = this.#at(account, conference);
    if (lobby === undefined || only !== lobby.call.id) return undefined;
    const { chance, clock } = this.#needs;
    const call = wished ?? (newId(chance, clock.epoch()) as CallId);
    lobby.program(call, true);
    return Promise.resolve({ view: this.#look(account, conference, [lobby.call, programOf(call, input)]), call });
  }

  #programGoes(account: AccountId, place: ConferenceId, call: CallId): Promise<undefined> | undefined {
    const lobby = this.#at(account, place);
    lobby?.program(call, false);
    return lobby === undefined ? undefined : done();
  }

  /** By his own keys. */
  #transfer({ account, call, target }: { readonly account: AccountId; readonly call: CallId; readonly target: string }): void {
    this.#steering.transfer(account, call, target).catch(async (error: unknown) => {
      this.#needs.log.info('a caller is not transferred by his keys', { account, call, error: String(error) });
      await this.#steering.talk(account, call, NOWHERE).catch(() => {});
    });
  }

  /** Somebody is called into the conference, and it is said to the one whose keys asked for it where he cannot be reached. */
  async #callIn(account: AccountId, { conference, call, target }: Parameters<NonNullable<Telephony['callIn']>>[1]): Promise<void> {
    const { dialling, log } = this.#needs;
    const actor: Actor = { account, kind: 'call' };
    try {
      if (dialling?.dial === undefined) throw new Failure('unavailable', 'no_dialling', 'this server calls nobody');
      const { conference: known } = await this.#needs.execute('conference.read', { conference }, actor);
      const [outcome] = await dialling.dial({ account, conference, endpoints: [target], callerId: callerOf(known) });
      if (outcome?.refusal !== undefined) throw new Failure('unavailable', outcome.refusal.code, outcome.refusal.words);
    } catch (error) {
      log.info('nobody is called in by keys', { account, conference, call, error: String(error) });
      await this.#unreached(conference, call, actor).catch(() => {});
    }
  }

  async #unreached(conference: ConferenceId, call: CallId, actor: Actor): Promise<void> {
    const { conference: known } = await this.#needs.execute('conference.read', { conference }, actor);
    const one = known.room?.participants.find((each) => each.call.id === call);
    if (one === undefined) return;
    await this.#needs.execute('participants.tell', { conference, which: one.id, what: 'dial_failed' }, actor);
  }

  #bring(call: CallId, place: Place): void {
    this.#needs.telephony.bring(call, place);
    this.#companions.moved(call, place.conference);
    const lobby = this.#lobbies.get(call);
    lobby?.brought(place);
    this.#needs.programs?.moved?.(call, place.conference);
    if (lobby !== undefined) void this.#steering.moved(lobby.account, call);
  }

  /** The run that it had is over before it is brought here; whoever was called for it is let go. */
  async #divert({ account, call, plan, conference: inside, held }: Diversion): Promise<void> {
    const before = this.#of(account, call.id);
    const conference = inside ?? before?.conference;
    // It is on its way in: the conference knows nothing of it yet.
    if (conference === undefined && before === undefined) throw callNotUp();
    before?.over();
    const lobby = new OpenLobby({ account, call, plan, dialled: '' }, this.#needs);
    this.#lobbies.set(call.id, lobby);
    if (conference !== undefined) {
      try {
        await this.#needs.execute('call.divert', { conference, call: call.id }, { account, kind: 'api' });
      } catch (error) {
        lobby.over();
        this.#lobbies.delete(call.id);
        throw error;
      }
    }
    if (held) lobby.held(true);
    lobby.answered();
    lobby.begin();
  }

  /** What is kept out has never been a call. */
  async #letIn<T>(done: Promise<T>, call: CallId): Promise<T> {
    try {
      return await done;
    } catch (error) {
      this.#book.forget(call);
      throw error;
    }
  }

  /** The telephony of whoever is below: every call of ours is known, and every end that we want. */
  #watched(telephony: Telephony): Telephony {
    return {
      answer: (call) => telephony.answer(call),
      ring: (call) => telephony.ring(call),
      bring: (call, place) => telephony.bring(call, place),
      stage: (call, stage) => telephony.stage?.(call, stage),
      hangUp: (call, reason, status) => {
        this.#book.ending(call);
        telephony.hangUp(call, reason, status);
      },
      dial: (request) => {
        const { call, place } = request;
        const host = place === lobbyOf(call.id) ? undefined : this.#lobbies.get(place as string as CallId);
        if (place !== lobbyOf(call.id)) this.#book.dialled(request, host === undefined ? {} : { master: host.call.id });
        telephony.dial(request);
      },
    };
  }

  /** The run of this call of the account. */
  #of(account: AccountId, call: CallId): OpenLobby | undefined {
    const lobby = this.#lobbies.get(call);
    return lobby?.account === account ? lobby : undefined;
  }

  /** The lobby that a command is addressed to. */
  #at(account: AccountId, place: ConferenceId): OpenLobby | undefined {
    return this.#of(account, place as string as CallId);
  }

  /** A place that is no conference: the lobby of this call, or of the one for whom it was called. */
  #isLobby(account: AccountId, place: ConferenceId, call: CallId): boolean {
    return place === lobbyOf(call) || this.#at(account, place) !== undefined;
  }

  #arrived(
    { conference, call, flow, dialled = '', address, trunk }: Input<'call.arrived'>,
    { account }: Actor,
  ): Promise<undefined> | undefined {
    if (flow === undefined) return undefined;
    if (conference !== lobbyOf(call.id)) return Promise.reject(new Failure('invalid', 'bad_lobby', 'a flow runs in the lobby of its call'));
    if (this.#lobbies.has(call.id)) {
      const details = { id: call.id };
      return Promise.reject(new Failure('conflict', 'call_exists', 'this call is in its lobby already', { details }));
    }
    const from = { ...(address === undefined ? {} : { address }), ...(trunk === undefined ? {} : { trunk }) };
    const lobby = new OpenLobby({ account, call, plan: flow, dialled, ...from }, this.#needs);
    this.#lobbies.set(call.id, lobby);
    lobby.begin();
    return done();
  }

  #answered({ conference, call }: Input<'call.answered'>, { account }: Actor): Promise<ConferenceView> | undefined {
    const lobby = this.#at(account, conference);
    if (conference !== lobbyOf(call)) {
      if (lobby === undefined) return undefined;
      return lobby.peerAnswered(call) ? Promise.resolve(this.#look(account, conference)) : Promise.reject(callNotFound(call));
    }
    if (lobby === undefined) return Promise.reject(callNotFound(call));
    lobby.answered();
    // The flow of a call of ours begins when somebody is there.
    if (lobby.call.direction === 'outbound') lobby.begin();
    return Promise.resolve(this.#look(account, conference));
  }

  #held({ conference, call, held }: Input<'call.held'>, actor: Actor): Promise<undefined> | undefined {
    const lobby = this.#of(actor.account, call);
    lobby?.held(held);
    // Who was called for somebody holds as he likes: nobody mixes him with others.
    if (this.#at(actor.account, conference) !== undefined && conference !== lobbyOf(call)) return done();
    if (lobby === undefined || conference !== lobbyOf(call)) return undefined;
    // It was told on the way into the conference.
    return lobby.conference !== undefined ? this.#onward('call.held', { conference: lobby.conference, call, held }, actor) : done();
  }

  #silent({ conference, call, reason }: Input<'call.silent'>, { account }: Actor): Promise<undefined> | undefined {
    if (!this.#isLobby(account, conference, call)) return undefined;
    this.#needs.log.info('nothing is heard of a call in its lobby', { account, call, reason });
    return done();
  }

  #digit({ conference, call, digit }: Input<'call.digit'>, { account }: Actor): Promise<undefined> | undefined {
    this.#of(account, call)?.digit(digit);
    this.#companions.digit(call, digit);
    return this.#isLobby(account, conference, call) ? done() : undefined;
  }

  /** Whoever it is told: the run ends, and the conference that it was in, or on its way into, hears of it behind that it came. */
  #ended(input: Input<'call.ended'>, actor: Actor): Promise<undefined> | undefined {
    const host = this.#at(actor.account, input.conference);
    if (host !== undefined && host.call.id !== input.call) {
      host.peerEnded(input.call, input.refusal);
      return done();
    }
    const lobby = this.#of(actor.account, input.call);
    if (lobby === undefined) return input.conference === lobbyOf(input.call) ? this.#cut(input, actor) : undefined;
    const { conference } = lobby;
    lobby.over(input.reason);
    this.#steering.over(input.call);
    const told = conference === undefined ? done() : this.#needs.execute('call.ended', { ...input, conference }, actor);
    return told.then(() => {
      this.#lobbies.delete(input.call);
      return undefined;
    });
  }

  /** A crash has cut it: it does not come in any more wherever it was on its way. */
  async #cut({ call, reason }: Input<'call.ended'>, { account }: Actor): Promise<undefined> {
    await closeComings({ account, call, reason }, this.#needs);
    return undefined;
  }

  /** What a conference need not know any more is no failure. */
  #onward<Name extends 'call.held'>(name: Name, input: Input<Name>, actor: Actor): Promise<undefined> {
    return this.#needs.execute(name, input, actor).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      return undefined;
    });
  }

  #look(account: AccountId, id: ConferenceId, calls: readonly Call[] = []): ConferenceView {
    return lobbyView({ account, id, calls, at: this.#needs.clock.epoch() });
  }
}

/** Heard where a number leads nowhere (ITU-T E.180, congestion). */
const NOWHERE = 'tone_stream://v=-20;%(250,250,425);loops=3';

const done = (): Promise<undefined> => Promise.resolve(undefined);
