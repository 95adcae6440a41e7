import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openHouse } from '../../../../test/kit/api-house.ts';
import { settled } from '../../../../test/kit/bus-house.ts';
import { compare } from '../../../../test/kit/compare.ts';
import { FakeAmqp } from '../../../../test/kit/fake-amqp.ts';
import type { AccountId } from '../../../accounts/index.ts';
import { type Json, noLog } from '../../../base/index.ts';
import type { ConferenceId } from '../../../conference/index.ts';
import type { ToldCommand } from '../blackhole/blackhole.ts';
import { type KazooAmqpOptions, openKazooAmqp } from './kazoo-amqp.ts';

const room = 'room' as ConferenceId;

async function open(events?: readonly string[]) {
  const house = await openHouse();
  const { conferences, bus, options, clock } = house;
  const amqp = new FakeAmqp();
  const told: ToldCommand[] = [];
  const own = { account: house.account as AccountId, kind: 'api' } as const;
  const all = [house.account, house.child] as AccountId[];
  let lookups = 0;
  const accountsOf = async (conference: ConferenceId) => {
    // The first look takes longer than all others, as a cold store's does.
    if (lookups++ === 0) await settled();
    const found = await Promise.all(
      all.map((account) =>
        conferences.execute('conference.read', { conference }, { account, kind: 'api' }).then(
          () => [account],
          () => [],
        ),
      ),
    );
    return found.flat();
  };
  const make = (id: string, document = {}, actor: { account: AccountId; kind: 'api' } = own) =>
    conferences.execute('conference.create', { id: id as ConferenceId, document: { member: { join_muted: false }, ...document } }, actor);
  await make('room', { profile: { 'energy-level': 30 } });
  const needs: KazooAmqpOptions = {
    amqp,
    bus,
    execute: conferences.execute,
    accounts: options.accounts,
    accountsOf,
    liveOf: (account, conference) => conferences.liveOf(account, conference),
    clock,
    log: noLog,
    node: 'parley@test',
    sip: '127.0.0.1:5060',
    told: (command) => told.push(command),
    ...(events === undefined ? {} : { events }),
  };
  let dialect = await openKazooAmqp(needs);
  const level = async (talking: boolean) => {
    const view = await conferences.execute('conference.read', { conference: room }, own);
    conferences.setLevel(view.conference.room!.participants[0]!.call.leg, { talking, energy: 500 });
  };
  const mute = (muted: boolean) => conferences.execute('participants.mute', { conference: room, which: 1, muted }, own);
  return {
    house,
    amqp,
    get dialect() {
      return dialect;
    },
    /** As a server that goes down and comes back. */
    restart: async () => {
      await dialect.close();
      dialect = await openKazooAmqp(needs);
    },
    told,
    make,
    own,
    level,
    mute,
    clock,
    events: () => amqp.published.map((each) => JSON.parse(String(each.body))),
    names: () => amqp.published.map((each) => JSON.parse(String(each.body)).Event as string),
    [Symbol.asyncDispose]: async () => {
      await dialect.close();
      await bus.close();
      await conferences.close();
    },
  };
}

test('the messages of the facts', async (t) => {
  await using place = await open();
  const { house, amqp } = place;
  await place.make('quiet');
  await place.make('twin');
  await place.make('twin', {}, { account: house.child as AccountId, kind: 'api' });
  await house.join('room', { id: 'call-1', name: 'Ann', role: 'moderator' });
  await house.join('room', { id: 'call-2', name: 'Bob' });
  await house.join('room', { id: 'call-3', name: 'Eve' });
  house.clock.advance(10_000);
  const words = new Map(Object.entries({ A: house.account, B: house.child }));
  const fill = (text: string) => text.replace(/\{([A-Z]\w*)\}/g, (whole, word) => words.get(word) ?? whole);
  const text = readFileSync(new URL('../../../../test/fixtures/kazoo/amqp.messages', import.meta.url), 'utf8');
  for (const section of text.split(/^### /m).slice(1)) {
    const end = section.indexOf('\n');
    await t.test(section.slice(0, end), async () => {
      for (const step of fill(section.slice(end + 1))
        .split(/^> /m)
        .slice(1)) {
        const [ask = '', answer] = step.split(/^< /m);
        const [, key = '', body = ''] = /^(\S+) (.*)$/s.exec(ask.trim()) ?? [];
        const before = amqp.replies.length;
        await amqp.deliver(key, { 'Event-Category': 'conference', 'Server-ID': 'asker', 'Msg-ID': 'm1', ...JSON.parse(body) });
        const replies = amqp.replies.slice(before);
        assert.equal(replies.length, answer === undefined ? 0 : 1, `${ask}: ${JSON.stringify(replies)}`);
        if (answer === undefined) continue;
        assert.equal(replies[0]!.queue, 'asker');
        compare(JSON.parse(replies[0]!.body), JSON.parse(answer), { path: 'reply', words });
      }
    });
  }
  const view = await house.conferences.execute('conference.read', { conference: room }, place.own);
  assert.equal(view.conference.room!.participants[0]!.number, 2);
});

test('volumes reach the domain as gains, and energy as what it is; participants show it', async () => {
  await using place = await open();
  await place.house.join('room', { id: 'call-1' });
  const send = (name: string, more: object) =>
    place.amqp.deliver('conference.command.room', {
      'Event-Category': 'conference',
      'Event-Name': 'command',
      'Application-Name': name,
      'Conference-ID': 'room',
      'Participant-ID': '1',
      ...more,
    });
  await send('participant_volume_in', { 'Volume-In-Level': '4' });
  await send('participant_volume_out', { 'Volume-Out-Level': -4 });
  const view = await place.house.conferences.execute('conference.read', { conference: room }, place.own);
  const { gainIn, gainOut } = view.conference.room!.participants[0]!;
  // FreeSWITCH's table: level 4 is 4.3, level -4 is 0.2.
  assert.deepEqual([gainIn, gainOut], [4.3, 0.2]);
  const energy = async () =>
    (await place.house.conferences.execute('conference.read', { conference: room }, place.own)).conference.room!.participants[0]!
      .energyLevel;
  await send('participant_energy', { 'Energy-Level': '700' });
  assert.equal(await energy(), 700);
  await send('participant_energy', { 'Energy-Level': 1801 });
  assert.equal(await energy(), 700, 'there is no such level');
  await send('participant_energy', {});
  assert.equal(await energy(), 20);
});

test('a limit that was set keeps the next one out and nobody else, until it is as the conference has it again', async () => {
  await using place = await open();
  const { house } = place;
  await house.join('room', { id: 'call-1' });
  await house.join('room', { id: 'call-2' });
  const sets = (parameter: string, value: Json) =>
    place.amqp.deliver('conference.command.room', {
      'Event-Category': 'conference',
      'Event-Name': 'command',
      'Application-Name': 'set',
      'Conference-ID': 'room',
      Parameter: parameter,
      Value: value,
    });
  const read = async () => (await house.conferences.execute('conference.read', { conference: room }, place.own)).conference.room!;
  await sets('Max-Members', '1');
  assert.equal((await read()).participants.length, 2);
  await assert.rejects(house.join('room', { id: 'call-3' }), { code: 'conference_full' });
  await sets('Caller-ID-Number', '+15550100');
  assert.deepEqual((await read()).set, { maxParticipants: 1, callerNumber: '+15550100' });
  await sets('Max-Members', '0');
  await sets('Caller-ID-Number', '');
  assert.equal((await read()).set, undefined);
  await house.join('room', { id: 'call-3' });
  assert.equal((await read()).participants.length, 3);
});

test('who cannot be told is counted: no Server-ID, no JSON, a queue that is gone, a broker that is gone', async () => {
  await using place = await open();
  const { amqp, dialect } = place;
  await amqp.deliver('conference.command.room', 'no json');
  await amqp.deliver('conference.command.room', '[1]');
  await amqp.deliver('conference.command.room', { 'Event-Category': 'conference', 'Event-Name': 'command' });
  assert.equal(dialect.counts().unheard, 3);
  const ask = { 'Event-Category': 'conference', 'Event-Name': 'command', 'Application-Name': 'participants', 'Conference-ID': 'room' };
  amqp.queues = new Set(['mine']);
  await amqp.deliver('conference.command.room', { ...ask, 'Server-ID': 'gone' });
  amqp.isDown = true;
  await amqp.deliver('conference.command.room', { ...ask, 'Server-ID': 'mine' });
  assert.equal(dialect.counts().unroutable, 2);
  assert.deepEqual(amqp.replies, []);
});

test('commands of one conference are done in the order in which they came, and told to those who follow', async () => {
  await using place = await open();
  const { amqp, told } = place;
  const names = Array.from({ length: 21 }, (_, i) => (i % 2 === 0 ? 'lock' : 'unlock'));
  const send = (name: string) =>
    amqp.deliver('conference.command.room', {
      'Event-Category': 'conference',
      'Event-Name': 'command',
      'Application-Name': name,
      'Conference-ID': 'room',
    });
  await Promise.all(names.map(send));
  await settled();
  assert.deepEqual(place.names(), names);
  assert.deepEqual(
    told.map(({ message }) => message['application_name']),
    names,
  );
  const { account, conference, key } = told[0]!;
  assert.deepEqual([account, conference, key], [place.house.account, 'room', 'conference.command.room']);
});

test('facts and talk go out in one order, by the documented key, facts kept and talk not', async () => {
  await using place = await open();
  await place.house.join('room', { id: 'call.1' });
  await place.level(true);
  await place.mute(true);
  await place.mute(false);
  await place.level(false);
  await settled();
  const life = 'conference-create add-member start-talking stop-talking mute-member unmute-member start-talking stop-talking';
  assert.deepEqual(place.names(), life.split(' '));
  const [created, added, started] = place.amqp.published;
  assert.deepEqual([created?.exchange, created?.key], ['conference', 'conference.event.room.room']);
  assert.deepEqual([added?.exchange, added?.key], ['conference', 'conference.event.room.call%2E1']);
  assert.notEqual(added?.properties?.persistent, false);
  assert.equal(started?.properties?.persistent, false);
  assert.equal(added?.properties?.messageId, place.events()[1]['Msg-ID']);
  assert.equal(place.events()[1]['Energy-Level'], 30);
  assert.equal(place.events()[2]['Current-Energy'], 500);
});

test('only the chosen events go out', async () => {
  await using place = await open(['add-member']);
  await place.house.join('room', { id: 'call-1' });
  await place.level(true);
  await place.mute(true);
  await settled();
  assert.deepEqual(place.names(), ['add-member']);
});

test('while the broker is away nothing is lost but talk, and that in whole pairs', async () => {
  await using place = await open();
  const { amqp, clock } = place;
  await place.house.join('room', { id: 'call-1' });
  await settled();
  amqp.isDown = true;
  await place.mute(true);
  await settled();
  await place.mute(false);
  await place.level(true);
  await settled();
  amqp.isDown = false;
  for (let i = 0; i < 10; i += 1) {
    clock.advance(1000);
    await settled();
  }
  await place.level(false);
  await settled();
  assert.deepEqual(place.names(), ['conference-create', 'add-member', 'mute-member', 'unmute-member']);
  await place.level(true);
  await settled();
  assert.equal(place.names().at(-1), 'start-talking');
  assert.equal(place.dialect.counts().dropped, 2);
});

test('as long as those who listen come back to a restarted broker nothing is told, and then everything but talk', async () => {
  await using place = await open();
  const { amqp, clock } = place;
  await place.house.join('room', { id: 'call-1' });
  await settled();
  amqp.gathers = true;
  await place.mute(true);
  await place.mute(false);
  await place.level(true);
  clock.advance(1000);
  await settled();
  assert.deepEqual(place.names(), ['conference-create', 'add-member']);
  amqp.gathers = false;
  clock.advance(200);
  await settled();
  await place.level(false);
  await settled();
  assert.deepEqual(place.names(), ['conference-create', 'add-member', 'mute-member', 'unmute-member']);
});

test('what a server did not get rid of before it went down is told by the next one, and whoever may have talked stops before it', async () => {
  await using place = await open();
  const { amqp } = place;
  await place.house.join('room', { id: 'call-1' });
  await place.level(true);
  await settled();
  amqp.isDown = true;
  await place.mute(true);
  await settled();
  await place.restart();
  amqp.isDown = false;
  await settled();
  place.clock.advance(1000);
  await settled();
  assert.deepEqual(place.names(), ['conference-create', 'add-member', 'start-talking', 'stop-talking', 'mute-member']);
  await place.level(false);
  await place.mute(false);
  await settled();
  await place.mute(true);
  await settled();
  assert.deepEqual(place.names().slice(5), ['unmute-member', 'mute-member'], 'from then on it is known who talks');
});

test('a stop that the broker did not take comes before the next fact of that person, or by itself a little later', async () => {
  await using place = await open();
  const { amqp, clock } = place;
  await place.house.join('room', { id: 'call-1' });
  await place.level(true);
  await settled();
  amqp.isDown = true;
  await place.level(false);
  await settled();
  amqp.isDown = false;
  clock.advance(1500);
  await settled();
  assert.deepEqual(place.names().slice(2), ['start-talking', 'stop-talking']);
  await place.level(true);
  await settled();
  amqp.isDown = true;
  await place.level(false);
  await settled();
  amqp.isDown = false;
  await place.mute(true);
  await settled();
  assert.deepEqual(place.names().slice(4), ['start-talking', 'stop-talking', 'mute-member']);
});

test('what the broker took without saying so comes twice, under the same id', async () => {
  await using place = await open();
  const { amqp, clock } = place;
  amqp.loses = true;
  await place.house.join('room', { id: 'call-1' });
  await settled();
  amqp.loses = false;
  for (let i = 0; i < 5; i += 1) {
    clock.advance(1000);
    await settled();
  }
  const ids = place.events().map((each: { 'Msg-ID': Json }) => each['Msg-ID']);
  assert.equal(new Set(ids).size, 2);
  assert.ok(ids.length > 2);
  assert.deepEqual(place.names().slice(-2), ['conference-create', 'add-member']);
});

test('an event that no broker takes does not stand in the way', async () => {
  await using place = await open();
  place.amqp.unfit = ({ key }) => key.endsWith('.bad');
  await place.house.join('room', { id: 'bad' });
  await place.house.join('room', { id: 'good' });
  await settled();
  assert.deepEqual(place.names(), ['conference-create', 'add-member']);
  assert.equal(place.dialect.counts().unfit, 1);
});
