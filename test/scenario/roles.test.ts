/** Who is what, by number and PIN: every row of kazoo-facts §7.3, with telephones. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { JsonObject } from '../../src/base/index.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { emptied } from '../kit/party.ts';
import { QUIET } from '../kit/quiet.ts';
import { TONES } from '../kit/sound.ts';
import { pcm16 } from '../kit/sound-files.ts';

const [ASKED, BAD, MANY] = [TONES[8]!, TONES[10]!, TONES[11]!];
const prompts = mkdtempSync(join(tmpdir(), 'parley-roles-'));

/** A prompt that nobody can mistake: a tone. */
function prompt(name: string, tone: number, seconds: number): void {
  mkdirSync(join(prompts, 'en-us'), { recursive: true });
  const values = Array.from({ length: 8000 * seconds }, (_, n) => 0.2 * Math.sin((2 * Math.PI * tone * n) / 8000));
  writeFileSync(join(prompts, 'en-us', `${name}.wav`), pcm16(8000, values));
}

let house: House;
before(async () => {
  prompt('conf-enter_conf_pin', ASKED, 60);
  prompt('conf-bad_pin', BAD, 2);
  prompt('conf-too_many_attempts', MANY, 2);
  house = await startHouse({ env: { PARLEY_PLAYING_PROMPTS: prompts } });
});
after(async () => {
  await house.close();
  rmSync(prompts, { recursive: true, force: true });
});

/** M: a member's PIN, m: a moderator's, S: one that is both. */
const PINS = {
  none: { member: [], moderator: [] },
  member: { member: ['1111'], moderator: [] },
  moderator: { member: [], moderator: ['2222'] },
  both: { member: ['1111'], moderator: ['2222'] },
  shared: { member: ['1111', '3333'], moderator: ['2222', '3333'] },
} as const;

/** By which number: a member's, a moderator's, one of the conference, one that is in both lists; a callflow that says `moderator: true` or `false`. */
const NUMBERS = ['member', 'moderator', 'conference', 'lists', 'forced', 'unforced'] as const;

type Outcome = 'member' | 'moderator' | 'bad';
interface Row {
  readonly by: (typeof NUMBERS)[number];
  readonly pins: keyof typeof PINS;
  /** Undefined: nobody asks. '' is # alone. */
  readonly typed?: string;
  readonly is: Outcome;
}

const [WRONG, MEMBERS, MODERATORS, SHARED] = ['9999', '1111', '2222', '3333'];
const row = (by: Row['by'], pins: Row['pins'], is: Outcome, typed?: string): Row => ({
  by,
  pins,
  is,
  ...(typed === undefined ? {} : { typed }),
});

/** kazoo-facts §7.3, and what is written below its table. */
const TABLE: readonly Row[] = [
  row('member', 'none', 'member'),
  row('member', 'moderator', 'member'),
  row('member', 'member', 'member', MEMBERS),
  row('member', 'both', 'member', MEMBERS),
  row('member', 'shared', 'member', SHARED),
  row('moderator', 'none', 'moderator'),
  row('moderator', 'member', 'moderator'),
  row('moderator', 'moderator', 'moderator', MODERATORS),
  row('moderator', 'both', 'moderator', MODERATORS),
  row('moderator', 'shared', 'moderator', SHARED),
  row('conference', 'none', 'member'),
  row('conference', 'member', 'member', MEMBERS),
  row('conference', 'moderator', 'moderator', MODERATORS),
  row('conference', 'moderator', 'member', ''),
  row('conference', 'both', 'member', MEMBERS),
  row('conference', 'both', 'moderator', MODERATORS),
  row('conference', 'shared', 'member', SHARED),
  row('lists', 'none', 'member'),
  row('lists', 'both', 'member', MEMBERS),
  row('lists', 'both', 'moderator', MODERATORS),
  row('forced', 'none', 'moderator'),
  row('forced', 'member', 'moderator', MEMBERS),
  row('forced', 'both', 'moderator', MODERATORS),
  row('unforced', 'none', 'member'),
  row('unforced', 'both', 'moderator', MODERATORS),
  // From here on PINs are wrong: the shield answers one address that goes on guessing later and later.
  row('member', 'both', 'bad', MODERATORS),
  row('member', 'member', 'bad', ''),
  row('moderator', 'both', 'bad', MEMBERS),
  row('moderator', 'moderator', 'bad', ''),
  row('conference', 'member', 'bad', ''),
  row('conference', 'member', 'bad', MODERATORS),
  row('conference', 'moderator', 'bad', WRONG),
  row('conference', 'both', 'bad', ''),
  row('conference', 'both', 'bad', WRONG),
  row('lists', 'both', 'bad', WRONG),
  row('forced', 'both', 'bad', WRONG),
];

interface Room {
  readonly id: string;
  readonly dial: Readonly<Record<Row['by'], string>>;
}

/** A conference with these PINs and a number of every sort, two of them by way of callflows. */
async function aConference(pins: keyof typeof PINS, index: number): Promise<Room> {
  const dial = Object.fromEntries(NUMBERS.map((by, n) => [by, String(6000 + 10 * index + n)])) as Room['dial'];
  const { body } = await house.kazoo('PUT', '/conferences', {
    name: `PINs: ${pins}`,
    conference_numbers: [dial.conference],
    member: { join_muted: false, numbers: [dial.member, dial.lists], pins: [...PINS[pins].member] },
    moderator: { join_muted: false, numbers: [dial.moderator, dial.lists], pins: [...PINS[pins].moderator] },
    play_welcome: false,
    profile: { ...QUIET },
  });
  const id: string = body.data.id;
  for (const by of ['forced', 'unforced'] as const) {
    const data: JsonObject = { id, moderator: by === 'forced', welcome_prompt: { play: false } };
    await house.kazoo('PUT', '/callflows', { numbers: [dial[by]], flow: { module: 'conference', data, children: {} } });
  }
  return { id, dial };
}

/** What becomes of one who calls so, and whether he was asked. */
async function becomes({ by, typed }: Row, room: Room, user: string): Promise<Outcome> {
  const phone = await house.phone({ user, tone: TONES[0]! });
  try {
    await phone.call(room.dial[by]);
    if (typed !== undefined) {
      await eventually(() => phone.hears().includes(ASKED), 'nobody asks for the PIN');
      await phone.sendDigits(`${typed}#`);
    }
    return await eventually(async () => {
      if (phone.hears().includes(BAD)) return 'bad';
      const seen = (await participants(house, room.id)).get(user);
      if (seen === undefined) return undefined;
      return seen.is_moderator === true ? 'moderator' : 'member';
    }, 'nothing becomes of him');
  } finally {
    await phone.close();
  }
}

test('role by number and PIN: every row, and what is asked', { timeout: 180_000 }, async () => {
  const rooms = new Map<string, Room>();
  for (const [index, pins] of (Object.keys(PINS) as (keyof typeof PINS)[]).entries()) rooms.set(pins, await aConference(pins, index));
  const wrong: string[] = [];
  const all = TABLE.map((each, index) => ({ ...each, user: `row-${index}`, room: rooms.get(each.pins)! }));
  for (let at = 0; at < all.length; at += 6) {
    await Promise.all(
      all.slice(at, at + 6).map(async (each) => {
        const is = await becomes(each, each.room, each.user).catch((error: unknown) => String(error));
        if (is !== each.is) wrong.push(`${each.by} number, PINs: ${each.pins}, typed ${each.typed ?? 'nothing'}: ${is}, not ${each.is}`);
      }),
    );
  }
  assert.deepEqual(wrong, []);
  for (const { id } of rooms.values()) await emptied(house, id);
});

test('three wrong PINs: so many attempts are too many, and he is hung up', { timeout: 60_000 }, async () => {
  const room = await aConference('both', 9);
  const phone = await house.phone({ user: 'guesser', tone: TONES[0]! });
  await phone.call(room.dial.conference);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await eventually(() => phone.hears().includes(ASKED), 'he is not asked again', 20_000);
    await phone.sendDigits('0000#');
  }
  await eventually(() => phone.hears().includes(MANY), 'he is not told that it was too often', 20_000);
  await phone.ended();
});
