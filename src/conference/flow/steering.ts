import type { AccountId } from '../../accounts/index.ts';
import { type Chance, type Clock, Failure, newId, undashed } from '../../base/index.ts';
import type { Actor, Destination, Execute } from '../commands.ts';
import type { Call, ConferenceId, Participant } from '../conference.ts';
import { type Dialling, outboundCall } from '../dialling.ts';
import type { CallId } from '../ids.ts';
import type { PlayingId, PlaySource } from '../playing.ts';
import type { Telephony } from '../ports.ts';
import { callNotFound, noTranscriber } from '../refusals.ts';
import type { Transcription, TranscriptionId } from '../transcription.ts';
import type { CallBook, CallTold } from './call-book.ts';
import type { Accompanied, CallRecordingWish, CallTranscribingWish, Companions } from './companions.ts';
import { lobbyOf } from './lobby.ts';
import type { OpenLobby } from './open-lobby.ts';
import { interactionOf } from './peers.ts';
import type { CallWish, MuteDirection, PhoneCall, PhoneCalls, Said, SpokenText } from './phone-calls.ts';
import type { FlowPlan } from './plan.ts';
import type { RecordingScribe } from './ports.ts';
import { entering } from './route.ts';
import { callerVariables } from './variables.ts';

/** What steering calls needs. */
export interface SteeringNeeds {
  readonly book: CallBook;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly execute: Execute;
  readonly telephony: Telephony;
  readonly dialling: Pick<Dialling, 'resolve'> | undefined;
  /** The lobby of a live call; undefined: it came without one. */
  lobbyOf(account: AccountId, id: CallId): OpenLobby | undefined;
  /** Makes the lobby in which a call of ours is awaited. */
  await(wish: CallWish, call: Call): void;
  /** Gives a call that is up another run. */
  divert(wish: Diversion): Promise<void>;
  readonly companions: Companions;
  /** Absent: recordings are not written down. */
  readonly written?: RecordingScribe;
  /** What a number means in the account. */
  route(account: AccountId, dialled: string): Promise<Destination>;
}

/** A call that is to be elsewhere. */
export interface Diversion {
  readonly account: AccountId;
  readonly call: Call;
  readonly plan: FlowPlan;
  /** Where it takes part now. */
  readonly conference?: ConferenceId;
  /** Its telephone holds the line. */
  readonly held: boolean;
}

/** How it was silenced, and by what. */
interface Silenced {
  readonly in: boolean;
  readonly out: boolean;
  readonly hold: boolean;
  readonly silence: boolean;
}

const HEARD: Silenced = { in: false, out: false, hold: false, silence: false };
/** What is heard on hold where the conference has nothing else: two soft notes, again and again. */
const MUSIC: PlaySource = 'tone_stream://v=-24;%(2000,1000,440,554);%(2000,3000,392,494)';
/** Most live calls of an account that flows made: a flow that calls itself comes to an end. */
const MOST_CHAINED = 100;
/** How long a call rings, seconds, as VoIPBIN has it. */
const RINGS = 60;

/** Steers calls one by one, in their lobby and in conferences alike. */
export class Steering implements PhoneCalls {
  readonly #needs: SteeringNeeds;
  readonly #silenced = new Map<CallId, Silenced>();
  readonly #followers = new Set<{ readonly account: AccountId | undefined; readonly take: CallTold }>();
  /** Music that plays in a conference. */
  readonly #music = new Map<CallId, { readonly conference: ConferenceId; readonly playing: PlayingId }>();

  constructor(needs: SteeringNeeds) {
    this.#needs = needs;
  }

  list(account: AccountId): readonly PhoneCall[] {
    return this.#needs.book.list(account).map((each) => this.#withRun(each));
  }

  find(account: AccountId, id: CallId): PhoneCall | undefined {
    const found = this.#needs.book.find(account, id);
    return found && this.#withRun(found);
  }

  placeOf(account: AccountId, id: CallId): ConferenceId | undefined {
    return this.#needs.lobbyOf(account, id)?.conference;
  }

  follow(account: AccountId | undefined, take: CallTold): () => void {
    const follower = { account, take };
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }

  /** From the book. Whoever follows breaks nothing here. */
  told(call: PhoneCall, before: PhoneCall | undefined): void {
    if (this.#followers.size === 0) return;
    const whole = this.#withRun(call);
    for (const { account, take } of this.#followers) if (account === undefined || account === call.account) take(whole, before);
  }

  async make(wish: CallWish): Promise<PhoneCall> {
    const { account, target, source, timeoutSeconds = RINGS, master } = wish;
    const { dialling, chance, clock, telephony, book } = this.#needs;
    if (dialling === undefined) throw new Failure('unavailable', 'no_dialling', 'this server calls nobody');
    const resolved = await dialling.resolve(account, target, { ...(source === undefined ? {} : { callerId: source }), timeoutSeconds });
    if ('refusal' in resolved) throw new Failure('invalid', resolved.refusal.code, resolved.refusal.words);
    // From here to the call nothing is awaited, so that no two count each other out.
    if (master !== undefined && book.chained(account) >= MOST_CHAINED) {
      throw new Failure('limit', 'too_many_chained', `flows of an account have at most ${MOST_CHAINED} calls at once`);
    }
    const id = wish.id ?? (newId(chance, clock.epoch()) as CallId);
    const call = outboundCall(id, {
      callerName: resolved.name,
      callerNumber: resolved.target.dialled,
      channelVars: {
        ...resolved.vars,
        ...(wish.plan.flow === undefined ? {} : { flow_id: undashed(wish.plan.flow) }),
        ...(master === undefined ? {} : interactionOf(this.find(account, master)?.call ?? { id: master, channelVars: {} })),
      },
    });
    const variables = { ...wish.plan.variables, ...callerVariables(source ?? {}, master) };
    this.#needs.await({ ...wish, plan: { ...wish.plan, variables } }, call);
    const request = { account, place: lobbyOf(id), call, target: resolved.target };
    const made = book.dialled(request, {
      ...(master === undefined ? {} : { master }),
      ...(wish.plan.hook === undefined ? {} : { hook: wish.plan.hook }),
    });
    telephony.dial(request);
    return this.#withRun(made);
  }

  hangUp(account: AccountId, id: CallId): PhoneCall {
    this.#needs.book.live(account, id);
    this.#needs.telephony.hangUp(id, 'kicked', 603);
    return this.find(account, id) ?? this.#needs.book.live(account, id);
  }

  mute(account: AccountId, id: CallId, { direction, on }: { readonly direction: MuteDirection; readonly on: boolean }): Promise<void> {
    return this.#silence(account, id, { ...(direction === 'out' ? {} : { in: on }), ...(direction === 'in' ? {} : { out: on }) });
  }

  hold(account: AccountId, id: CallId, on: boolean): Promise<void> {
    return this.#silence(account, id, { hold: on });
  }

  silence(account: AccountId, id: CallId, on: boolean): Promise<void> {
    return this.#silence(account, id, { silence: on });
  }

  async music(account: AccountId, id: CallId, on: boolean): Promise<void> {
    const { book, execute, lobbyOf: find } = this.#needs;
    book.live(account, id);
    const actor = actorOf(account);
    const playing = this.#music.get(id);
    this.#music.delete(id);
    find(account, id)?.music(undefined);
    if (playing !== undefined) {
      // Whoever has left hears it no longer anyway.
      await execute('play.stop', { conference: playing.conference, which: playing.playing }, actor).catch(ifRefused);
    }
    if (!on) return;
    const inside = await this.#inside(account, id);
    if (inside === undefined) {
      this.#lobby(account, id).music(MUSIC);
      return;
    }
    const { conference, participant } = inside;
    const started = await execute('play.start', { conference, sources: [MUSIC], to: participant.id, loops: 0, duck: 1 }, actor);
    this.#music.set(id, { conference, playing: started.playing });
  }

  async talk(account: AccountId, id: CallId, text: SpokenText | string): Promise<Said> {
    const { book, execute } = this.#needs;
    book.live(account, id);
    const inside = await this.#inside(account, id);
    if (inside === undefined) return { ended: this.#lobby(account, id).say(text) };
    const { conference, participant } = inside;
    await execute('play.start', { conference, sources: [text], to: participant.id }, actorOf(account));
    return {};
  }

  async record(account: AccountId, id: CallId, wish: CallRecordingWish): Promise<PhoneCall> {
    await this.#needs.companions.record(await this.accompanied(account, id), wish);
    return this.#now(account, id);
  }

  stopRecording(account: AccountId, id: CallId): PhoneCall {
    const live = this.#now(account, id);
    this.#needs.companions.stopRecording(id);
    return this.find(account, id) ?? live;
  }

  async transcribe(account: AccountId, id: CallId, wish: CallTranscribingWish): Promise<Transcription> {
    return this.#needs.companions.transcribe(await this.accompanied(account, id), wish);
  }

  async stopTranscribing(account: AccountId, id: CallId, transcription?: TranscriptionId): Promise<void> {
    this.#now(account, id);
    await this.#needs.companions.stopTranscribing(id, transcription);
  }

  async transcribeRecordings(account: AccountId, id: CallId, wish: CallTranscribingWish): Promise<void> {
    const { recordings = [] } = this.#now(account, id);
    const { written } = this.#needs;
    if (written === undefined) throw noTranscriber();
    // One that is written down already keeps no other from it.
    const asked = await Promise.allSettled(recordings.map((recording) => written.transcribe(account, recording, wish)));
    for (const each of asked) if (each.status === 'rejected') throw each.reason;
  }

  async whereIs(account: AccountId, id: CallId): Promise<ConferenceId> {
    return (await this.accompanied(account, id)).place;
  }

  /** A call that is up, as whoever goes with it knows it. */
  async accompanied(account: AccountId, id: CallId): Promise<Accompanied> {
    const { book } = this.#needs;
    const inside = await this.#inside(account, id);
    const { call, status } = book.live(account, id);
    if (status !== 'progressing') throw callNotUp();
    return { account, call, place: inside?.conference ?? lobbyOf(id) };
  }

  #now(account: AccountId, id: CallId): PhoneCall {
    return this.find(account, id) ?? this.#needs.book.live(account, id);
  }

  async divert(account: AccountId, id: CallId, plan: FlowPlan): Promise<void> {
    const { call, status } = this.#needs.book.live(account, id);
    if (status !== 'progressing') throw callNotUp();
    const inside = await this.#inside(account, id);
    await this.#needs.divert({
      account,
      call,
      plan,
      ...(inside === undefined ? {} : { conference: inside.conference }),
      held: inside?.participant.muted.includes('hold') ?? false,
    });
  }

  async transfer(account: AccountId, id: CallId, target: string): Promise<void> {
    await this.divert(account, id, await this.#wayTo(account, target));
  }

  /** What happens to who dials this: a flow, a conference, or somebody who is called for him. */
  async #wayTo(account: AccountId, target: string): Promise<FlowPlan> {
    const found = await this.#needs.route(account, target).catch(ifRefused);
    if (found?.flow !== undefined) return found.flow;
    if (found !== undefined) return entering({ conference: found.conference, ...(found.role === undefined ? {} : { role: found.role }) });
    const resolved = await this.#needs.dialling?.resolve(account, target);
    if (resolved === undefined) throw new Failure('not-found', 'number_not_found', 'nothing answers under this number');
    if ('refusal' in resolved) throw new Failure('not-found', 'number_not_found', resolved.refusal.words);
    return { actions: [{ id: 'transfer', type: 'connect', option: { destinations: [target], ends_when_answered: true } }] };
  }

  /** It has come into a conference, or back: what silences it goes with it. */
  async moved(account: AccountId, id: CallId): Promise<void> {
    if (this.#silenced.has(id)) await this.#apply(account, id, this.#silenced.get(id) ?? HEARD).catch(ifRefused);
  }

  /** The call is gone. */
  over(id: CallId): void {
    this.#silenced.delete(id);
    this.#music.delete(id);
  }

  async #silence(account: AccountId, id: CallId, change: Partial<Silenced>): Promise<void> {
    const { book } = this.#needs;
    book.live(account, id);
    const next = { ...(this.#silenced.get(id) ?? HEARD), ...change };
    this.#silenced.set(id, next);
    await this.#apply(account, id, next);
    book.change(id, { muted: next.in ? (next.out ? 'both' : 'in') : next.out ? 'out' : '' });
  }

  async #apply(account: AccountId, id: CallId, { in: unheard, out, hold, silence }: Silenced): Promise<void> {
    const muted = unheard || hold;
    const deaf = out || hold || silence;
    this.#needs.lobbyOf(account, id)?.quiet({ muted, deaf });
    const inside = await this.#inside(account, id);
    if (inside === undefined) return;
    const { conference, participant } = inside;
    const which = participant.id;
    await this.#needs.execute('participants.mute', { conference, which, muted }, actorOf(account));
    await this.#needs.execute('participants.deafen', { conference, which, deaf }, actorOf(account));
  }

  /** Who the call is in a conference; undefined: it is in its lobby. */
  async #inside(account: AccountId, id: CallId): Promise<{ conference: ConferenceId; participant: Participant } | undefined> {
    for (const { conference } of await this.#needs.execute('conference.running', {}, actorOf(account))) {
      const participant = conference.room?.participants.find(({ call }) => call.id === id);
      if (participant !== undefined) return { conference: conference.id, participant };
    }
    return undefined;
  }

  #lobby(account: AccountId, id: CallId): OpenLobby {
    const lobby = this.#needs.lobbyOf(account, id);
    if (lobby === undefined) throw callNotFound(id);
    return lobby;
  }

  #withRun(call: PhoneCall): PhoneCall {
    const run = this.#needs.lobbyOf(call.account, call.id)?.view;
    return run === undefined ? call : { ...call, run };
  }
}

export const callNotUp = (): Failure => new Failure('conflict', 'call_not_up', 'only with a call that is up this can be done');

const actorOf = (account: AccountId): Actor => ({ account, kind: 'api' });

const ifRefused = (error: unknown): undefined => {
  if (!(error instanceof Failure)) throw error;
  return undefined;
};
