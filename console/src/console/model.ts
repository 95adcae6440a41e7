/** The answers of /api that the console reads, as far as it reads them. */

export interface Session {
  readonly account: { readonly id: string; readonly name: string; readonly realm: string };
  readonly user: { readonly id: string; readonly username: string; readonly name: string } | null;
  readonly role: 'admin' | 'user';
}

export type Role = 'member' | 'moderator';

export interface Person {
  readonly id: string;
  readonly number: number;
  readonly role: Role;
  readonly caller_name: string;
  readonly caller_number: string;
  readonly call_id: string;
  readonly ghost: boolean;
  readonly joined_at: string;
  readonly stream?: 'in' | 'out' | 'both';
  readonly muted: boolean;
  readonly mute_reasons: readonly string[];
  readonly deaf: boolean;
  readonly gain_in: number;
  readonly gain_out: number;
  readonly energy_level?: number;
  readonly hand_raised_at?: string;
  readonly coaches?: string;
  readonly consent?: { readonly recording: string; readonly state: 'asked' | 'given' | 'refused'; readonly until?: string };
  readonly talking?: boolean;
}

export interface Relationship {
  readonly participant: string;
  readonly other: string;
  readonly relationship: 'mute' | 'deaf';
}

export interface Waiter {
  readonly id: string;
  readonly caller_name: string;
  readonly caller_number: string;
  readonly call_id: string;
  readonly waits_since: string;
}

export interface Recording {
  readonly id: string;
  readonly name?: string;
  readonly started_at: string;
  readonly state: 'running' | 'paused';
  readonly stems: boolean;
}

export interface Playing {
  readonly id: string;
  readonly sources: readonly (string | { readonly say: string })[];
  readonly to: string;
  readonly started_at: string | null;
}

export interface Transcription {
  readonly id: string;
  readonly language: string;
}

// biome-ignore lint/suspicious/noExplicitAny: a document is whatever its writer put in.
export type Document = Record<string, any>;

/** What holds in a room, now or in the past. */
export interface RoomState {
  readonly sequence: number;
  readonly locked: boolean;
  readonly running_since: string | null;
  readonly instance: string | null;
  readonly started: boolean;
  readonly members_muted: boolean;
  readonly moh: boolean;
  readonly floor_taken: string | null;
  readonly ends_at: string | null;
  readonly unattended_until: string | null;
  readonly waiting: readonly Waiter[];
  readonly participants: readonly Person[];
  readonly relationships: readonly Relationship[];
  readonly recording: Recording | null;
  readonly playing: readonly Playing[];
  readonly transcription: Transcription | null;
}

export interface Conference extends RoomState {
  readonly id: string;
  readonly name: string;
  readonly document: Document;
  readonly revision: number;
  readonly created_at: string;
}

/** A message of /api/events, or a fact. */
export interface Event {
  readonly type: string;
  readonly at: string;
  readonly position?: number;
  readonly sequence?: number;
  readonly conference?: string;
  readonly instance?: string;
  readonly state?: Conference;
  readonly participant?: Partial<Person> & { readonly id: string };
  readonly other?: string;
  readonly relationship?: 'mute' | 'deaf' | 'clear';
  readonly reason?: string;
  readonly mute_reasons?: readonly string[];
  readonly waiting?: Partial<Waiter> & { readonly id: string };
  readonly recording?: Partial<Recording> & { readonly id: string };
  readonly playing?: Partial<Playing> & { readonly id: string };
  readonly transcription?: { readonly id: string; readonly language?: string };
  readonly text?: string;
  readonly from?: string;
  readonly ends_at?: string;
  readonly until?: string;
  readonly minutes?: number;
  readonly led?: boolean;
  readonly caller_number?: string;
  readonly refusal?: { readonly code: string; readonly detail: string };
  readonly words?: string;
  readonly data?: string;
  readonly role?: string;
}

export interface Quality {
  readonly id: string;
  readonly talking: boolean;
  readonly energy: number;
  readonly codec: string | null;
  readonly packets_in: number;
  readonly lost: number;
  readonly late: number;
  readonly jitter_ms: number | null;
  readonly round_trip_ms: number | null;
  readonly buffer_ms: number | null;
  readonly mos: number | null;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

export interface RecordingFile {
  readonly name: string;
  readonly kind: string;
  readonly participant: string | null;
  readonly bytes: number;
  readonly url: string;
}

export interface KeptRecording {
  readonly id: string;
  readonly conference: string;
  readonly name: string | null;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly state: string;
  readonly seconds: number;
  readonly format: string;
  readonly words: string | null;
  readonly files: readonly RecordingFile[];
}

export interface Cdr {
  readonly id: string;
  readonly conference: string | null;
  readonly direction: string;
  readonly call_id: string;
  readonly caller_name: string;
  readonly caller_number: string;
  readonly called_number: string;
  readonly started_at: string;
  readonly answered_at: string | null;
  readonly duration_seconds: number;
  readonly reason: string;
  readonly sip_status: number;
  readonly codec: string | null;
  readonly quality: Readonly<Record<string, number | null>> | null;
}

/** How somebody is called: by name, number, or his place in the room. */
export const nameOf = ({ caller_name: name, caller_number: number, number: place }: Partial<Person>): string =>
  name || number || (place === undefined ? '?' : `#${place}`);
