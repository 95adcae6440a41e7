import assert from 'node:assert/strict';
import type { AccessKey, Account, AccountId, Device, DeviceId, Registration, User, UserId } from '../../src/accounts/index.ts';
import type { Json, JsonObject } from '../../src/base/index.ts';
import { Failure } from '../../src/base/index.ts';
import type { Call, CallId, CallRecord, Cdr, Conference, ConferenceId, Fact, LegId, ParticipantId } from '../../src/conference/index.ts';

/** 32 hex digits. */
export const hex = (n: number): string => n.toString(16).padStart(32, '0');

/** The accounts of the examples. */
export const A = hex(0xa) as AccountId;
export const B = hex(0xb) as AccountId;

/** The hour of the examples, epoch ms. */
export const T = 1_700_000_000_000;

/** The `n`th call. */
export const caller = (n: number): Call => ({
  id: hex(n) as CallId,
  leg: hex(n) as LegId,
  sipCallId: `${n}@phone.example`,
  direction: n % 2 === 0 ? 'inbound' : 'outbound',
  callerName: 'Zoë 李 "quoted" \\ \u{1f600}',
  callerNumber: '+4930123456',
  channelVars: { username: 'desk', realm: 'a.parley.local' },
});

/** A conference document with every key of interest, also one that nobody knows. */
export const document = (numbers: readonly string[]): JsonObject => ({
  name: 'Sprint “planning”',
  conference_numbers: numbers,
  member: { join_muted: false, pins: ['4711'], numbers: [] },
  moderator: { numbers: [] },
  'x-unknown': { deep: [1, 2.5, null, false, { '': 'empty key' }] },
});

/** A conference without a room; `change` what the test is about. */
export const conference = (id: string, change: Partial<Conference> = {}): Conference => ({
  id: id as ConferenceId,
  account: A,
  document: document([]),
  revision: 1,
  createdAt: T,
  modifiedAt: T + 1,
  deletedAt: undefined,
  locked: false,
  room: undefined,
  nextNumber: 1,
  sequence: 0,
  ...change,
});

/** A room with people, somebody on the way in, and relations. */
export const room = (): Conference['room'] => ({
  instance: '01234567-89ab-7def-8123-456789abcdef',
  startedAt: T + 5,
  arrivals: [{ call: caller(3), role: 'moderator', at: T + 7 }],
  participants: [
    {
      id: hex(11) as ParticipantId,
      number: 1,
      call: caller(1),
      role: 'member',
      ghost: false,
      muted: [],
      deaf: false,
      gainIn: 1,
      gainOut: 0.5,
      joinedAt: T + 8,
    },
    {
      id: hex(12) as ParticipantId,
      number: 4,
      call: caller(2),
      role: 'moderator',
      ghost: true,
      muted: ['self', 'moderator', 'room', 'hold'],
      deaf: true,
      gainIn: 4.3,
      gainOut: 1,
      joinedAt: T + 9,
    },
  ],
  relationships: [
    { participant: hex(11) as ParticipantId, other: hex(12) as ParticipantId, kind: 'mute' },
    { participant: hex(12) as ParticipantId, other: hex(11) as ParticipantId, kind: 'deaf' },
  ],
});

/** `count` facts of a conference that follow fact number `after`. */
export const facts = (of: Conference, after: number, count: number): Fact[] =>
  Array.from({ length: count }, (_, index) => ({
    type: 'conference.changed' as const,
    revision: after + index + 1,
    at: T + after + index,
    account: of.account,
    conference: of.id,
    sequence: after + index + 1,
  }));

/** One fact of nearly every sort, from number 1. */
export const oneOfEach = (of: Conference): Fact[] => {
  const participant = hex(11) as ParticipantId;
  const other = hex(12) as ParticipantId;
  const instance = '01234567-89ab-7def-8123-456789abcdef';
  return [
    { type: 'conference.created' as const },
    { type: 'conference.changed' as const, revision: 7 },
    { type: 'conference.locked' as const },
    { type: 'conference.unlocked' as const },
    { type: 'room.opened' as const, instance },
    { type: 'participant.joined' as const, participant: room()!.participants[1]! },
    { type: 'participant.muted' as const, participant, reasons: ['self', 'hold'] as const },
    { type: 'participant.unmuted' as const, participant },
    { type: 'participant.deafened' as const, participant },
    { type: 'participant.undeafened' as const, participant },
    { type: 'participants.related' as const, participant, other, relationship: 'clear' as const },
    { type: 'participant.left' as const, participant, reason: 'hung-up' as const },
    { type: 'room.closed' as const, instance },
    { type: 'conference.deleted' as const },
  ].map((happening, index) => ({ ...happening, at: T + index, account: of.account, conference: of.id, sequence: index + 1 }));
};

/** Looks whether something was refused so. */
export const refusal = (kind: string, code: string, details?: Json) => (error: unknown) => {
  assert.ok(error instanceof Failure, `expected a Failure, got ${String(error)}`);
  assert.deepEqual([error.kind, error.code, error.details], [kind, code, details]);
  return true;
};

/** The first account. */
export const account = (change: Partial<Account> = {}): Account => ({
  id: A,
  name: 'Acme & Söhne',
  realm: 'aaaa0001.parley.local',
  parent: undefined,
  apiKey: 'ab'.repeat(32),
  createdAt: T,
  ...change,
});

/** Its administrator. */
export const user = (change: Partial<User> = {}): User => ({
  id: hex(0x51) as UserId,
  account: A,
  username: 'admin',
  privilege: 'admin',
  enabled: true,
  md5: 'scrypt$00$11',
  sha1: 'scrypt$00$22',
  ...change,
});

/** His telephone. */
export const device = (change: Partial<Device> = {}): Device => ({
  id: hex(0x61) as DeviceId,
  account: A,
  owner: hex(0x51) as UserId,
  name: 'Desk',
  username: 'desk',
  password: 'device-password-in-clear',
  enabled: true,
  ...change,
});

/** His key. */
export const accessKey = (change: Partial<AccessKey> = {}): AccessKey => ({
  hash: 'cd'.repeat(32),
  account: A,
  user: hex(0x51) as UserId,
  createdAt: T,
  ...change,
});

/** The `n`th call as it survives a crash. */
export const record = (n: number): CallRecord => ({
  id: hex(n) as CallId,
  account: A,
  conference: 'room-1' as ConferenceId,
  dialog: { callId: `${n}@phone.example`, localTag: 'dialog-secret-tag', cseq: 3, routes: ['<sip:p;lr>'], nothing: null },
  leg: { port: 20_000 + n, key: 'srtp-master-key-in-clear', ssrc: 4_294_967_295, codec: { name: 'PCMU' } },
});

/** Where the telephone is. */
export const registration = (change: Partial<Registration> = {}): Registration => ({
  account: A,
  device: hex(0x61) as DeviceId,
  aor: 'sip:desk@aaaa0001.parley.local',
  contact: 'sip:desk@192.0.2.7:5062;transport=tcp',
  callId: 'reg-1@192.0.2.7',
  cseq: 17,
  expiresAt: T + 3_600_000,
  source: 'tcp:192.0.2.7:49152',
  instance: '<urn:uuid:00000000-0000-1000-8000-000a95a0e128>',
  path: '<sip:edge.example;lr>',
  ...change,
});

/** What is recorded of the `n`th call: inbound, answered, a minute long. */
export const aCdr = (n: number, change: Partial<Cdr> = {}): Cdr => ({
  id: hex(n) as CallId,
  account: A,
  direction: 'inbound',
  sipCallId: `${n}@phone.example`,
  callerName: 'Zoë 李 "quoted" \\ \u{1f600}',
  callerNumber: '+4930123456',
  calledNumber: '3000',
  startedAt: T + n,
  answeredAt: T + n + 500,
  endedAt: T + n + 60_500,
  reason: 'hung-up',
  sipStatus: 200,
  cause: 16,
  channelVars: { username: 'desk' },
  ...change,
});
