import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Participant } from './conference.ts';
import { explain } from './explain.ts';
import type { ExplainNeeds, FindingCode, LegFacts } from './explain-values.ts';

const person = (number: number, change: Partial<Participant> = {}): Participant =>
  ({
    id: String(number).repeat(32),
    number,
    role: 'member',
    muted: [],
    deaf: false,
    call: { callerName: `P${number}`, callerNumber: '', leg: `leg${number}`, channelVars: {} },
    ...change,
  }) as unknown as Participant;

const ben = person(2);
const leg: LegFacts = {
  codec: 'PCMA',
  direction: 'sendrecv',
  isBrowser: false,
  packetsIn: 1000,
  packetsOut: 1000,
  perSecondIn: 50,
  perSecondOut: 50,
  lost: 0,
  late: 0,
  jitter: 2,
  roundTrip: 20,
};
const well: ExplainNeeds = {
  participant: person(1),
  role: 'member',
  others: [ben],
  heardBy: [ben],
  hears: [ben],
  energy: 800,
  talking: true,
  leg,
  happenings: [],
  stream: undefined,
};
const quiet = { talking: false };
const silent = (text: string) => [{ at: 0, type: 'silent', text }] as const;
const none = { ...leg, packetsIn: 0, perSecondIn: 0 };

const TABLE: readonly (readonly [what: string, change: Partial<ExplainNeeds>, code: FindingCode, direction?: string])[] = [
  ['all is well', {}, 'healthy'],
  ['he waits', { participant: undefined }, 'waiting', 'both'],
  ['by himself', { participant: person(1, { muted: ['self'] }) }, 'muted_by_self', 'speaks'],
  ['by a moderator', { participant: person(1, { muted: ['moderator'] }) }, 'muted_by_moderator', 'speaks'],
  ['by the room', { participant: person(1, { muted: ['room'] }) }, 'muted_by_room', 'speaks'],
  ['by hold', { participant: person(1, { muted: ['hold'] }) }, 'muted_by_hold', 'both'],
  ['deaf', { participant: person(1, { deaf: true }), hears: [] }, 'deaf', 'hears'],
  ['everybody else is deaf', { others: [person(2, { deaf: true })], heardBy: [] }, 'deaf', 'speaks'],
  ['a relation: not heard', { heardBy: [] }, 'relation_mute', 'speaks'],
  ['a relation: hears nobody', { hears: [] }, 'relation_deaf', 'hears'],
  ['alone', { others: [], heardBy: [], hears: [] }, 'alone', 'both'],
  ['nothing came, nothing goes', { ...quiet, leg: { ...none, packetsOut: 0 } }, 'no_rtp', 'speaks'],
  ['nothing came, but we send', { ...quiet, leg: none }, 'one_way', 'speaks'],
  [
    'from elsewhere',
    { ...quiet, leg: none, happenings: silent('2 packets came, the last from 1.2.3.4:5, which is not the far end that the SDP names') },
    'wrong_address',
    'speaks',
  ],
  [
    'another payload',
    { ...quiet, leg: none, happenings: silent('9 packets came with payload type 18, which was not agreed on') },
    'wrong_payload',
    'speaks',
  ],
  [
    'another key',
    { ...quiet, leg: none, happenings: silent('its SRTP authentication is wrong: the far end uses another key') },
    'not_decrypted',
    'speaks',
  ],
  ['no RTP at all', { ...quiet, leg: none, happenings: silent('9 packets came, but it is no RTP') }, 'malformed', 'speaks'],
  ['came, and stopped', { ...quiet, leg: { ...leg, perSecondIn: 0 } }, 'not_sending', 'speaks'],
  ['said that it sends nothing', { ...quiet, leg: { ...none, direction: 'sendonly' } }, 'not_sending', 'speaks'],
  ['no codec', { ...quiet, leg: { ...none, codec: null } }, 'codec_mismatch', 'both'],
  ['silence', { ...quiet, energy: 0 }, 'silent_mic', 'speaks'],
  ['never any sound', { ...quiet, energy: undefined }, 'silent_mic', 'speaks'],
  ['comfort noise', { ...quiet, leg: { ...leg, perSecondIn: 5 } }, 'comfort_noise_only', 'speaks'],
  ['wants to hear nothing', { leg: { ...leg, direction: 'recvonly' } }, 'not_receiving', 'hears'],
  ['nothing is sent', { leg: { ...leg, packetsOut: 0 } }, 'no_rtp', 'hears'],
  ['loss', { leg: { ...leg, lost: 100 } }, 'loss', 'speaks'],
  ['late', { leg: { ...leg, late: 100 } }, 'late_packets', 'speaks'],
  ['uneven', { leg: { ...leg, jitter: 80 } }, 'jitter', 'speaks'],
  ['far', { leg: { ...leg, roundTrip: 900 } }, 'delay', 'both'],
  ['a browser that was not found', { ...quiet, leg: { ...none, isBrowser: true } }, 'ice_failed', 'both'],
  [
    'a browser without keys',
    { ...quiet, leg: { ...none, isBrowser: true }, happenings: [{ at: 0, type: 'dtls-failed', text: 'x' }] },
    'dtls_failed',
    'both',
  ],
  ['a program that listens', { leg: undefined, stream: 'out' }, 'program_direction', 'speaks'],
  ['a program that speaks', { leg: undefined, stream: 'in' }, 'program_direction', 'hears'],
  ['nothing is known', { leg: undefined }, 'unknown'],
];

for (const [what, change, code, direction] of TABLE) {
  test(`${what}: ${code}`, () => {
    const [first] = explain({ ...well, ...change });
    assert.equal(first?.code, code);
    if (direction !== undefined) assert.equal(first?.direction, direction);
    assert.ok((first?.text.length ?? 0) > 5);
    if (first?.severity === 'cause') assert.ok(first.advice.length > 5, 'who is told a cause is told what to do');
  });
}

test('what somebody decided comes before what is broken, and that before what is bad', () => {
  const all = explain({ ...well, participant: person(1, { muted: ['moderator'] }), leg: { ...none, lost: 5 }, talking: false });
  assert.deepEqual(
    all.slice(0, 2).map(({ code }) => code),
    ['muted_by_moderator', 'one_way'],
  );
  const mixed = explain({ ...well, leg: { ...leg, lost: 20 }, heardBy: [], others: [ben, person(3)], hears: [ben, person(3)] });
  assert.deepEqual([mixed[0]?.severity, mixed.at(-1)?.code], ['cause', 'loss']);
});

test('a relation with one of several is no more than a warning, and names him', () => {
  const carl = person(3);
  const [first] = explain({ ...well, others: [ben, carl], heardBy: [carl], hears: [ben, carl] });
  assert.deepEqual([first?.code, first?.severity, first?.others], ['relation_mute', 'warning', [ben]]);
});

test('who is muted is not told that his microphone is silent', () => {
  const codes = explain({ ...well, participant: person(1, { muted: ['self'] }), energy: 0, talking: false }).map(({ code }) => code);
  assert.ok(!codes.includes('silent_mic'));
});
