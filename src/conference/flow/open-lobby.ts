import type { AccountId } from '../../accounts/index.ts';
import { type Chance, type Clock, dashed, Failure, type Log, newId, Runner } from '../../base/index.ts';
import type { Actor, Execute } from '../commands.ts';
import type { Call } from '../conference.ts';
import type { Dialling } from '../dialling.ts';
import type { EntryDesk } from '../entry/desk.ts';
import type { Visitor } from '../entry/entry-plan.ts';
import type { CallId, ConferenceId, LegId } from '../ids.ts';
import type { PlayEnd, PlayingId, PlaySource } from '../playing.ts';
import type { Diary, Events, Media, Place, Player, Recorder, Scribe, Streams, Telephony } from '../ports.ts';
import type { LeaveReason, Refusal } from '../reasons.ts';
import { settingsOf } from '../settings.ts';
import type { Answer, Entrance, Question } from './act.ts';
import { Beside } from './beside.ts';
import { Coming, type Comings } from './coming.ts';
import type { Errands } from './errands.ts';
import { throughCallflow } from './from-callflow.ts';
import type { Line } from './line.ts';
import { lobbyOf } from './lobby.ts';
import { LobbySound } from './lobby-sound.ts';
import { Peers } from './peers.ts';
import { type PhoneCalls, type RunView, runOf, type SpokenText } from './phone-calls.ts';
import type { FlowPlan } from './plan.ts';
import type { ExternalMedia, Keys, Numbers, RecordingScribe, Web } from './ports.ts';
import { type Effect, type Input, newRun, runMachine, type State } from './run.machine.ts';
import { askWorld } from './world.ts';

/** What lobbies run on. */
export interface LobbyNeeds {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** Of the conferences. */
  readonly execute: Execute;
  readonly media: Media;
  /** Of the signalling. */
  readonly telephony: Telephony;
  readonly desk: EntryDesk;
  readonly player?: Player;
  readonly numbers?: Numbers;
  readonly web?: Web;
  readonly keys?: Keys;
  /** Absent: flows call nobody. */
  readonly dialling?: Pick<Dialling, 'resolve'> & Partial<Pick<Dialling, 'dial'>>;
  readonly line?: Line;
  /** Absent: flows call nobody who has a flow of his own, and do nothing beside. */
  readonly phones?: () => PhoneCalls;
  /** Absent: no servers of clients hear calls. */
  readonly external?: ExternalMedia;
  /** Programs that hear a call and speak to it go where it goes. */
  readonly programs?: Pick<Streams, 'moved' | 'over'>;
  readonly recorder?: Recorder;
  readonly scribe?: Scribe;
  /** Absent: recordings are not written down. */
  readonly written?: RecordingScribe;
  readonly diary?: Diary;
  /** Absent: who was on his way in when the server died stays so. */
  readonly comings?: Comings;
  readonly events?: Pick<Events, 'publish'>;
  /** Absent: nothing comes behind a flow that is over. */
  readonly errands?: Errands;
  /** Dialled by whoever wants to hear himself, where no conference has this number; absent: there is none. */
  readonly testNumber?: string;
}

/** A call that comes to its lobby. */
export interface Arriving {
  readonly account: AccountId;
  readonly call: Call;
  readonly plan: FlowPlan;
  /** The user part that was dialled. */
  readonly dialled: string;
  /** Where the signalling comes from, and over which trunk. */
  readonly address?: string;
  readonly trunk?: string;
}

/** The number of the music. */
const MUSIC = -1;

/** One call and the run of its flow, as long as the call lives: in its lobby, or in a conference out of which it may come back. */
export class OpenLobby {
  readonly account: AccountId;
  readonly call: Call;
  readonly #needs: LobbyNeeds;
  readonly #log: Log;
  readonly #runner: Runner<State, Input, Effect>;
  readonly #sound: LobbySound;
  readonly #peers: Peers;
  readonly #visitor: Visitor;
  readonly #flow: string | undefined;
  readonly #coming: Coming;
  readonly #beside: Beside;
  readonly #onComplete: string | undefined;
  /** Programs that are here. */
  #programs: readonly LegId[] = [];
  /** The conference that it is in, waits for, or is about to enter; undefined: it is in its lobby. */
  #conference: ConferenceId | undefined;
  #isIn = false;
  #isOver = false;

  constructor(arriving: Arriving, needs: LobbyNeeds) {
    const { account, plan, dialled, address, trunk } = arriving;
    const call = throughCallflow(arriving.call, plan);
    const { clock, chance, media, player } = needs;
    this.account = account;
    this.call = call;
    this.#flow = plan.flow;
    this.#onComplete = plan.onComplete;
    this.#needs = needs;
    this.#coming = new Coming(account, call.id, needs);
    this.#log = needs.log.with({ call: call.id });
    const { telephony, phones, external } = needs;
    this.#beside = new Beside({ account, call, log: this.#log, telephony, phones, external });
    const from = { ...(address === undefined ? {} : { address }), ...(trunk === undefined ? {} : { trunk }) };
    const { owner_id: owner } = call.channelVars;
    this.#visitor = { account, call: call.id, callerNumber: call.callerNumber, ...from, ...(owner === undefined ? {} : { owner }) };
    const fresh = (): string => newId(chance, clock.epoch());
    this.#sound = new LobbySound({
      account,
      call,
      media,
      player,
      log: this.#log,
      newId: fresh,
      epoch: () => clock.epoch(),
      ended: (play, reason) => this.#runner.feed({ type: 'played', play, reason }),
    });
    this.#peers = new Peers({
      account,
      call,
      dialled,
      clock,
      log: this.#log,
      telephony: needs.telephony,
      dialling: needs.dialling,
      newId: fresh,
      changed: () => this.#sound.with(this.#peers.legs),
      told: (connect, what) => this.#runner.feed({ type: 'connection', connect, what }),
    });
    const run = newRun(plan, call, { run: dashed(runOf(call.id)), dialled });
    this.#runner = new Runner(
      runMachine(() => clock.epoch()),
      run,
      clock,
      (effect) => this.#perform(effect),
    );
  }

  /** Where the call is for the domain: a conference that it takes part in or waits for, else its lobby. */
  get conference(): ConferenceId | undefined {
    return this.#conference;
  }

  /** It takes part there. */
  get isIn(): boolean {
    return this.#isIn;
  }

  /** How far its flow is. */
  get view(): RunView {
    const { state } = this.#runner;
    const current = state.at === 'acting' ? state.doing.action : state.at === 'answering' ? state.action : undefined;
    const { executed } = state;
    const joining = this.#coming.joining === undefined ? {} : { joining: this.#coming.joining };
    return {
      executed,
      ...joining,
      ...(this.#flow === undefined ? {} : { flow: this.#flow }),
      ...(current === undefined ? {} : { current }),
    };
  }

  /** Its flow is over, and with it the call. */
  stop(): void {
    this.#needs.telephony.hangUp(this.call.id, 'flow-ended', 480);
  }

  /** Says something to the call in its lobby, behind what plays; resolves when that is over, or the call is elsewhere or gone. */
  say(text: SpokenText | string): Promise<void> {
    return this.#sound.aside(text);
  }

  /** Music until it is taken away. */
  music(source: PlaySource | undefined): void {
    if (source === undefined) this.#sound.hush(MUSIC);
    else this.#sound.play({ play: MUSIC, sources: [source], loops: 0 });
  }

  quiet(quiet: { readonly muted: boolean; readonly deaf: boolean }): void {
    this.#sound.quiet(quiet);
  }

  begin(): void {
    this.#runner.feed({ type: 'begun' });
  }

  answered(): void {
    this.#sound.enter();
    this.#runner.feed({ type: 'answered' });
  }

  /** Somebody who was called for him has answered. False: nobody wants him any more. */
  peerAnswered(peer: CallId): boolean {
    return this.#peers.answered(peer);
  }

  peerEnded(peer: CallId, refusal: Refusal | undefined): void {
    this.#peers.ended(peer, refusal);
  }

  digit(digit: string): void {
    this.#runner.feed({ type: 'digit', digit });
  }

  held(held: boolean): void {
    this.#runner.feed({ type: 'held', held });
  }

  playEnded(id: PlayingId, reason: PlayEnd): void {
    this.#sound.playEnded(id, reason);
  }

  /** The conference has moved the call: into itself, or back to its lobby. */
  brought({ conference, reason }: Place): void {
    if (this.#isOver) return;
    if (conference !== lobbyOf(this.call.id)) {
      this.#sound.leave();
      this.#conference = conference;
      this.#coming.arrived();
      this.#isIn = true;
      this.#runner.feed({ type: 'joined' });
      return;
    }
    this.#conference = undefined;
    this.#isIn = false;
    // Who waited and is turned away is not on his way any more: what he is told now is not cut short by the end of the conference.
    this.#coming.ends(reason ?? 'kicked');
    this.#sound.enter();
    this.#runner.feed({ type: 'left', reason: reason ?? 'kicked' });
  }

  /** It is on its way into this conference, which does not know of it yet. */
  isComingInto(conference: ConferenceId): boolean {
    return this.#conference === undefined && this.#coming.joining?.conference === conference;
  }

  /** The call is gone. */
  over(reason: LeaveReason = 'flow-ended'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#coming.ends(reason);
    this.#runner.feed({ type: 'ended' });
    this.#runner.close();
    this.#peers.close();
    this.#beside.over();
    this.#sound.leave();
    this.#needs.desk.over(this.#visitor);
    this.#complete();
  }

  /** The flow that comes behind this one has no call any more, and knows what this one knew. */
  #complete(): void {
    const { account, call } = this;
    if (this.#onComplete === undefined) return;
    const { variables } = this.#runner.state;
    const behind = { run: runOf(call.id), count: 1 };
    void this.#needs.errands?.after({ account, flow: this.#onComplete, variables, reference: { type: 'call', id: call.id }, behind });
  }

  /** What the call says is wanted by whoever goes with it, or not any more. */
  listen(on: boolean): void {
    this.#sound.listen('companion', on);
  }

  /** A program hears the call here, and speaks to it; or does so no longer. */
  program(stream: CallId, here: boolean): void {
    const leg = stream as string as LegId;
    this.#programs = [...this.#programs.filter((each) => each !== leg), ...(here ? [leg] : [])];
    this.#sound.programs(this.#programs);
  }

  #perform(effect: Effect): void {
    const { telephony } = this.#needs;
    switch (effect.do) {
      case 'answer':
        telephony.answer(this.call.id);
        return;
      case 'hang-up':
        telephony.hangUp(this.call.id, effect.reason, effect.status);
        return;
      case 'ring':
        telephony.ring(this.call.id);
        return;
      case 'connect':
        this.#peers.connect(effect);
        return;
      case 'joining':
        this.#coming.begins(effect.conference);
        return;
      case 'stage':
        telephony.stage?.(this.call.id, effect.stage);
        return;
      case 'play':
        this.#sound.play(effect);
        return;
      case 'hush':
        this.#sound.hush(effect.play);
        return;
      case 'echo':
        this.#sound.echo(effect.on);
        return;
      case 'ask':
        void this.#ask(effect.ask, effect.question);
        return;
      case 'tell':
        void this.#answer(effect.question).catch((error: unknown) => this.#log.warn('a flow could not tell', { error: String(error) }));
        return;
      case 'enter':
        void this.#enter(effect.conference, effect.entrance);
        return;
      case 'note':
        this.#log.info('an action was skipped', { action: effect.action, type: effect.type, words: effect.words });
        return;
      default:
        this.#beside.perform(effect);
    }
  }

  async #ask(ask: number, question: Question): Promise<void> {
    try {
      const answer = await this.#answer(question);
      if (answer !== undefined) this.#runner.feed({ type: 'answer', ask, answer });
    } catch (error) {
      this.#runner.feed({ type: 'answer', ask, answer: { what: 'nothing', refusal: this.#refusalOf(error) } });
    }
  }

  async #answer(question: Question): Promise<Answer | undefined> {
    const { desk, execute, keys, line } = this.#needs;
    switch (question.what) {
      case 'reception':
        return { what: 'reception', ...(await desk.receive(this.#visitor, question.wish)) };
      case 'entry': {
        const isRecorded = question.effect.do === 'record-name';
        if (isRecorded) this.#sound.listen('name', true);
        const input = await desk.ask(this.#visitor, question.effect);
        if (isRecorded) this.#sound.listen('name', false);
        return input === undefined ? undefined : { what: 'entry', input };
      }
      case 'conference': {
        const { conference } = await execute('conference.read', { conference: question.conference }, this.#actor());
        return { what: 'conference', document: conference.document };
      }
      case 'flow':
      case 'web':
        return askWorld(this.account, question, this.#needs);
      case 'keys':
        await keys?.send(this.call.id, question.digits, question);
        return { what: 'keys' };
      case 'line': {
        if (line === undefined) throw new Failure('unavailable', 'no_line_test', 'this server does not listen to calls');
        return { what: 'line', heard: await line.listen(this.account, this.call, question.ms) };
      }
    }
  }

  /** Into a conference. That it is in is told by `brought`, before this resolves. */
  async #enter(conference: ConferenceId, { goesOn, ...entrance }: Entrance): Promise<void> {
    const { execute } = this.#needs;
    const { joining, noted } = this.#coming;
    if (noted !== undefined) await noted;
    if (this.#isOver) return;
    this.#conference = conference;
    const joiningAs = joining?.conference === conference ? { joiningAs: joining.id } : {};
    const call: Call = { ...this.call, ...joiningAs, ...(goesOn ? { flow: true } : {}) };
    const held = this.#runner.state.isHeld;
    try {
      const view = await execute('call.enter', { conference, call, ...entrance, ...(held ? { held } : {}) }, this.#actor());
      if (this.#isIn || this.#conference !== conference) return;
      const { music } = settingsOf(view.conference);
      this.#runner.feed({ type: 'waiting', ...(music === undefined ? {} : { music }) });
    } catch (error) {
      if (this.#conference === conference) this.#conference = undefined;
      this.#coming.ends('refused');
      this.#runner.feed({ type: 'refused', refusal: this.#refusalOf(error) });
    }
  }

  #refusalOf(error: unknown): Refusal {
    if (error instanceof Failure) return { code: error.code, words: error.message };
    this.#log.error('a flow could not go on as it should', { error });
    return { code: 'failed', words: 'an unexpected error' };
  }

  #actor(): Actor {
    return { account: this.account, kind: 'call' };
  }
}
