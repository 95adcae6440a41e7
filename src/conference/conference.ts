import type { AccountId } from '../accounts/index.ts';
import type { JsonObject } from '../base/index.ts';
import type { Announcement } from './announcing/announcement.ts';
import type { OwnTones } from './announcing/own-tones.ts';
import type { Defaults } from './defaults.ts';
import type { DialFlags } from './dial-flags.ts';
import type { CallId, ConferenceId, LegId, ParticipantId } from './ids.ts';
import type { Playing, PlayingId, PlaySource } from './playing.ts';
import type { Recording, RecordingId } from './recording.ts';
import type { Transcription } from './transcription.ts';

export type { CallId, ConferenceId, LegId, ParticipantId } from './ids.ts';

/** Why somebody is not heard. Heard only when the list is empty. */
export type MuteReason = 'self' | 'moderator' | 'room' | 'hold';

export type Role = 'member' | 'moderator';

/** Who said whether somebody agrees to be recorded: he by his keys, or a program for him. */
export type ConsentBy = 'keys' | 'api';

/** Whether somebody agrees to be in a recording that asks for it (`recording_consent`). Who was only asked, or refuses, is in no file of it. */
export interface Consent {
  readonly recording: RecordingId;
  readonly state: 'asked' | 'given' | 'refused';
  /** Epoch ms at which he has not agreed; only while he is asked. */
  readonly until?: number;
}

/** What the signalling knows of a call when it comes to a conference. A plain value. */
export interface Call {
  readonly id: CallId;
  readonly leg: LegId;
  /** The SIP Call-ID, or the id that a program chose for a dialled leg. KAZOO's `call_id`. */
  readonly sipCallId: string;
  readonly direction: 'inbound' | 'outbound';
  readonly callerName: string;
  readonly callerNumber: string;
  /** KAZOO's custom_channel_vars: only what is truly known, such as `authorizing_id realm username`. */
  readonly channelVars: Readonly<Record<string, string>>;
  /** KAZOO's custom_application_vars, as whoever dialled gave them. */
  readonly applicationVars?: Readonly<Record<string, string>>;
  /** Present: no telephone but a program, and which way its sound goes: `in`to the room, `out` of it, or both. Its leg is a stream of the engine. */
  readonly stream?: StreamDirection;
  /** It is no sound at all but a chat of that service, whose texts are spoken: a ghost with `stream` `in`. */
  readonly chat?: 'line';
  /** Its flow goes on behind the conference: it is brought back to its lobby where others are hung up. */
  readonly flow?: true;
  /** Who it will be where it comes in, as its flow has told already (VoIPBIN's `joining`). */
  readonly joiningAs?: ParticipantId;
  /** Of a program: it hears nobody but this call, and nobody but this call hears it. */
  readonly only?: CallId;
}

/** Which way the sound of a program goes, as the room sees it. */
export type StreamDirection = 'in' | 'out' | 'both';

/** A call that was let in and is being answered; it holds its place but is not heard, listed or counted as a person yet. */
export interface Arrival {
  readonly call: Call;
  readonly role: Role;
  /** Epoch ms. */
  readonly at: number;
  /** How somebody who was dialled is to take part. */
  readonly flags?: DialFlags;
  /** As of the participant that it becomes. */
  readonly announcedAs?: PlaySource;
  readonly tones?: OwnTones;
}

/** Somebody who came by himself and stays in his lobby until a moderator lets him in: not listed, not counted. */
export interface Waiting extends Arrival {
  /** His telephone holds the line. */
  readonly held?: true;
}

/** A person or machine in a conference. */
export interface Participant {
  readonly id: ParticipantId;
  /** Small number from 1, unique in the conference, never reused. KAZOO's `participant_id`. */
  readonly number: number;
  readonly call: Call;
  readonly role: Role;
  /** Listed, but not counted. */
  readonly ghost: boolean;
  readonly muted: readonly MuteReason[];
  readonly deaf: boolean;
  /** He has raised his hand, epoch ms; absent: he has not. */
  readonly handRaisedAt?: number;
  /** How he was dialled in; mute, deafness and ghost are above and change, the rest holds as long as he is in. */
  readonly flags?: DialFlags;
  /** How others are told who comes and goes: what he recorded, or how his name is pronounced; absent: nobody is told. */
  readonly announcedAs?: PlaySource;
  /** Tones of his own, as he was sent here; absent: the document's. */
  readonly tones?: OwnTones;
  /** The recording of which he was told to the end that it runs. */
  readonly noticed?: RecordingId;
  /** Whether he agrees to be recorded; absent: he was never asked. */
  readonly consent?: Consent;
  /** How loud the others hear him: what his sound is multiplied by after levelling. KAZOO's `volume_in`. */
  readonly gainIn: number;
  /** How loud he hears the others. KAZOO's `volume_out`. */
  readonly gainOut: number;
  /** Mean absolute sample value above which he is heard, 0 … 1800; absent: as the room has it. KAZOO's `energy_level`. */
  readonly energyLevel?: number;
  /** He is heard by this one alone; should that one have left, by nobody. Absent: by all. */
  readonly coaches?: ParticipantId;
  /** Epoch ms. */
  readonly joinedAt: number;
}

/** `mute`: `other` does not hear `participant`. `deaf`: `participant` does not hear `other`. */
export interface Relationship {
  readonly participant: ParticipantId;
  readonly other: ParticipantId;
  readonly kind: 'mute' | 'deaf';
}

/** What exists only while somebody is, or is coming, in. */
export interface Room {
  /** Names this run of the conference: a UUID with dashes. KAZOO's `conference_uuid`. */
  readonly instance: string;
  /** Epoch ms. */
  readonly startedAt: number;
  /** Nobody configured the conference: it goes with the room, and is never listed. */
  readonly adHoc?: true;
  readonly arrivals: readonly Arrival[];
  /** In order of `number`. */
  readonly participants: readonly Participant[];
  readonly relationships: readonly Relationship[];
  /** What is being recorded. */
  readonly recording?: Recording;
  /** What plays and what waits, in the order in which it was asked for; absent: nothing. */
  readonly playing?: readonly Playing[];
  /** What is being written down. */
  readonly transcription?: Transcription;
  /** What the room itself says or is about to say; absent: nothing. No fact tells of it. */
  readonly announcing?: readonly Announcement[];
  /** Who waits to be admitted, longest first; absent: nobody. A room in which nobody else is stays open for them. */
  readonly waiting?: readonly Waiting[];
  /** A moderator has come to a conference that waits for one: nobody waits for him any more in this run. */
  readonly started?: true;
  /** All members are muted, and so are those who come. */
  readonly muted?: true;
  /** Nobody hears music, be he alone or waiting. */
  readonly mohOff?: true;
  /** What was set for this run alone; absent: nothing. */
  readonly set?: RoomSet;
  /** Who has taken the floor: he has it, whoever talks. */
  readonly floor?: ParticipantId;
  /** Epoch ms at which members are sent away, because no moderator is there any more (`require_moderator`). */
  readonly unattendedUntil?: number;
  /** Epoch ms at which this run ends, because it lasts no longer than its document's `max_duration`, or as somebody extended it. */
  readonly endsAt?: number;
  /** Minutes of the last warning that this run is about to end. */
  readonly warnedMinutes?: number;
  /** What those hear who are alone or wait for a moderator; absent: nobody hears any. It is in no recording. */
  readonly music?: Music;
}

/** What somebody has set for one run of a room alone (KAZOO's `set`); what is absent is as the document has it. */
export interface RoomSet {
  /** How many may be in, from 1. */
  readonly maxParticipants?: number;
  /** Who is said to call those whom the conference calls in. */
  readonly callerName?: string;
  readonly callerNumber?: string;
}

/** The music of a room: one source for all who hear it. */
export interface Music {
  readonly id: PlayingId;
  readonly source: PlaySource;
  /** It could not be played: silence stands for it as long as anybody is in need of it. */
  readonly failed?: true;
}

/** Everything the domain knows of one conference. A value: changes make a new one. */
export interface Conference {
  readonly id: ConferenceId;
  readonly account: AccountId;
  /** What somebody configured, in KAZOO's spelling (a superset; unknown keys are kept). Read it through `settings`. */
  readonly document: JsonObject;
  /** How often the document was stored, from 1. */
  readonly revision: number;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms of the document's last change. */
  readonly modifiedAt: number;
  /** Epoch ms; a deleted conference is found by nobody. */
  readonly deletedAt: number | undefined;
  readonly locked: boolean;
  readonly room: Room | undefined;
  /** The number the next participant gets. */
  readonly nextNumber: number;
  /** How many facts this conference has seen; the last one carries this number. */
  readonly sequence: number;
  /** What account and server configure for all their conferences. Not stored: whoever runs the commands puts it here; read it through `settingsOf`. */
  readonly defaults?: Defaults;
}
