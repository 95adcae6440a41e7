import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { standsAlone } from '../kit/alone.ts';
import { Guest } from '../kit/guest.ts';
import { hearingMatrix } from '../kit/hearing.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied } from '../kit/party.ts';
import { TONES } from '../kit/sound.ts';

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

const api = async (method: string, path: string, body?: object) =>
  house.fetch(method, `/api${path}`, {
    headers: { authorization: `Bearer ${house.first.access_key}` },
    ...(body === undefined ? {} : { body: JSON.parse(JSON.stringify(body)) }),
  });

/** Invites a guest: the code of his link, and a PIN of his own. */
async function invite(room: string, wish: object = {}): Promise<{ code: string; id: string; pin?: string }> {
  const { status, body } = await api('POST', `/conferences/${room}/invitations`, { name: 'Guest', ...wish });
  assert.equal(status, 201, JSON.stringify(body));
  return { code: body.link.split('/').at(-1), id: body.id, pin: body.one_time_pin };
}

const join = (code: string, name: string, hz: number, pin?: string): Promise<Guest> =>
  Guest.open({ server: house.http, code, name, hz, ...(pin === undefined ? {} : { pin }) });

/** Chromium's offer with more lines below its audio. */
async function offerWith(lines: string): Promise<string> {
  const offer = readFileSync(new URL('../fixtures/sdp/chromium-audio.sdp', import.meta.url), 'utf8');
  return offer.replace(/^a=mid:0$/m, `a=mid:0\r\n${lines}`);
}

/** Whether a guest's page shows somebody as talking. */
const isTalking = (guest: Guest, name: string): boolean =>
  [...guest.last('people').people, ...guest.frames.flatMap((each) => (each.type === 'person' ? [each.person] : []))].findLast(
    (each: { name: string }) => each.name === name,
  )?.talking === true;

test('two guests and two telephones: who hears whom, muted, deaf, raised hands, people, and out again', async () => {
  const room = await aRoom(house);
  const { code } = await invite(room.id);
  const ann = await house.phone({ user: 'Ann', tone: TONES[0]! });
  const ben = await house.phone({ user: 'Ben', tone: TONES[1]! });
  await ann.call(room.number);
  await ben.call(room.number);
  await using cleo = await join(code, 'Cleo', TONES[2]!);
  await using dan = await join(code, 'Dan', TONES[3]!);
  const everybody = [ann, ben, cleo, dan];
  const others = (...without: string[]) =>
    Object.fromEntries(
      everybody.map(({ name }) => [name, everybody.map((each) => each.name).filter((each) => each !== name && !without.includes(each))]),
    );
  await hearingMatrix(everybody, others());
  const { participant, conference, role } = await cleo.hear('joined');
  assert.equal(role, 'member');
  assert.equal(conference.name, `room ${room.number}`);
  const people = (guest: Guest) => guest.last('people').people.map((each: { name: string }) => each.name);
  assert.deepEqual(people(dan), ['Ann', 'Ben', 'Cleo', 'Dan']);
  await cleo.hear('person', ({ person }) => person.name === 'Dan' && person.kind === 'browser');
  await eventually(() => isTalking(dan, 'Ann'), 'nobody is shown to talk');

  cleo.say({ type: 'mute', muted: true });
  await hearingMatrix(everybody, others('Cleo'));
  await cleo.hear('self', (self) => self.muted && self.can_unmute && self.mute_reasons.includes('self'));
  await dan.hear('person', ({ person }) => person.id === participant && person.muted);
  cleo.say({ type: 'mute', muted: false });
  await hearingMatrix(everybody, others());
  cleo.say({ type: 'deaf', deaf: true });
  await hearingMatrix(everybody, { ...others(), Cleo: [] });
  cleo.say({ type: 'deaf', deaf: false });
  cleo.say({ type: 'hand', raised: true });
  await dan.hear('person', ({ person }) => person.id === participant && person.hand);
  cleo.say({ type: 'ping' });
  await cleo.hear('pong');

  cleo.say({ type: 'leave' });
  await cleo.hear('ended', ({ cause }) => cause === 'left');
  await dan.hear('left', ({ id }) => id === participant);
  const kicked = (await participants(house, room.id)).get('Dan')?.participant_id;
  await house.act(`${room.id}/participants/${kicked}`, 'kick');
  await dan.hear('ended', ({ cause }) => cause === 'kicked');
  await ann.hangUp();
  await ben.hangUp();
  await emptied(house, room.id);
});

test('PINs: the wrong one is refused at the entry machine’s pace, the right one lets in; a PIN of his own is used up by him alone', async () => {
  const room = await aRoom(house, { member: { join_muted: false, pins: ['2468'] }, moderator: { join_muted: false, pins: ['13579'] } });
  const shared = await invite(room.id, { pin: 'shared' });
  const view = await house.fetch('GET', `/api/invitations/${shared.code}`);
  assert.deepEqual(
    [view.status, view.body.pin, view.body.name, view.body.role, view.body.conference, view.body.ice_servers],
    [200, true, 'Guest', 'member', { name: `room ${room.number}` }, []],
  );
  await using ann = await join(shared.code, 'Ann', TONES[0]!);
  assert.equal((await ann.hear('pin')).wrong, false);
  // A moderator's PIN is wrong for a member.
  ann.say({ type: 'pin', pin: '13579' });
  await ann.hear('waiting', ({ why }) => why === 'checking');
  await ann.hear('pin', ({ wrong }) => wrong);
  ann.say({ type: 'pin', pin: '2468' });
  assert.equal((await ann.hear('joined')).role, 'member');
  ann.say({ type: 'pin', pin: '1' });
  await ann.hear('problem', ({ code }) => code === 'no_pin_asked');

  const own = await invite(room.id, { pin: 'one-time', role: 'moderator', name: 'Boss' });
  await using boss = await Guest.open({ server: house.http, code: own.code, pin: own.pin!, hz: TONES[1]! });
  assert.equal((await boss.hear('joined')).role, 'moderator');
  assert.equal(
    boss.frames.some(({ type }) => type === 'pin'),
    false,
    'what came with join is not asked for',
  );
  await hearingMatrix([ann, boss], { Ann: ['Guest'], Guest: ['Ann'] });
  await eventually(async () => (await participants(house, room.id)).has('Boss'), 'the name of the invitation is not shown');
  // The same guest in another window takes his own place.
  await using again = await Guest.open({ server: house.http, code: own.code, pin: own.pin!, hz: TONES[2]! });
  await again.hear('joined');
  assert.equal((await boss.hear('ended')).cause, 'taken-over');
  assert.equal((await participants(house, room.id)).size, 2);

  const guesser = await join(shared.code, 'Mallory', TONES[4]!, '0000');
  for (const n of [1, 2]) {
    await eventually(() => guesser.frames.filter(({ type, wrong }) => type === 'pin' && wrong).length === n, `wrong PIN ${n} was not told`);
    guesser.say({ type: 'pin', pin: '0000' });
  }
  assert.equal((await guesser.hear('ended')).cause, 'wrong-pin');
  await guesser.close();
});

test('a PIN of his own for two: each page counts once, however often it comes back; a third is refused; the same page twice is one guest', async () => {
  const room = await aRoom(house, { member: { join_muted: false, pins: ['2468'] } });
  const team = await invite(room.id, { pin: 'one-time', max_uses: 2, name: 'Team' });
  const page = (name: string, at: number, more: object = {}) =>
    Guest.open({ server: house.http, code: team.code, pin: team.pin!, name, hz: TONES[at]!, ...more });
  const uses = async () => (await api('GET', `/conferences/${room.id}/invitations/${team.id}`)).body.uses;
  const secretOf = (guest: Guest): string => guest.last('answer').resume;
  await using ann = await page('Ann', 0);
  await ann.hear('joined');
  // At the question for his PIN while the last place is taken.
  await using late = await Guest.open({ server: house.http, code: team.code, name: 'Late', hz: TONES[3]! });
  await late.hear('pin');
  await using ben = await page('Ben', 1);
  await ben.hear('joined');
  assert.equal(await uses(), 2, 'two pages are one guest');
  await hearingMatrix([ann, ben], { Ann: ['Ben'], Ben: ['Ann'] });
  late.say({ type: 'pin', pin: team.pin });
  assert.equal((await late.hear('ended')).cause, 'used', 'he is told that his PIN is wrong, and it is not');
  const refused = await house.fetch('GET', `/api/invitations/${team.code}`);
  assert.deepEqual([refused.status, refused.body.code, refused.body.max_uses], [410, 'invitation_used', 2]);

  // Reloaded twice before he gives his PIN: only the last secret is left of him, and it is enough.
  const first = secretOf(ann);
  await ann.vanish();
  const looks = await house.fetch('GET', `/api/invitations/${team.code}`, { headers: { 'parley-guest': first } });
  assert.equal(looks.status, 200, 'who was in is turned away');
  await using reloaded = await Guest.open({ server: house.http, code: team.code, back: first, name: 'Ann', hz: TONES[0]! });
  await reloaded.hear('pin');
  await reloaded.vanish();
  await using again = await page('Ann', 0, { back: secretOf(reloaded) });
  await again.hear('joined');
  assert.equal(await uses(), 2, 'a reload is a further guest');
  // The same browser in a second window.
  await using twice = await page('Ann', 2, { back: secretOf(again) });
  await twice.hear('joined');
  assert.equal((await again.hear('ended')).cause, 'taken-over', 'one guest is in twice');
  await hearingMatrix([twice, ben], { Ann: ['Ben'], Ben: ['Ann'] });
  assert.equal(await uses(), 2);
  assert.deepEqual([...(await participants(house, room.id)).keys()].sort(), ['Ann', 'Ben'], 'under the names that they gave');
});

test('a waiting room: he hears nobody and is not listed until a moderator admits him; another one is turned away; a removed one is out', async () => {
  const room = await aRoom(house, { waiting_room: true });
  const { code } = await invite(room.id);
  const boss = await house.phone({ user: 'Boss', tone: TONES[0]! });
  await boss.call(room.moderators);
  await using ann = await join(code, 'Ann', TONES[1]!);
  await ann.hear('waiting', ({ why }) => why === 'admission');
  await hearingMatrix([boss, ann], {});
  const waiting = async () => (await api('GET', `/conferences/${room.id}`)).body.waiting as { id: string; caller_name: string }[];
  const { id } = await eventually(async () => (await waiting())[0], 'nobody waits');
  assert.equal((await participants(house, room.id)).size, 1);
  // A page that comes back sees what it saw.
  await ann.vanish();
  await ann.resume();
  await ann.hear('waiting', ({ why }) => why === 'admission');
  await api('POST', `/conferences/${room.id}/waiting/${id}/admit`);
  await ann.hear('joined');
  await hearingMatrix([boss, ann], { Boss: ['Ann'], Ann: ['Boss'] });
  await using ben = await join(code, 'Ben', TONES[2]!);
  await ben.hear('waiting', ({ why }) => why === 'admission');
  const second = await eventually(async () => (await waiting())[0], 'nobody waits');
  await api('POST', `/conferences/${room.id}/waiting/${second.id}/deny`);
  assert.equal((await ben.hear('ended')).cause, 'denied');
  await boss.hangUp();
});

test('a network that is lost and found again is one participant; ICE restarts; whoever stays away is gone after half a minute', async () => {
  const room = await aRoom(house);
  const { code } = await invite(room.id);
  const boss = await house.phone({ user: 'Boss', tone: TONES[0]! });
  await boss.call(room.moderators);
  await using ann = await join(code, 'Ann', TONES[1]!);
  const { participant } = await ann.hear('joined');
  const both = { Boss: ['Ann'], Ann: ['Boss'] };
  await hearingMatrix([boss, ann], both);
  await ann.restart();
  await hearingMatrix([boss, ann], both);
  const { resume } = ann.last('answer');
  await ann.vanish();
  const start = performance.now();
  await ann.resume();
  assert.equal((await ann.hear('joined')).participant, participant);
  await hearingMatrix([boss, ann], both);
  console.log(`  back after ${Math.round(performance.now() - start)} ms, matrix included`);
  const facts = (await api('GET', `/conferences/${room.id}/facts`)).body;
  const joined = JSON.stringify(facts).match(/"participant\.joined"/g)?.length;
  assert.equal(joined, 2, 'a second participant appeared');
  // A secret is worth nothing with another link, and another one nothing at all.
  const other = await invite(room.id);
  for (const [link, secret] of [
    [other.code, resume],
    [code, 'A'.repeat(43)],
  ] as const) {
    await using thief = await Guest.knock({ server: house.http, code: link, hz: TONES[5]!, resume: secret });
    const { code: why, restarted } = await thief.hear('problem');
    assert.deepEqual([why, restarted], ['resume_over', secret !== resume]);
  }
  await ann.vanish();
  await eventually(async () => !(await participants(house, room.id)).has('Ann'), 'Ann is a ghost', 40_000);
  await boss.hangUp();
});

test('bad input: invitations that are over, foreign or taken back; frames that are none; offers that cannot be answered; nothing of it in the log', async () => {
  const room = await aRoom(house, { member: { join_muted: false, numbers: ['7412'], pins: ['2468'] } });
  const knock = (code: string, more: object = {}) => Guest.knock({ server: house.http, code, hz: TONES[0]!, ...more });
  const refusal = async (code: string): Promise<readonly unknown[]> => {
    await using guest = await knock(code);
    const problem = await guest.hear('problem');
    await eventually(() => guest.closed !== undefined, 'the socket stays open');
    const { status, body } = await house.fetch('GET', `/api/invitations/${code}`);
    assert.deepEqual([status, body.code], [problem.status, problem.code]);
    return [problem.status, problem.code, guest.closed];
  };
  const soon = await invite(room.id, { pin: 'none', expires_at: new Date(Date.now() + 1000).toISOString() });
  const gone = await invite(room.id, { pin: 'none' });
  await api('DELETE', `/conferences/${room.id}/invitations/${gone.id}`);
  assert.deepEqual(await refusal(gone.code), [404, 'invitation_unknown', 4000]);
  assert.deepEqual(await refusal('0'.repeat(32)), [404, 'invitation_unknown', 4000]);
  await eventually(async () => (await house.fetch('GET', `/api/invitations/${soon.code}`)).status === 410, 'it never expires');
  assert.deepEqual(await refusal(soon.code), [410, 'invitation_over', 4000]);

  const own = await invite(room.id, { pin: 'one-time' });
  const ann = await house.phone({ user: 'Ann', tone: TONES[1]! });
  await ann.call('7412');
  await ann.sendDigits(`${own.pin}#`, 'info');
  await eventually(async () => (await participants(house, room.id)).size === 1, 'the PIN was not taken');
  assert.deepEqual(await refusal(own.code), [410, 'invitation_used', 4000], 'somebody has used it by telephone');
  await ann.hangUp();

  // A link for one guest: a second page is refused, the first one may come back once its call is over.
  const once = await invite(room.id, { pin: 'none', max_uses: 1 });
  const ada = await Guest.open({ server: house.http, code: once.code, hz: TONES[2]! });
  await ada.hear('joined');
  const { resume } = ada.last('answer');
  assert.deepEqual(await refusal(once.code), [410, 'invitation_used', 4000], 'a link for one guest was used by another');
  ada.say({ type: 'leave' });
  await ada.hear('ended');
  await ada[Symbol.asyncDispose]();
  assert.deepEqual(await refusal(once.code), [410, 'invitation_used', 4000], 'whoever has the link alone is another guest');
  await using back = await Guest.open({ server: house.http, code: once.code, back: resume, hz: TONES[2]! });
  await back.hear('joined');
  const shown = (await api('GET', `/conferences/${room.id}/invitations/${once.id}`)).body;
  assert.deepEqual([shown.uses, shown.max_uses], [1, 1]);

  const good = await invite(room.id, { pin: 'none' });
  const bad: readonly (readonly [string, string])[] = [
    ['nonsense', 'a frame is no JSON'],
    ['[]', 'type must be one of'],
    ['{"type":"mute","muted":1}', 'mute: /muted'],
    ['{"type":"leave"}', 'say join first'],
    [JSON.stringify({ type: 'join', code: good.code, sdp: 'v=0' }), 'the offer cannot be answered'],
  ];
  for (const [text, words] of bad) {
    await using guest = new Guest({ server: house.http, code: good.code, hz: TONES[0]! });
    await eventually(() => guest.isOpen, 'no websocket');
    guest.raw(text);
    assert.match((await guest.hear('problem')).detail, new RegExp(words));
  }
  await using bomb = new Guest({ server: house.http, code: good.code, hz: TONES[0]! });
  await eventually(() => bomb.isOpen, 'no websocket');
  const candidates = Array.from({ length: 300 }, (_, n) => `a=candidate:${n} 1 udp 1 10.0.0.1 ${1024 + n} typ host`).join('\r\n');
  bomb.raw(JSON.stringify({ type: 'join', code: good.code, sdp: await offerWith(candidates) }));
  assert.match((await bomb.hear('problem')).detail, /too many candidates/);
  await using flood = new Guest({ server: house.http, code: good.code, hz: TONES[0]! });
  await eventually(() => flood.isOpen, 'no websocket');
  for (let n = 0; n < 150; n += 1) flood.raw('{"type":"ping"}');
  await eventually(() => flood.closed === 4004, 'a flood of frames goes on');
  for (const { code, pin } of [soon, gone, own, good]) {
    assert.equal(house.output.includes(code), false, 'a code is in the log');
    if (pin !== undefined) assert.equal(standsAlone(house.output, pin), false, 'a PIN is in the log');
  }
});

test('TURN servers are given with passwords for a time; a server that stops tells its guests', async () => {
  const one = await startHouse({
    env: { PARLEY_BROWSERS_ICE_SERVERS: 'stun:stun.example.org,turn:turn.example.org:3478', PARLEY_BROWSERS_TURN_SECRET: 'north' },
  });
  const room = await aRoom(one);
  const { body } = await one.fetch('POST', `/api/conferences/${room.id}/invitations`, {
    headers: { authorization: `Bearer ${one.first.access_key}` },
    body: { name: 'Ann' },
  });
  const code = body.link.split('/').at(-1);
  const { ice_servers: servers } = (await one.fetch('GET', `/api/invitations/${code}`)).body;
  assert.deepEqual(servers[0], { urls: ['stun:stun.example.org'] });
  const [until] = servers[1].username.split(':');
  assert.ok(Math.abs(Number(until) - Date.now() / 1000 - 43_200) < 60, 'good for twelve hours');
  // As `openssl dgst -sha1 -hmac` and coturn make it.
  assert.equal(servers[1].credential, createHmac('sha1', 'north').update(servers[1].username).digest('base64'));
  const ann = await Guest.open({ server: one.http, code, hz: TONES[0]! });
  await ann.hear('joined');
  await one.close();
  assert.equal((await ann.hear('ended')).cause, 'server-stopping');
  assert.equal(one.output.includes('north'), false, 'a secret is in the log');
  await ann.close();
});

test('a moderator moderates by his page, in the conference that he is in, and as long as he is one', async () => {
  const room = await aRoom(house, { waiting_room: true });
  const { code } = await invite(room.id, { role: 'moderator', name: 'Boss' });
  const member = await invite(room.id, { name: 'Mia' });
  await using boss = await join(code, 'Boss', TONES[0]!);
  await boss.hear('joined', ({ role }) => role === 'moderator');
  assert.deepEqual((await boss.hear('callers')).callers, []);
  const moderate = (guest: Guest, act: string, who?: string) => guest.say({ type: 'moderate', act, ...(who === undefined ? {} : { who }) });
  const refused = (guest: Guest, code: string) => guest.hear('problem', (problem) => problem.code === code);

  await using mia = await join(member.code, 'Mia', TONES[1]!);
  const { callers } = await boss.hear('callers', (frame) => frame.callers.length === 1);
  assert.equal(callers[0].name, 'Mia');
  moderate(mia, 'admit');
  await refused(mia, 'not_in');
  moderate(boss, 'admit', callers[0].id);
  const { participant } = await mia.hear('joined');
  await eventually(() => boss.last('callers').callers.length === 0, 'who was let in is still shown to wait');
  moderate(mia, 'lock');
  await refused(mia, 'not_moderator');
  await using late = await join((await invite(room.id, { name: 'Late' })).code, 'Late', TONES[3]!);
  const { callers: next } = await boss.hear('callers', (frame) => frame.callers[0]?.name === 'Late');
  moderate(boss, 'deny', next[0].id);
  await late.hear('ended', ({ cause }) => cause === 'denied');
  assert.equal(mia.last('callers'), undefined, 'a member is not told who waits');

  moderate(boss, 'mute', participant);
  await hearingMatrix([boss, mia], { Boss: [], Mia: ['Boss'] });
  assert.deepEqual((await mia.hear('self', ({ muted }) => muted)).mute_reasons, ['moderator']);
  moderate(boss, 'unmute', participant);
  await hearingMatrix([boss, mia], { Boss: ['Mia'], Mia: ['Boss'] });
  mia.say({ type: 'hand', raised: true });
  await boss.hear('person', ({ person }) => person.id === participant && person.hand);
  moderate(boss, 'lower_hand', participant);
  await eventually(() => mia.last('self').hand === false, 'the hand is still up');
  moderate(boss, 'lock');
  await mia.hear('conference', ({ conference }) => conference.locked);
  moderate(boss, 'unlock');
  moderate(boss, 'mute_all');
  await mia.hear('self', ({ mute_reasons }) => mute_reasons.includes('room'));
  moderate(boss, 'unmute_all');

  // Another conference of the same account is not his: who is there is nobody here.
  const elsewhere = await aRoom(house);
  const ann = await house.phone({ user: 'Ann', tone: TONES[2]! });
  await ann.call(elsewhere.number);
  const there: string = await eventually(
    async () => (await api('GET', `/conferences/${elsewhere.id}`)).body.participants[0]?.id,
    'Ann is not in',
  );
  moderate(boss, 'remove', there);
  await refused(boss, 'participant_not_found');
  moderate(boss, 'deny', there);
  await refused(boss, 'nobody_waits_so');
  moderate(boss, 'remove', 'all');
  moderate(boss, 'fly', participant);
  await refused(boss, 'invalid');

  // A member again, he moderates no more, whatever his link says.
  const own = (await boss.hear('joined')).participant;
  await api('PATCH', `/conferences/${room.id}/participants/${own}`, { role: 'member' });
  await boss.hear('self', ({ role }) => role === 'member');
  moderate(boss, 'remove', participant);
  await refused(boss, 'not_moderator');
  await api('PATCH', `/conferences/${room.id}/participants/${own}`, { role: 'moderator' });
  await boss.hear('self', ({ role }) => role === 'moderator');
  moderate(boss, 'remove', participant);
  await mia.hear('ended', ({ cause }) => cause === 'kicked');
  await ann.hangUp();
  boss.say({ type: 'leave' });
  await emptied(house, room.id);
});
