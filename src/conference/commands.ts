import type { AccountId, UserId } from '../accounts/index.ts';
import type { JsonObject } from '../base/index.ts';
import type { OwnTones } from './announcing/own-tones.ts';
import type { RecordingEnd } from './archive.ts';
import type { Call, CallId, Conference, ConferenceId, ConsentBy, LegId, Role, RoomSet, StreamDirection } from './conference.ts';
import type { DialFlags } from './dial-flags.ts';
import type { DialTarget } from './dialling.ts';
import type { Guest } from './entry/entry-plan.ts';
import type { EntryHappening, Fact } from './facts.ts';
import type { FlowPlan } from './flow/plan.ts';
import type { KeypadAction } from './keypad/actions.ts';
import type { PlayEnd, PlayingId, PlaySource } from './playing.ts';
import type { ConferenceCut } from './ports.ts';
import type { LeaveReason, Refusal } from './reasons.ts';
import type { RecordingId, RecordingOutcome } from './recording.ts';
import type { Moment, StateThen } from './state-at.ts';
import type { TranscriptionEnd, TranscriptionId, Utterance } from './transcription.ts';

/** What a call was meant for, as the signalling names it: a conference that it enters at once, or a flow that it runs in its lobby. */
export type Destination = AtOnce | InLobby;

/** Nothing is asked and nothing is said before. */
export interface AtOnce {
  readonly conference: ConferenceId;
  /** Known when the dialled number belongs to one role alone; undefined: a PIN decides, or `member` where there is none. */
  readonly role: Role | undefined;
  /** ms per packet that the conference wants on its legs; undefined: whatever the far end likes. */
  readonly interval?: number;
  /** Who brings it in has asked for everything already: neither PIN nor waiting room keeps it out. */
  readonly vouched?: true;
  readonly flow?: undefined;
}

/** The call comes into its lobby (`lobbyOf`), where this happens to it. */
export interface InLobby {
  readonly flow: FlowPlan;
  /** Where it will most likely go, for the records; absent: nobody knows yet. */
  readonly conference?: ConferenceId;
  readonly interval?: number;
}

/** How loud a leg is right now. Not stored. */
export interface Level {
  readonly talking: boolean;
  /** Mean absolute sample value of the last frames, 0 … 32767, as KAZOO's `current_energy`. */
  readonly energy: number;
}

/** A conference as it stands, with what is live in it. */
export interface ConferenceView {
  readonly conference: Conference;
  /** Epoch ms of this look. */
  readonly at: number;
  readonly levels: ReadonlyMap<LegId, Level>;
  /** Who has the floor; undefined: nobody, or nobody has talked yet. */
  readonly floor: LegId | undefined;
}

/** One participant by small number or id, or everybody a bulk act means. */
export type Which = number | string | 'all' | 'all-but-moderators';

/** A part of what is kept of a conference's past. */
export interface FactsPage {
  /** In order of number. */
  readonly facts: readonly Fact[];
  /** Facts up to this number are kept no longer; 0: all are kept. */
  readonly forgottenTo: number;
  /** There are newer ones than those of this page. */
  readonly more: boolean;
}

/** Everything anybody can ask of a conference. HTTP, SIP, flows, the CLI and other nodes all come through here. */
export interface Commands {
  'conference.create': { input: { id?: ConferenceId; document: JsonObject }; output: ConferenceView };
  /** `revision`: refuse with conflict/revision_changed unless the stored one is this. */
  'conference.replace': { input: { conference: ConferenceId; document: JsonObject; revision?: number }; output: ConferenceView };
  /** Live people are removed. `keep`: soft delete. The output is the conference as it was, with `deletedAt`. */
  'conference.delete': { input: { conference: ConferenceId; keep: boolean }; output: ConferenceView };
  /** `deleted`: also one that was deleted softly. */
  'conference.read': { input: { conference: ConferenceId; deleted?: true }; output: ConferenceView };
  /** The conferences of the actor's account that are not deleted: all of them, highest id first, or a part of them. */
  'conference.list': { input: ConferenceCut; output: readonly ConferenceView[] };
  /** Every conference of the actor's account that has a room. */
  'conference.running': { input: Record<never, never>; output: readonly ConferenceView[] };
  /**
   * Kept facts with a number above `after`, or from the first one kept; also of a conference that was deleted. Refuses with not-found/facts_forgotten
   * when some in between are kept no longer.
   */
  'conference.facts': { input: { conference: ConferenceId; after?: number; limit: number }; output: FactsPage };
  /** How a conference was, out of its facts; also one that was deleted. Refuses with not-found/facts_forgotten when they do not tell. */
  'conference.state': { input: { conference: ConferenceId; moment: Moment }; output: StateThen };
  'conference.lock': { input: { conference: ConferenceId; locked: boolean }; output: ConferenceView };
  /** Mutes all members and those who will come, or lifts that (reason `room`); moderators are spared. */
  'conference.mute': { input: { conference: ConferenceId; muted: boolean }; output: ConferenceView };
  /** Whether those who are alone or wait hear music in this run; a room that is closed has none to switch off (conflict/nobody_there). */
  'conference.moh': { input: { conference: ConferenceId; on: boolean }; output: ConferenceView };
  /**
   * For this run of the room alone: how many may be in from now on (nobody who is in has to go), who is said to call those whom it calls in. 0 and '': as the
   * document has it again; absent: as before. Refuses with conflict/nobody_there, invalid/bad_room_setting.
   */
  'conference.set': { input: { conference: ConferenceId } & RoomSet; output: ConferenceView };
  /** Lets it end later, by whole seconds 1 … 604800; what has no end is refused with conflict/no_end_set. */
  'conference.extend': { input: { conference: ConferenceId; seconds: number }; output: ConferenceView };
  /** From whoever runs the commands: `deadline(conference)` has come. What is not due does not happen. */
  'conference.time': { input: { conference: ConferenceId }; output: undefined };
  /** From whoever keeps configurations: what the account or the server configures for conferences has changed. Those who are in hear it at once. */
  'conference.configured': { input: { conference: ConferenceId }; output: undefined };
  /**
   * `by`: whose act it is. `self`: a participant's own, by his keys; it mutes for the reason `self`, and lifts `self` and, unless the document's `self_unmute` is
   * false, `moderator` and `room`. Default `moderator`: mutes for that reason, lifts all three. Nobody lifts `hold`.
   */
  'participants.mute': {
    input: { conference: ConferenceId; which: Which; muted: boolean; by?: 'self' | 'moderator' };
    output: ConferenceView;
  };
  /** Gives them another role; who has it keeps it. */
  'participants.promote': { input: { conference: ConferenceId; which: Which; role: Role }; output: ConferenceView };
  /** Lets somebody in who waits, by his call; `next`: the one who has waited longest, and nobody waits: nothing happens. Refuses with not-found/nobody_waits_so, limit/conference_full. */
  'waiting.admit': { input: { conference: ConferenceId; which: CallId | 'next' | 'all' }; output: ConferenceView };
  /** Turns him away. */
  'waiting.deny': { input: { conference: ConferenceId; which: CallId | 'next' | 'all' }; output: ConferenceView };
  'participants.deafen': { input: { conference: ConferenceId; which: Which; deaf: boolean }; output: ConferenceView };
  /**
   * How loud somebody is heard (`gainIn`) and hears (`gainOut`), 0.01 … 10; a part left out stays. Refuses others with invalid/gain_out_of_range. `stepIn`,
   * `stepOut`: so many of KAZOO's levels louder or quieter than the level nearest to what it is, within -4 … 4. `energyLevel`: how loud he must be to be
   * heard, 0 … 1800 (invalid/energy_out_of_range), null: as the room has it; `stepEnergy`: so many times 200 more or less, within these.
   */
  'participants.adjust': {
    input: {
      conference: ConferenceId;
      which: Which;
      gainIn?: number;
      gainOut?: number;
      stepIn?: number;
      stepOut?: number;
      energyLevel?: number | null;
      stepEnergy?: number;
    };
    output: ConferenceView;
  };
  /** Raises or lowers hands: who has his up wants to speak. */
  'participants.hand': { input: { conference: ConferenceId; which: Which; raised: boolean }; output: ConferenceView };
  /**
   * Takes the floor, so that he has it whoever talks, or gives it back; who has it not gives nothing back. Somebody else has taken it: refused with
   * conflict/floor_taken, unless `force` (a moderator's, or a program's).
   */
  'participants.floor': {
    input: { conference: ConferenceId; which: number | string; taken: boolean; force?: boolean };
    output: ConferenceView;
  };
  /** Whether one agrees to be in the recording that is under way. Refuses with conflict/no_consent_asked where none asks for it. `by`: default `api`. */
  'participants.consent': {
    input: { conference: ConferenceId; which: number | string; agreed: boolean; by?: ConsentBy };
    output: ConferenceView;
  };
  /** Tells them, and nobody else, how many others there are, or their names too, or that nobody could be reached. Changes nothing. Refuses with unavailable/no_player. */
  'participants.tell': {
    input: { conference: ConferenceId; which: Which; what: 'count' | 'roll_call' | 'dial_failed' };
    output: ConferenceView;
  };
  /** `which` is heard by `whom` alone, and is in no recording; null: by all again. Refuses absent ones, and oneself, with not-found/participant_not_found. */
  'participants.coach': {
    input: { conference: ConferenceId; which: number | string; whom: number | string | null };
    output: ConferenceView;
  };
  'participants.kick': { input: { conference: ConferenceId; which: Which }; output: ConferenceView };
  /** `rulings.md` "relate". Refuses absent participants with not-found/participant_not_found, details {id}. */
  'participants.relate': {
    input: { conference: ConferenceId; participant: Which; other: Which; relationship: 'mute' | 'deaf' | 'clear' };
    output: ConferenceView;
  };
  /**
   * What a dialled user part means in the actor's account: extension or device, callflow, number, access number, conference number, conference id.
   * `domain`: the host that was dialled; with `only` it is that of conferences (`domainOf`), and nothing but these is meant. Refuses with
   * not-found/number_not_found.
   */
  'call.route': { input: { dialled: string; domain?: string; only?: true }; output: Destination };
  /**
   * A call that is up comes in out of its lobby. Success means that it takes part, or waits to be admitted; either way the effect `bring` moves it when it does.
   * Refuses with denied/conference_locked, limit/conference_full, conflict/call_exists.
   */
  'call.enter': {
    input: {
      conference: ConferenceId;
      call: Call;
      /** Default: member. */
      role?: Role;
      /** Its telephone holds the line. */
      held?: boolean;
      /** How its name sounds, as it was recorded or is known. */
      announcedAs?: PlaySource;
      /** Instead of the document's. */
      tones?: OwnTones;
      /** Whose invitation it used. */
      guest?: Guest;
      /** Only into a room that is open; refused with conflict/nobody_there. */
      joinExisting?: boolean;
      /** As in `call.dial`. */
      adHoc?: JsonObject;
    };
    output: ConferenceView;
  };
  /**
   * A call asks to be let in. Success means: it will be answered (effect `answer`). With a flow, `conference` is the lobby of the call (`lobbyOf`), and the flow
   * says when it is answered.
   */
  'call.arrived': {
    /** `adHoc`: as in `call.dial`. */
    input: {
      conference: ConferenceId;
      call: Call;
      role: Role | undefined;
      /** As in `AtOnce`. */
      vouched?: true;
      flow?: FlowPlan;
      /** The user part that was dialled. */
      dialled?: string;
      /** Where its signalling comes from. */
      address?: string;
      /** Over which trunk. */
      trunk?: string;
      adHoc?: JsonObject;
    };
    output: undefined;
  };
  /**
   * Calls somebody: the call, of direction `outbound`, holds its place from now on, and the effect `dial` makes it. It ends in `call.answered` or `call.ended`.
   * Neither lock nor PIN keeps it out, but the limit of people does (ghosts excepted). `adHoc`: the document of the room that this opens where there is none.
   */
  'call.dial': {
    input: { conference: ConferenceId; call: Call; role?: Role; flags?: DialFlags; target: DialTarget; adHoc?: JsonObject };
    output: undefined;
  };
  /** The call is up: it becomes a participant, who is in the output. */
  'call.answered': { input: { conference: ConferenceId; call: CallId }; output: ConferenceView };
  /** A call that was meant for the conference was refused before it could ask to be let in. Changes nothing that is live. */
  'call.refused': { input: { conference: ConferenceId; call: Call; refusal: Refusal }; output: undefined };
  /** From the entry: what happened where people come in. Changes nothing that is live. */
  'entry.tell': { input: { conference: ConferenceId; happening: Exclude<EntryHappening, { type: 'pins.rotated' }> }; output: undefined };
  /** The PINs of these roles become these; a role left out keeps its own. `invited`: who had the old ones. `revision`: as in `conference.replace`. */
  'pins.rotate': {
    input: {
      conference: ConferenceId;
      pins: Readonly<Partial<Record<Role, readonly string[]>>>;
      invited: readonly string[];
      revision?: number;
    };
    output: ConferenceView;
  };
  /** The far end of a call of ours rings. Accepted for unknown calls too, and changes nothing that is live. */
  'call.ringing': { input: { conference: ConferenceId; call: CallId }; output: undefined };
  'call.held': { input: { conference: ConferenceId; call: CallId; held: boolean }; output: undefined };
  /** Nothing can be heard of a call that is up; `reason` says to people why. Told once. */
  'call.silent': { input: { conference: ConferenceId; call: CallId; reason: string }; output: undefined };
  /** The call is gone, whoever ended it. Accepted for unknown calls too (nothing happens). */
  'call.ended': { input: { conference: ConferenceId; call: CallId; reason: LeaveReason; refusal?: Refusal }; output: undefined };
  /** A call that takes part, or waits to be admitted, goes to its lobby: what happens to it there is none of this conference's. Refuses with not-found/call_not_found. */
  'call.divert': { input: { conference: ConferenceId; call: CallId }; output: undefined };
  /** A key was pressed. Never logged. */
  'call.digit': { input: { conference: ConferenceId; call: CallId; digit: string }; output: undefined };
  /** What the keys of a participant mean happens in his name, and he is told so. What is refused is said to him; who has left does nothing. */
  'keypad.act': { input: { conference: ConferenceId; call: CallId; action: KeypadAction; data?: string }; output: undefined };
  /**
   * Records the room. What is left out is as the document says (`record`), else wav, no stems, no silence. While something is recorded nothing changes: the
   * view shows which. Refuses with conflict/nobody_there and unavailable/no_recorder.
   */
  'recording.start': {
    input: {
      conference: ConferenceId;
      name?: string;
      stems?: boolean;
      format?: 'wav' | 'ogg';
      /** Whole seconds, at least 1. Refuses others with invalid/bad_duration. */
      maxSeconds?: number;
      silence?: boolean;
      /** As of `Recording`. */
      onEnd?: string;
      /** Where nobody is there it begins when the first one comes, and is not refused; until then `awaitedRecording` of the document tells of it. */
      awaits?: true;
    };
    output: ConferenceView;
  };
  /** `recording`: refuse with not-found/recording_not_found unless that one is under way; absent: whichever, and none changes nothing. */
  'recording.pause': { input: { conference: ConferenceId; recording?: RecordingId }; output: ConferenceView };
  'recording.resume': { input: { conference: ConferenceId; recording?: RecordingId }; output: ConferenceView };
  'recording.stop': { input: { conference: ConferenceId; recording?: RecordingId }; output: ConferenceView };
  /** From the recorder: sound is missing since `from` (epoch ms). Of one that has ended: nothing happens. */
  'recording.gapped': {
    input: { conference: ConferenceId; recording: RecordingId; from: number; lostMs: number; words: string };
    output: undefined;
  };
  /**
   * From the recorder: it ended by itself (`reason` limit or failed), or all of one that was stopped is written. `outcome`: what has become of it, told once;
   * absent: it is told later by another `recording.ended`.
   */
  'recording.ended': {
    input: {
      conference: ConferenceId;
      recording: RecordingId;
      reason: RecordingEnd;
      outcome?: RecordingOutcome;
      words?: string;
      /** As of `Recording`. */
      onEnd?: string;
      call?: CallId;
    };
    output: undefined;
  };
  /**
   * Plays to all or to one, behind what plays for the same people. `loops`: 0 = until it is stopped; default 1. `duck`: what voices are multiplied by meanwhile,
   * 0 … 1; default: the profile's. Refuses with what `Player.check` says, conflict/nobody_there, limit/play_queue_full, unavailable/no_player.
   */
  'play.start': {
    input: { conference: ConferenceId; sources: readonly PlaySource[]; to?: Which; loops?: number; duck?: number };
    output: { view: ConferenceView; playing: PlayingId };
  };
  /**
   * `which`: one by id (not-found/playing_not_found), what plays, or that and what waits; none changes nothing. `to`: only what is for this one, by number or id;
   * `all`: only what is for all; absent: whomever it is for.
   */
  'play.stop': { input: { conference: ConferenceId; which: PlayingId | 'current' | 'all'; to?: Which }; output: ConferenceView };
  /** From the player: it has ended by itself, finished or failed. One that was stopped meanwhile: nothing happens. */
  'play.ended': { input: { conference: ConferenceId; playing: PlayingId; reason: PlayEnd; words?: string }; output: undefined };
  /** As recordings. `language` absent: the provider's. Refuses with what `Scribe.check` says, conflict/nobody_there, unavailable/no_transcriber. */
  /** `onEnd`: as of `Transcription`. */
  'transcription.start': { input: { conference: ConferenceId; language?: string; onEnd?: string }; output: ConferenceView };
  'transcription.stop': { input: { conference: ConferenceId; transcription?: TranscriptionId }; output: ConferenceView };
  /** From the scribe: it has ended by itself. */
  'transcription.ended': {
    input: { conference: ConferenceId; transcription: TranscriptionId; reason: TranscriptionEnd; words?: string };
    output: undefined;
  };
  /** From the scribe: somebody, who may have left meanwhile, has said something. Empty text: nothing happens. */
  'transcript.add': { input: { conference: ConferenceId } & Utterance; output: undefined };
  /**
   * A program takes part; it is a participant at once, muted and deaf as its role joins unless `muted`, `deaf` say otherwise. The leg of its call is the stream:
   * the engine's source {kind: 'stream', id: leg}, a listener of the plan by the same id. Neither lock nor PIN keeps it out, but the limit of people does.
   */
  'stream.open': {
    input: {
      conference: ConferenceId;
      /** 32 hex digits; absent: a fresh one. Refuses a known one with conflict/call_exists. */
      call?: CallId;
      /** Shown as the caller's name. */
      name: string;
      role: Role;
      direction: StreamDirection;
      muted?: boolean;
      deaf?: boolean;
      /** It hears nobody but this call, and nobody but this call hears it. Refuses with not-found/call_not_found. */
      only?: CallId;
      /** It is a chat: a ghost without sound, whom lock and waiting room keep out (denied/conference_locked, admission_required). `number`: who writes there. */
      chat?: { service: 'line'; number: string };
    };
    output: { view: ConferenceView; call: CallId };
  };
  /** The program is gone. Accepted for unknown ones too (nothing happens). */
  'stream.closed': { input: { conference: ConferenceId; call: CallId; reason: LeaveReason }; output: undefined };
}

export type CommandName = keyof Commands;
export type Input<Name extends CommandName> = Commands[Name]['input'];
export type Output<Name extends CommandName> = Commands[Name]['output'];

/** In whose name a command comes. Whether he may is decided where he was recognised (api, calls), never twice. */
export interface Actor {
  /** The account that is acted on. */
  readonly account: AccountId;
  readonly kind: 'api' | 'call' | 'system';
  /** A user who is no admin: `guarded` lets him see and steer only what is his. Absent: everything of the account. */
  readonly user?: UserId;
}

/** The door of the domain. */
export type Execute = <Name extends CommandName>(name: Name, input: Input<Name>, actor: Actor) => Promise<Output<Name>>;
