import type { AccountId } from '../accounts/index.ts';
import type { JsonObject } from '../base/index.ts';
import type { CallId, ConferenceId, LegId, ParticipantId } from './ids.ts';
import type { Playing } from './playing.ts';
import type { Recording } from './recording.ts';
import type { Transcription } from './transcription.ts';

export type { CallId, ConferenceId, LegId, ParticipantId } from './ids.ts';

/** Why somebody is not heard. Heard only when the list is empty. */
export type MuteReason = 'self' | 'moderator' | 'room' | 'hold';

export type Role = 'member' | 'moderator';

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
  /** Present: no telephone but a program, and which way its sound goes: `in`to the room, `out` of it, or both. Its leg is a stream of the engine. */
  readonly stream?: StreamDirection;
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
  /** How loud the others hear him: what his sound is multiplied by after levelling. KAZOO's `volume_in`. */
  readonly gainIn: number;
  /** How loud he hears the others. KAZOO's `volume_out`. */
  readonly gainOut: number;
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
}
