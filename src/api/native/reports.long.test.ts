import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEventHouse } from '../../../test/kit/event-house.ts';
import type { CallId, Cdr } from '../../conference/index.ts';

const ID = 'd'.repeat(32);
const EVIL = `<script>alert(1)</script>"'&\u202e`;

/** Ann talks for 3 s, Mallory over her for 1 s, then nobody for 2 s; Late comes after a minute. Both calls have records. */
async function lived() {
  const house = await openEventHouse();
  const conference = await house.create(ID);
  const { execute } = house.conferences;
  const wait = (ms: number): void => house.clock.advance(ms);
  await house.join(ID, { id: 'c1' });
  await house.join(ID, { id: 'c2', name: EVIL });
  const { room } = (await execute('conference.read', { conference }, house.actor)).conference;
  const call = (n: number) => room?.participants[n]?.call.id as CallId;
  const talk = (n: number, talking: boolean) => house.talk(conference, n, talking);
  await talk(1, true);
  wait(2000);
  await talk(2, true);
  wait(1000);
  await talk(1, false);
  await talk(2, false);
  wait(2000);
  wait(60_000);
  await house.join(ID, { id: 'c3', name: 'Late' });
  await execute('call.ended', { conference, call: call(0), reason: 'hung-up' }, house.actor);
  await execute('participants.kick', { conference, which: 'all' }, house.actor);
  const quality = { packetsIn: 900, packetsOut: 1000, lost: 100, mosCq: 3.1 };
  const common = {
    account: house.account,
    conference,
    direction: 'inbound',
    callerName: '',
    callerNumber: '',
    calledNumber: '',
    channelVars: {},
  };
  await house.store.history.add({
    ...common,
    id: call(0),
    participant: room?.participants[0]?.id,
    sipCallId: 'c1',
    startedAt: (room?.startedAt ?? 0) - 100,
    answeredAt: room?.startedAt,
    endedAt: house.clock.epoch(),
    reason: 'hung-up',
    sipStatus: 200,
    cause: 16,
    codec: 'PCMU',
    quality,
  } as unknown as Cdr);
  return { ...house, conference, instance: room?.instance ?? '' };
}

test('a report tells who talked how long, at once with others, who was late, and how the calls were', async () => {
  await using house = await lived();
  const { body, status } = await house.ask('GET', `/conferences/${ID}/reports/latest`);
  assert.equal(status, 200);
  assert.equal(body.instance, house.instance);
  assert.deepEqual([body.talk_seconds, body.overlap_seconds, body.silence_seconds, body.seconds], [3, 1, 62, 65]);
  assert.deepEqual([body.most_people, body.is_partial], [3, false]);
  const [ann, mallory, late] = body.participants;
  assert.deepEqual([ann.talk_seconds, ann.overlap_seconds, ann.turns, ann.reason, ann.late_seconds], [3, 1, 1, 'hung-up', 0]);
  assert.deepEqual([mallory.talk_seconds, mallory.overlap_seconds, mallory.reason], [1, 1, 'kicked']);
  assert.deepEqual([late.talk_seconds, late.turns, late.late_seconds], [0, 0, 65]);
  assert.deepEqual([ann.codec, ann.loss, ann.quality.mosCq], ['PCMU', 0.1, 3.1]);
  assert.deepEqual([late.codec, late.loss, late.quality], [null, null, null]);
  const runs = (await house.ask('GET', `/conferences/${ID}/reports`)).body.items;
  assert.deepEqual(
    runs.map((each: { instance: string }) => each.instance),
    [house.instance],
  );
  assert.deepEqual((await house.ask('GET', runs[0].url.replace('/api', ''))).body, body);
});

test('the page has every name, and none of them is markup', async () => {
  await using house = await lived();
  const response = await fetch(`${house.api.url}/api/conferences/${ID}/reports/latest?format=html&accesskey=${house.accessKey}`);
  const page = await response.text();
  assert.match(response.headers.get('content-type') ?? '', /^text\/html/);
  assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  assert.ok(!page.includes('<script'), 'a name has become markup');
  assert.ok(page.includes('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\ufffd'));
  for (const part of ['Ann', 'Late', '1:05 late', '10.0 %', '3.1', 'PCMU', 'kicked']) assert.ok(page.includes(part), part);
  const browsers = { authorization: `Bearer ${house.accessKey}`, accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
  const asked = await fetch(`${house.api.url}/api/conferences/${ID}/reports/latest`, { headers: browsers });
  assert.equal(await asked.text(), page);
});

test('what is not there, or not for everybody, is refused', async () => {
  await using house = await lived();
  const ask = async (path: string, key?: string) => (await house.ask('GET', path, undefined, key)).body.code;
  assert.equal(await ask(`/conferences/${ID}/reports/nonsense`), 'report_not_found');
  assert.equal(await ask(`/conferences/${'e'.repeat(32)}/reports/latest`), 'conference_not_found');
  assert.equal(await ask(`/conferences/${ID}/reports/latest`, 'nobody'), 'not_recognised');
  assert.equal(await ask(`/conferences/${ID}/reports/latest?format=pdf`), 'invalid');
});
