import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type House, openHouse } from '../../test/kit/api-house.ts';
import type { AccountId } from '../accounts/index.ts';
import type { JsonObject } from '../base/index.ts';
import { type Call, type ConferenceId, type Fact, KEYPAD_ACTIONS, type KeypadAction, type Participant } from '../conference/index.ts';
import { eventName } from './kazoo/events.ts';

/** Nothing is said that was not asked for, so that facts of notices do not depend on when a player ends. */
const PROFILE: JsonObject = Object.fromEntries(['alone', 'enter', 'exit', 'member-enter', 'moh'].map((each) => [`${each}-sound`, '']));

/** Every action has keys of its own: `*00`, `*01` … */
const digitsOf = (action: KeypadAction): string => `*${String(KEYPAD_ACTIONS.indexOf(action)).padStart(2, '0')}`;
const DATA: Readonly<Partial<Record<KeypadAction, string>>> = {
  event: 'coffee',
  extend: '5',
  transfer: '2001',
  dial: '2001',
  play: 'conf-welcome',
};
const MAP = KEYPAD_ACTIONS.map((action) => ({
  digits: digitsOf(action),
  action,
  ...(DATA[action] === undefined ? {} : { data: DATA[action] }),
}));

interface Room {
  readonly house: House;
  readonly id: ConferenceId;
  readonly actor: { readonly account: AccountId; readonly kind: 'call' };
}

/** A moderator (1) and two members (2, 3); the moderator presses. One more may wait outside. */
async function openRoom(document: JsonObject = {}): Promise<Room> {
  const house = await openHouse();
  const actor = { account: house.account as AccountId, kind: 'call' as const };
  const { conference } = await house.conferences.execute(
    'conference.create',
    {
      document: {
        member: { join_muted: false },
        recording_notice: false,
        controls: { default: MAP },
        profile: PROFILE,
        ...document,
      },
    },
    actor,
  );
  const { id } = conference;
  await house.join(id, { id: '1'.repeat(32), role: 'moderator' });
  await house.join(id, { id: '2'.repeat(32) });
  await house.join(id, { id: '3'.repeat(32) });
  return { house, id, actor };
}

async function press({ house, id, actor }: Room, action: KeypadAction): Promise<void> {
  const { conference } = await house.conferences.execute('conference.read', { conference: id }, actor);
  for (const digit of digitsOf(action)) {
    await house.conferences.execute('call.digit', { conference: id, call: conference.room!.participants[0]!.call.id, digit }, actor);
  }
}

type Ask = readonly [method: 'PUT' | 'PATCH' | 'POST' | 'DELETE', path: string, body?: JsonObject];

async function ask({ house }: Room, [method, url, body]: Ask): Promise<void> {
  const isNative = url.startsWith('/api');
  const reply = await house.server.inject({
    method,
    url,
    headers: isNative ? { authorization: `Bearer ${house.accessKey}` } : { 'x-auth-token': house.token },
    ...(body === undefined
      ? {}
      : {
          payload: JSON.stringify(body),
          headers: {
            ...(isNative ? { authorization: `Bearer ${house.accessKey}` } : { 'x-auth-token': house.token }),
            'content-type': 'application/json',
          },
        }),
  });
  assert.ok(reply.statusCode < 300, `${method} ${url}: ${reply.statusCode} ${reply.body}`);
}

/** What became of a room by some act: its facts and how everybody is, without what differs from run to run. */
interface Outcome {
  readonly facts: readonly JsonObject[];
  readonly state: JsonObject;
  readonly events: readonly JsonObject[];
}

const person = ({ number, role, muted, deaf, gainIn, gainOut, energyLevel, consent, handRaisedAt }: Participant): JsonObject => ({
  energyLevel: energyLevel ?? null,
  consent: consent?.state ?? null,
  number,
  role,
  muted,
  deaf,
  gainIn,
  gainOut,
  hand: handRaisedAt !== undefined,
});

function plain(fact: Fact): JsonObject {
  const { at, account, conference, sequence, instance, about, ...rest } = fact;
  const isRecording = 'recording' in rest && typeof rest.recording === 'object';
  const { participant, ...said } = { participant: undefined, ...rest, ...(isRecording ? { recording: 'it' } : {}) } as JsonObject;
  const { recording, raisedAt, endsAt, call, reason, by, ...more } = said;
  return { ...more, ...(about === undefined ? {} : { about: person(about) }) };
}

async function outcome({ house, id, actor }: Room, act: () => Promise<void>): Promise<Outcome> {
  const facts = async (after: number): Promise<readonly Fact[]> =>
    (await house.conferences.execute('conference.facts', { conference: id, after, limit: 1000 }, actor)).facts;
  const before = (await house.conferences.execute('conference.read', { conference: id }, actor)).conference.sequence;
  await act();
  const fresh = await facts(before);
  const { conference } = await house.conferences.execute('conference.read', { conference: id }, actor);
  const people = (conference.room?.participants ?? []).map(person);
  const { recording, muted = false, mohOff = false, floor } = conference.room ?? {};
  const holder = conference.room?.participants.find((each) => each.id === floor)?.number ?? null;
  return {
    facts: fresh.map(plain),
    state: { locked: conference.locked, people, recording: recording?.state ?? null, muted, mohOff, floor: holder },
    events: fresh.flatMap((each) => {
      const name = eventName(each);
      return name === undefined
        ? []
        : [
            {
              name,
              ...(each.about === undefined ? {} : { number: each.about.number, deaf: each.about.deaf, mute: each.about.muted.length > 0 }),
            },
          ];
    }),
  };
}

interface Row {
  readonly action: KeypadAction;
  /** Pressed before, so that there is something to be undone. */
  readonly after?: readonly KeypadAction[];
  readonly native?: readonly Ask[];
  readonly kazoo?: readonly Ask[];
  /** Nothing changes. */
  readonly quiet?: true;
  /** No other dialect does it: why. */
  readonly alone?: string;
}

const api = (id: string): string => `/api/conferences/${id}`;
const me = (id: string): string => `${api(id)}/participants/1`;

const rows = (id: string, account: string): readonly Row[] => {
  const v2 = `/v2/accounts/${account}/conferences/${id}`;
  const steer = (body: JsonObject): readonly Ask[] => [['PATCH', me(id), body]];
  const kazoo = (path: string, action: string): readonly Ask[] => [['PUT', `${v2}${path}`, { data: { action } }]];
  const self = (body: JsonObject): readonly Ask[] => steer({ ...body, by: 'self' });
  const one = '/participants/1';
  return [
    { action: 'mute', native: self({ muted: true }), kazoo: kazoo(one, 'mute') },
    { action: 'mute', after: ['mute on'], native: self({ muted: false }), kazoo: kazoo(one, 'unmute') },
    { action: 'mute on', native: self({ muted: true }), kazoo: kazoo(one, 'mute') },
    { action: 'mute on', after: ['mute on'], quiet: true, native: self({ muted: true }), kazoo: [] },
    { action: 'mute off', after: ['mute on'], native: self({ muted: false }), kazoo: kazoo(one, 'unmute') },
    { action: 'deaf', native: steer({ deaf: true }), kazoo: kazoo(one, 'deaf') },
    { action: 'deaf', after: ['deaf on'], native: steer({ deaf: false }), kazoo: kazoo(one, 'undeaf') },
    { action: 'deaf on', native: steer({ deaf: true }), kazoo: kazoo(one, 'deaf') },
    { action: 'deaf off', after: ['deaf on'], native: steer({ deaf: false }), kazoo: kazoo(one, 'undeaf') },
    { action: 'deaf mute', native: self({ muted: true, deaf: true }), kazoo: [...kazoo(one, 'mute'), ...kazoo(one, 'deaf')] },
    { action: 'vol talk up', native: steer({ step_in: 1 }) },
    { action: 'vol talk dn', native: steer({ step_in: -1 }) },
    { action: 'vol talk zero', after: ['vol talk up'], native: steer({ gain_in: 1 }) },
    { action: 'vol listen up', native: steer({ step_out: 1 }) },
    { action: 'vol listen dn', native: steer({ step_out: -1 }) },
    { action: 'vol listen zero', after: ['vol listen dn'], native: steer({ gain_out: 1 }) },
    { action: 'energy up', native: steer({ step_energy: 1 }) },
    { action: 'energy dn', after: ['energy up', 'energy up'], native: steer({ step_energy: -1 }) },
    { action: 'energy equ', after: ['energy up'], native: steer({ energy_level: null }) },
    { action: 'floor', native: steer({ floor: true }) },
    { action: 'floor', after: ['floor'], native: steer({ floor: false }) },
    { action: 'moh toggle', native: [['DELETE', `${api(id)}/moh`]] },
    { action: 'moh toggle', after: ['moh toggle'], native: [['PUT', `${api(id)}/moh`]] },
    { action: 'agree', after: ['record on'], native: steer({ recording_consent: true }) },
    { action: 'decline', after: ['record on'], native: steer({ recording_consent: false }) },
    { action: 'decline', after: ['record on', 'agree'], native: steer({ recording_consent: false }) },
    { action: 'hangup', native: [['DELETE', me(id)]], kazoo: kazoo(one, 'kick') },
    { action: 'event', alone: 'an event is what keys are for' },
    { action: 'transfer', quiet: true, alone: 'where to is found out by the lobbies, which this house has none of: key-transfer.test.ts' },
    { action: 'dial', quiet: true, alone: 'whom it means is found out by the lobbies, too: key-dial.test.ts' },
    { action: 'play', quiet: true, alone: 'over HTTP what is played to one is a play, with facts of its own' },
    { action: 'count', quiet: true, native: [['POST', `${me(id)}/tell`, { what: 'count' }]] },
    { action: 'roll call', quiet: true, native: [['POST', `${me(id)}/tell`, { what: 'roll_call' }]] },
    { action: 'hand', native: steer({ hand_raised: true }) },
    { action: 'hand', after: ['hand up'], native: steer({ hand_raised: false }) },
    { action: 'hand up', native: steer({ hand_raised: true }) },
    { action: 'hand down', after: ['hand up'], native: steer({ hand_raised: false }) },
    { action: 'lock', native: [['PUT', `${api(id)}/lock`]], kazoo: kazoo('', 'lock') },
    { action: 'lock', after: ['lock on'], native: [['DELETE', `${api(id)}/lock`]], kazoo: kazoo('', 'unlock') },
    { action: 'lock on', native: [['PUT', `${api(id)}/lock`]], kazoo: kazoo('', 'lock') },
    { action: 'lock off', after: ['lock on'], native: [['DELETE', `${api(id)}/lock`]], kazoo: kazoo('', 'unlock') },
    { action: 'mute all', native: [['PUT', `${api(id)}/mute`]], kazoo: kazoo('/participants', 'mute') },
    { action: 'mute all', after: ['mute all on'], native: [['DELETE', `${api(id)}/mute`]], kazoo: kazoo('/participants', 'unmute') },
    { action: 'mute all on', native: [['PUT', `${api(id)}/mute`]], kazoo: kazoo('/participants', 'mute') },
    { action: 'mute all off', after: ['mute all on'], native: [['DELETE', `${api(id)}/mute`]], kazoo: kazoo('/participants', 'unmute') },
    { action: 'kick last', native: [['DELETE', `${api(id)}/participants/3`]], kazoo: kazoo('/participants/3', 'kick') },
    {
      action: 'record',
      native: [['POST', `${api(id)}/recordings`, {}]],
      kazoo: [['PUT', v2, { data: { action: 'record', data: { action: 'start' } } }]],
    },
    { action: 'record', after: ['record on'], kazoo: [['PUT', v2, { data: { action: 'record', data: { action: 'stop' } } }]] },
    { action: 'record on', native: [['POST', `${api(id)}/recordings`, {}]] },
    { action: 'record off', after: ['record on'], kazoo: [['PUT', v2, { data: { action: 'record', data: { action: 'stop' } } }]] },
    { action: 'record pause', after: ['record on'], native: [['POST', `${api(id)}/recordings/now/pause`]] },
    { action: 'record pause', after: ['record on', 'record pause'], native: [['POST', `${api(id)}/recordings/now/resume`]] },
    { action: 'extend', native: [['POST', `${api(id)}/extend`, { seconds: 300 }]] },
    { action: 'admit next', native: [['POST', `${api(id)}/waiting/next/admit`]] },
    { action: 'deny next', native: [['POST', `${api(id)}/waiting/next/deny`]] },
  ];
};

/** Somebody who asks to be admitted. */
async function wait({ house, id, actor }: Room): Promise<void> {
  const { conference } = await house.conferences.execute('conference.read', { conference: id }, actor);
  await house.conferences.execute(
    'conference.replace',
    { conference: id, document: { ...conference.document, waiting_room: true } },
    actor,
  );
  const call: Call = {
    id: '9'.repeat(32) as Call['id'],
    leg: '9'.repeat(32) as Call['leg'],
    sipCallId: 'nine',
    direction: 'inbound',
    callerName: 'Nine',
    callerNumber: '9',
    channelVars: {},
  };
  await house.conferences.execute('call.enter', { conference: id, call, role: 'member' }, actor);
}

async function ready(row: Row): Promise<Room> {
  const isDoor = row.action === 'admit next' || row.action === 'deny next';
  const isConsent = row.action === 'agree' || row.action === 'decline';
  const room = await openRoom({
    ...(row.action === 'extend' ? { max_duration: 3600 } : {}),
    ...(isConsent ? { recording_consent: 'exclude' } : {}),
  });
  if (isDoor) await wait(room);
  for (const each of row.after ?? []) await press(room, each);
  return room;
}

/** A recording is named by its id. */
async function named(room: Room, [method, url, body]: Ask): Promise<Ask> {
  const { conference } = await room.house.conferences.execute('conference.read', { conference: room.id }, room.actor);
  return [method, url.replace('/now/', `/${conference.room?.recording?.id}/`), ...(body === undefined ? [] : [body])] as unknown as Ask;
}

const labels = rows('', '').map(({ action, after = [] }) => `${action}${after.length > 0 ? ` after ${after.join(', ')}` : ''}`);

test('there is a row for every action', () => {
  const known = new Set(rows('', '').map((each) => each.action));
  assert.deepEqual(
    KEYPAD_ACTIONS.filter((each) => !known.has(each)),
    [],
  );
});

for (const [index, label] of labels.entries()) {
  test(`keys do what our API and KAZOO do: ${label}`, async () => {
    const open = async (): Promise<{ room: Room; row: Row }> => {
      const room = await ready(rows('', '')[index] as Row);
      return { room, row: rows(room.id, room.house.account)[index] as Row };
    };
    const { room, row } = await open();
    const pressed = await outcome(room, () => press(room, row.action));
    assert.equal(pressed.facts.length === 0, row.quiet === true, JSON.stringify(pressed.facts));
    assert.ok(row.alone !== undefined || row.native !== undefined || row.kazoo !== undefined, 'it has a twin');
    if (!['hangup', 'transfer'].includes(row.action)) assert.ok(room.house.sounds.asked.includes('play'), 'who pressed hears so');
    if (row.native !== undefined) {
      const twin = (await open()).room;
      const asks = rows(twin.id, twin.house.account)[index]?.native ?? [];
      assert.deepEqual(
        await outcome(twin, async () => {
          for (const each of asks) await ask(twin, await named(twin, each));
        }),
        pressed,
        'our API',
      );
    }
    if (row.kazoo !== undefined) {
      const twin = (await open()).room;
      const asks = rows(twin.id, twin.house.account)[index]?.kazoo ?? [];
      const done = await outcome(twin, async () => {
        for (const each of asks) await ask(twin, each);
      });
      assert.deepEqual(done.events, pressed.events, 'KAZOO');
    }
  });
}
