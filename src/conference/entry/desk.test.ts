import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EntryHouse } from '../../../test/kit/entry-desk.ts';
import type { JsonObject, Log } from '../../base/index.ts';
import type { Role } from '../conference.ts';
import type { ConferenceId } from '../ids.ts';

const C = 'C' as ConferenceId;
const M = '1111';
const X = '2222';
const BOTH = '3333';
/** Numbers: 100 says nothing of the role, 200 is for members, 300 for moderators, 400 stands in both lists. */
const numbers: JsonObject = { conference_numbers: ['100'], member: { numbers: ['200', '400'] }, moderator: { numbers: ['300', '400'] } };

const document = (member: readonly string[], moderator: readonly string[]): JsonObject => ({
  play_welcome: false,
  conference_numbers: ['100'],
  member: { ...(numbers['member'] as JsonObject), pins: [...member] },
  moderator: { ...(numbers['moderator'] as JsonObject), pins: [...moderator] },
});

/** kazoo-facts §7.3: number × PINs that are set × what is entered → role, `bad`, or `in`: not asked. */
type Row = readonly [number: string, member: readonly string[], moderator: readonly string[], entered: string | undefined, Role | 'bad'];

const rows: readonly Row[] = [
  // The number says member.
  ['200', [], [], undefined, 'member'],
  ['200', [], [X], undefined, 'member'],
  ['200', [M], [X], M, 'member'],
  ['200', [M], [X], X, 'bad'],
  ['200', [M], [], '', 'bad'],
  ['200', [BOTH], [BOTH], BOTH, 'member'],
  // The number says moderator.
  ['300', [], [], undefined, 'moderator'],
  ['300', [M], [], undefined, 'moderator'],
  ['300', [M], [X], X, 'moderator'],
  ['300', [M], [X], M, 'bad'],
  ['300', [], [X], '', 'bad'],
  ['300', [BOTH], [BOTH], BOTH, 'moderator'],
  // The PIN says it: a number of its own, or one that both lists have.
  ...['100', '400'].flatMap((number): readonly Row[] => [
    [number, [], [], undefined, 'member'],
    [number, [M], [], M, 'member'],
    [number, [M], [], '', 'bad'],
    [number, [], [X], X, 'moderator'],
    [number, [], [X], '', 'member'],
    [number, [], [X], M, 'bad'],
    [number, [M], [X], M, 'member'],
    [number, [M], [X], X, 'moderator'],
    [number, [M], [X], '', 'bad'],
    [number, [M], [X], '9999', 'bad'],
    [number, [M, BOTH], [X, BOTH], BOTH, 'member'],
  ]),
];

for (const [number, member, moderator, entered, becomes] of rows) {
  const what = entered === undefined ? 'nothing' : `"${entered}"`;
  test(`§7.3: number ${number}, PINs [${member}] [${moderator}], ${what} entered: ${becomes}`, async () => {
    const ringing = await new EntryHouse(document(member, moderator)).rings();
    await ringing.enters(`${number}#`);
    const asked = ringing.caller.heard.includes('conf-enter_conf_pin');
    assert.equal(asked, entered !== undefined);
    if (entered !== undefined) await ringing.enters(`${entered}#`);
    if (becomes === 'bad') {
      assert.equal(ringing.caller.heard[0], 'conf-bad_pin');
      assert.equal(ringing.caller.last('enter'), undefined);
    } else assert.equal(ringing.caller.last('enter')?.role, becomes);
  });
}

for (const [pins, entered, becomes] of [
  [[[], []], undefined, 'moderator'],
  [[[M], []], M, 'moderator'],
  [[[M], [X]], X, 'moderator'],
  [[[], [X]], '', 'bad'],
] as const) {
  test(`§7.3: a callflow that says moderator, PINs [${pins[0]}] [${pins[1]}], ${entered ?? 'nothing'} entered: ${becomes}`, async () => {
    const ringing = await new EntryHouse(document(pins[0], pins[1])).rings({ conference: C, forced: 'moderator' });
    if (entered !== undefined) await ringing.enters(`${entered}#`);
    assert.equal(ringing.caller.last('enter')?.role ?? 'bad', becomes);
  });
}

test('§7.2: empty and unknown numbers are wrong; the right one is found within three tries', async () => {
  const ringing = await new EntryHouse(document([], [])).rings();
  await ringing.enters('#');
  assert.deepEqual(ringing.caller.heard, ['conf-bad_conf', 'conf-enter_conf_number']);
  await ringing.enters('999#');
  await ringing.enters('200#');
  assert.equal(ringing.caller.last('enter')?.conference, 'C');
});

test('# is not needed where the PINs that count have one length', async () => {
  const one = await new EntryHouse(document(['1111'], ['222222'])).rings({ conference: C, role: 'moderator' });
  await one.enters('222222');
  assert.equal(one.caller.last('enter')?.role, 'moderator');
  const two = await new EntryHouse(document(['1111'], ['222222'])).rings({ conference: C });
  await two.enters('1111');
  assert.equal(two.caller.last('enter')?.role, 'member', 'with two lengths, time ends the entry');
  assert.equal(two.plan?.pin?.length, undefined);
});

test('the document says who is welcomed, asked for his name, greeted, and in which language', async () => {
  const plain = await new EntryHouse({ member: { play_entry_prompt: true }, language: 'de-DE' }).rings({ conference: C });
  assert.deepEqual(plain.caller.last('say')?.sources, [
    'prompt://system_media/conf-welcome/de-de',
    'prompt://system_media/conf-joining_conference/de-de',
  ]);
  const own = await new EntryHouse({ welcome_prompt: { media_id: 'https://x/hello.wav' } }).rings({ conference: C });
  assert.deepEqual(own.caller.heard, ['https://x/hello.wav']);
  assert.deepEqual((await new EntryHouse({ play_welcome: false }).rings({ conference: C, welcome: 'mm' })).caller.heard, ['mm']);
  assert.equal((await new EntryHouse({}).rings({ conference: C, welcome: false })).caller.last('say'), undefined);
});

test('pin_timeout: of the document, the account, the server, or 5 s', async () => {
  const timeout = async (own: JsonObject, account: JsonObject, system: JsonObject): Promise<number | undefined> => {
    const house = new EntryHouse({ member: { pins: [M] }, ...own });
    const options = { account, system };
    const conference = { ...house.conference(), defaults: options };
    const asked = new EntryHouse({}, { conference: async () => conference });
    return (await asked.rings({ conference: C })).plan?.pin?.timeout;
  };
  assert.equal(await timeout({ pin_timeout: 9_000 }, { pin_timeout: 8_000 }, { pin_timeout: 7_000 }), 9_000);
  assert.equal(await timeout({}, { pin_timeout: 8_000 }, { pin_timeout: 7_000 }), 8_000);
  assert.equal(await timeout({}, {}, { pin_timeout: 7_000 }), 7_000);
  assert.equal(await timeout({ pin_timeout: 'soon' }, {}, {}), 5_000);
});

test('a conference that nobody has stored is entered by what the callflow says of it', async () => {
  const ringing = await new EntryHouse({}).rings({ conference: 'adhoc' as ConferenceId, adHoc: { member: { pins: ['77'] } } });
  await ringing.enters('77');
  assert.equal(ringing.caller.last('enter')?.conference, 'adhoc');
});

test('who is sent to what is not there is asked for a number', async () => {
  const ringing = await new EntryHouse({ play_welcome: false }).rings({ conference: 'gone' as ConferenceId, welcome: false });
  assert.deepEqual(ringing.caller.heard, ['conf-enter_conf_number']);
});

test('five failed calls lock this caller out of this conference, for 15 minutes; others come in', async () => {
  const house = new EntryHouse(document([M], []));
  for (let call = 1; call <= 5; call += 1) {
    const ringing = await house.rings({ conference: C });
    await ringing.enters('9999');
    assert.equal(house.locked.length, 0, `not before the end of call ${call}`);
    ringing.over();
  }
  assert.deepEqual(
    house.locked.map(({ conference, callerNumber, failedCalls }) => ({ conference, callerNumber, failedCalls })),
    [{ conference: 'C', callerNumber: '+4930123', failedCalls: 5 }],
  );
  const again = await house.rings({ conference: C });
  await again.enters(M);
  assert.deepEqual(again.caller.heard, ['conf-pin_locked_out']);
  assert.equal(again.caller.last('enter'), undefined);
  const other = await house.rings({ conference: C }, { callerNumber: '+4940999' });
  await other.enters(M);
  assert.equal(other.caller.last('enter')?.role, 'member');
  house.clock.advance(15 * 60_000);
  const later = await house.rings({ conference: C });
  await later.enters(M);
  assert.equal(later.caller.last('enter')?.role, 'member');
});

test('servers of one store count a caller’s failed calls together, and what one of them releases is released', async () => {
  const one = new EntryHouse(document([M], []));
  const other = new EntryHouse(document([M], []), {}, one.kept);
  for (const house of [one, other, one, other, one]) {
    const ringing = await house.rings({ conference: C });
    await ringing.enters('9999');
    ringing.over();
  }
  assert.deepEqual([one.locked.length, other.locked.length], [1, 0]);
  const refused = await other.rings({ conference: C });
  await refused.enters(M);
  assert.deepEqual(refused.caller.heard, ['conf-pin_locked_out']);
  const { account, callerNumber } = one.visitor();
  assert.ok(one.shield.release({ account, conference: C, callerNumber }));
  const released = await other.rings({ conference: C });
  await released.enters(M);
  assert.equal(released.caller.last('enter')?.role, 'member');
});

test('who mistypes and then is in has not failed; who only listens has not either', async () => {
  const house = new EntryHouse(document([M], []));
  for (let call = 0; call < 6; call += 1) {
    const one = await house.rings({ conference: C });
    await one.enters('9999');
    await one.enters(M);
    one.over();
    (await house.rings({ conference: C })).over();
    house.clock.advance(60_000);
  }
  assert.deepEqual(house.locked, []);
});

test("a member who guesses the moderator's PIN before he comes in is locked out too", async () => {
  const house = new EntryHouse(document([M], [X]));
  for (let call = 0; call < 8 && house.locked.length === 0; call += 1) {
    const one = await house.rings({ conference: C });
    await one.enters('9998');
    await one.enters('9997');
    await one.enters(M);
    one.over();
  }
  assert.equal(house.locked.length, 1);
});

test('guessing numbers locks the caller out of guessing, and slows him', async () => {
  const house = new EntryHouse(document([], []));
  let first = 0;
  let last = 0;
  for (let call = 0; call < 5; call += 1) {
    const ringing = await house.rings();
    for (const number of ['901', '902', '903']) {
      last = await ringing.enters(`${number}#`);
      first ||= last;
    }
    ringing.over();
  }
  assert.equal(first, 500);
  assert.ok(last > 4_000, `${last} ms`);
  const ringing = await house.rings();
  await ringing.enters('200#');
  assert.deepEqual(ringing.caller.heard, ['conf-pin_locked_out']);
});

test('address and trunk are slowed, whatever number they show, and never locked', async () => {
  const house = new EntryHouse(document([M], []));
  let waited = 0;
  for (let call = 0; call < 20; call += 1) {
    const ringing = await house.rings({ conference: C }, { callerNumber: `+49${call}`, trunk: 't1' });
    waited = await ringing.enters('9999#');
    ringing.over();
  }
  assert.ok(waited >= 5_000, `${waited} ms`);
  assert.deepEqual(house.locked, []);
  const honest = await house.rings({ conference: C }, { callerNumber: '+4977', address: '198.51.100.1' });
  const [right, wrong] = [
    await honest.enters(`${M}#`),
    await (await house.rings({ conference: C }, { callerNumber: '+4978', address: '198.51.100.1' })).enters('9999#'),
  ];
  assert.equal(right, wrong, 'right and wrong at the same moment');
  assert.ok(right < waited);
});

test('what is broken counts as wrong and says nothing of what was typed', async () => {
  const lines: string[] = [];
  const told = (...args: readonly unknown[]): void => void lines.push(JSON.stringify(args));
  const log: Log = { debug: told, info: told, warn: told, error: told, with: () => log };
  const broken = new EntryHouse(document([M], []), {
    log,
    byNumber: async () => {
      throw new Error('the store is away');
    },
  });
  const ringing = await broken.rings();
  await ringing.enters('4242#');
  assert.deepEqual(ringing.caller.heard, ['conf-bad_conf', 'conf-enter_conf_number']);
  assert.equal(lines.length, 1);
  assert.doesNotMatch(lines.join(), /4242/);
});
