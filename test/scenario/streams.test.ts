import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { uuidOf } from '../../src/base/index.ts';
import { all, hearingMatrix } from '../kit/hearing.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied, numberOf, party } from '../kit/party.ts';
import type { Phone } from '../kit/phone.ts';
import { PROGRAM_TONE, Program, type ProgramOptions } from '../kit/program.ts';

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

const ws = (): string => house.http.replace('http', 'ws');
const stream = (conference: string, query: string): string =>
  `${ws()}/api/conferences/${conference}/stream?accesskey=${house.first.access_key}&${query}`;

/** A program that says its tone. */
const join = (conference: string, query = '', more: Partial<ProgramOptions> = {}): Promise<Program> =>
  Program.open({ url: stream(conference, `name=${more.name ?? 'Bot'}&${query}`), name: 'Bot', tone: PROGRAM_TONE, ...more });

/** A program hears and is heard as a phone. */
const asPhone = (program: Program): Phone => program as unknown as Phone;

test('two phones and a program: all hear each other; mute, deaf, relate and kick act on the program as on anybody', async () => {
  const room = await aRoom(house);
  const phones = await party(house, room.number, { names: ['Ann', 'Ben'] });
  await using bot = await join(room.id);
  const everybody = [...phones, asPhone(bot)];
  await hearingMatrix(everybody, all(everybody));
  const [ann, number] = [await numberOf(house, room.id, 'Ann'), await numberOf(house, room.id, 'Bot')];
  const path = `${room.id}/participants/${number}`;

  await house.act(path, 'mute');
  await hearingMatrix(everybody, { Ann: ['Ben'], Ben: ['Ann'], Bot: ['Ann', 'Ben'] });
  await bot.next((told) => told.type === 'muted' && told.number === number && told.muted === true);
  await house.act(path, 'unmute');
  await house.act(path, 'deaf');
  await hearingMatrix(everybody, { Ann: ['Ben', 'Bot'], Ben: ['Ann', 'Bot'] });
  await house.act(path, 'undeaf');
  const relate = (relationship: string): Promise<unknown> =>
    house.act(`${room.id}/participants`, 'relate', { participant_id: number, other_participant: ann, relationship });
  await relate('deaf');
  await hearingMatrix(everybody, { Ann: ['Ben', 'Bot'], Ben: ['Ann', 'Bot'], Bot: ['Ben'] });
  await relate('mute');
  await hearingMatrix(everybody, { Ann: ['Ben'], Ben: ['Ann', 'Bot'], Bot: ['Ben'] });

  await house.act(path, 'kick');
  assert.deepEqual(await bot.closed, [4403, 'kicked']);
  assert.equal(bot.told.at(-1).reason, 'kicked');
  await hearingMatrix(phones, { Ann: ['Ben'], Ben: ['Ann'] });
  assert.deepEqual([...(await participants(house, room.id)).keys()].sort(), ['Ann', 'Ben']);
  for (const each of phones) await each.hangUp();
  await emptied(house, room.id);
});

test('everybody apart: each participant comes under his own number, and who is muted for the program does not come', async () => {
  const room = await aRoom(house);
  const phones = await party(house, room.number, { names: ['Ann', 'Ben'] });
  await using bot = await join(room.id, 'hear=legs&rate=24000', { rate: 24_000, header: 8 });
  const hello = await bot.next((told) => told.type === 'hello');
  assert.deepEqual([hello.rate, hello.header_bytes, hello.frame_bytes, hello.hear], [24_000, 8, 968, 'legs']);
  const numbers = new Map<string, number>(hello.participants.map((each: { name: string; number: number }) => [each.name, each.number]));
  const [ann, ben] = [numbers.get('Ann')!, numbers.get('Ben')!];
  const heard = async (wanted: [number[], number[]]): Promise<void> => {
    await eventually(
      () => JSON.stringify([bot.hearsOf(ann), bot.hearsOf(ben)]) === JSON.stringify(wanted),
      `the numbers do not carry ${JSON.stringify(wanted)} but ${JSON.stringify([bot.hearsOf(ann), bot.hearsOf(ben)])}`,
    );
  };
  await heard([[phones[0]!.tone], [phones[1]!.tone]]);
  await house.act(`${room.id}/participants`, 'relate', { participant_id: hello.you.number, other_participant: ann, relationship: 'deaf' });
  await heard([[], [phones[1]!.tone]]);
  await house.act(`${room.id}/participants/${hello.you.number}`, 'deaf');
  await heard([[], []]);
  for (const each of phones) await each.hangUp();
});

test('two programs alone hear each other, and a phone that comes later hears both', async () => {
  const room = await aRoom(house);
  await using one = await join(room.id, 'rate=8000', { rate: 8000 });
  await using two = await join(room.id, 'rate=48000', { rate: 48_000, name: 'Other', tone: PROGRAM_TONE - 260 });
  const programs = [asPhone(one), asPhone(two)];
  await hearingMatrix(programs, all(programs));
  const phones = await party(house, room.number, { names: ['Ann'] });
  await hearingMatrix([...programs, ...phones], all([...programs, ...phones]));
  await eventually(() => one.told.some((told) => told.type === 'talking' && told.talking === true), 'nobody was told to talk');
  await phones[0]!.hangUp();
  await hearingMatrix(programs, all(programs));
  one.send({ type: 'stop' });
  assert.deepEqual(await one.closed, [1000, 'stopped']);
});

test('listening only is not heard; speaking only hears nothing; an alone program leaves when it wished so', async () => {
  const room = await aRoom(house);
  const [ann] = await party(house, room.number, { names: ['Ann'] });
  await using mute = await join(room.id, 'speak=false');
  await hearingMatrix([ann!, asPhone(mute)], { Bot: ['Ann'] });
  await using deaf = await join(room.id, 'hear=none&alone=leave', { name: 'Voice' });
  await eventually(() => ann!.hears().includes(PROGRAM_TONE), 'Ann does not hear the voice');
  assert.equal(deaf.frames.length, 0);
  await ann!.hangUp();
  assert.deepEqual(await deaf.closed, [1000, 'everybody_left']);
});

test("VoIPBIN's media stream hears and is heard; at most five; it ends with the last who is no program", async () => {
  const room = await aRoom(house);
  const id = `${room.id.slice(0, 8)}-${room.id.slice(8, 12)}-${room.id.slice(12, 16)}-${room.id.slice(16, 20)}-${room.id.slice(20)}`;
  const url = (encapsulation: string): string =>
    `${ws()}/v1.0/conferences/${id}/media_stream?token=${house.first.access_key}&encapsulation=${encapsulation}`;
  const [ann] = await party(house, room.number, { names: ['Ann'] });
  let sequence = 0;
  const rtp = (sound: Buffer): Buffer => {
    const header = Buffer.from([0x80, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    header.writeUInt16BE(++sequence, 2);
    return Buffer.concat([header, sound]);
  };
  const audiosocket = (sound: Buffer): Buffer => Buffer.concat([Buffer.from([0x10, sound.length >> 8, sound.length & 0xff]), sound]);
  for (const [encapsulation, header, wrap] of [
    ['rtp', 12, rtp],
    ['sln', 0, undefined],
    ['audiosocket', 3, audiosocket],
  ] as const) {
    const more = wrap === undefined ? {} : { wrap };
    await using bot = await Program.open({ url: url(encapsulation), name: 'Bot', tone: PROGRAM_TONE, rate: 8000, header, ...more });
    await hearingMatrix([ann!, asPhone(bot)], { Ann: ['Bot'], Bot: ['Ann'] });
    assert.equal(bot.frames[0]?.length, header + 320);
    assert.deepEqual(bot.told, []);
  }
  await eventually(async () => (await participants(house, room.id)).size === 1, 'a stream is still listed');
  const five = await Promise.all(Array.from({ length: 5 }, () => Program.open({ url: url('sln'), name: 'Bot', rate: 8000 })));
  await assert.rejects(Program.open({ url: url('sln'), name: 'Bot' }), (error: { status: number; body: string }) => {
    assert.equal(error.status, 429);
    assert.equal(JSON.parse(error.body).error.status, 'RESOURCE_EXHAUSTED');
    return true;
  });
  await ann!.hangUp();
  for (const each of five) assert.deepEqual(await each.closed, [1000, 'everybody_left']);
  await emptied(house, room.id);
});

test('the media stream of a call is between that call and the program alone, also for who comes later', async () => {
  const room = await aRoom(house);
  const phones = await party(house, room.number, { names: ['Ann', 'Ben'] });
  // A UUID made of the SIP Call-ID, as every id that is none is shown.
  const call = uuidOf(phones[0]!.callId, house.first.account_id);
  await using bot = await Program.open({
    url: `${ws()}/v1.0/calls/${call}/media_stream?token=${house.first.access_key}&encapsulation=sln`,
    name: 'Bot',
    tone: PROGRAM_TONE,
    rate: 8000,
  });
  const three = [...phones, asPhone(bot)];
  await hearingMatrix(three, { Ann: ['Ben', 'Bot'], Ben: ['Ann'], Bot: ['Ann'] });
  const cleo = await house.phone({ user: 'Cleo', tone: 1050 });
  await cleo.call(room.number);
  await hearingMatrix([...three, cleo], { Ann: ['Ben', 'Bot', 'Cleo'], Ben: ['Ann', 'Cleo'], Bot: ['Ann'], Cleo: ['Ann', 'Ben'] });
  await phones[0]!.hangUp();
  assert.deepEqual(await bot.closed, [1000, 'call_ended']);
  for (const each of [phones[1]!, cleo]) await each.hangUp();
});

test('what is wrong is refused before the upgrade, in the words of its dialect', async () => {
  const { access_key: key } = house.first;
  const room = await aRoom(house);
  const refused = async (path: string): Promise<[number, string]> => {
    const failure = await Program.open({ url: `${ws()}${path}`, name: 'x' }).then(
      () => assert.fail(`${path} was let in`),
      (error: { status: number; body: string }) => error,
    );
    const body = JSON.parse(failure.body);
    return [failure.status, body.code ?? body.error.reason];
  };
  const own = `/api/conferences/${room.id}/stream`;
  assert.deepEqual(await refused(own), [401, 'not_recognised']);
  assert.deepEqual(await refused(`${own}?token=nonsense`), [401, 'not_recognised']);
  assert.deepEqual(await refused(`${own}?accesskey=${key}&rate=44100`), [400, 'invalid']);
  assert.deepEqual(await refused(`${own}?accesskey=${key}&hear=none&speak=false`), [400, 'invalid']);
  assert.deepEqual(await refused(`${own}?accesskey=${key}&colour=red`), [400, 'invalid']);
  assert.deepEqual(await refused(`/api/conferences/00000000000000000000000000000000/stream?accesskey=${key}`), [
    404,
    'conference_not_found',
  ]);
  const theirs = `/v1.0/conferences/${room.id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}/media_stream`;
  assert.deepEqual(await refused(`${theirs}?encapsulation=sln`), [401, 'AUTHENTICATION_REQUIRED']);
  assert.deepEqual(await refused(`${theirs}?token=${key}`), [400, 'MISSING_REQUEST_PARAMETER']);
  assert.deepEqual(await refused(`${theirs}?token=${key}&encapsulation=mediasocket`), [400, 'INVALID_REQUEST_PARAMETER']);
  assert.deepEqual(await refused(`/v1.0/conferences/nonsense/media_stream?token=${key}&encapsulation=sln`), [400, 'INVALID_ID']);
  const strange = '01890000-0000-7000-8000-000000000000';
  assert.deepEqual(await refused(`/v1.0/conferences/${strange}/media_stream?token=${key}&encapsulation=sln`), [
    404,
    'CONFERENCE_NOT_FOUND',
  ]);
  assert.deepEqual(await refused(`/v1.0/calls/${strange}/media_stream?token=${key}&encapsulation=sln`), [404, 'CALL_NOT_FOUND']);
  assert.equal((await participants(house, room.id)).size, 0);
});

test('frames of every nonsense do no harm: the program is told so, and speaks on', async () => {
  const room = await aRoom(house);
  const [ann] = await party(house, room.number, { names: ['Ann'] });
  await using bot = await join(room.id);
  for (const each of ['', '{', '[]', 'null', '{"type":"fly"}', '{"type":"mark"}', '{"type":"mark","name":7}', `"${'x'.repeat(9000)}"`])
    bot.send(each);
  bot.send(Buffer.alloc(0));
  bot.send(Buffer.from([7]));
  bot.send(Buffer.from([7, 7, 7]));
  await eventually(() => bot.told.filter((told) => told.code === 'not_understood').length === 8, 'not each of them was answered');
  await eventually(() => ann!.hears().includes(PROGRAM_TONE), 'Ann does not hear the program any more');
  bot.send(Buffer.alloc(200_000));
  assert.equal((await bot.closed)[0], 1009);
  await eventually(async () => !(await participants(house, room.id)).has('Bot'), 'who was cut off is still listed');
  await using flood = await join(room.id, '', { tone: 0 });
  for (let n = 0; n < 3000; n++) flood.send(Buffer.from([0, 0]));
  assert.deepEqual(await flood.closed, [4429, 'too_many_frames']);
  await ann!.hangUp();
});

test('marks are told when everything before them was played, and clear forgets what was not', async () => {
  const room = await aRoom(house);
  const [ann] = await party(house, room.number, { names: ['Ann'] });
  await using bot = await join(room.id, '', { tone: 0 });
  const begun = performance.now();
  const second = Buffer.alloc(32_000);
  for (let n = 0; n < 16_000; n++) second.writeInt16LE(Math.round(4000 * Math.sin((2 * Math.PI * PROGRAM_TONE * n) / 16_000)), 2 * n);
  bot.send(second);
  bot.send({ type: 'mark', name: 'one' });
  await bot.next((told) => told.type === 'mark' && told.name === 'one');
  const took = performance.now() - begun;
  assert.ok(took >= 950 && took < 2500, `a second of speech was played after ${Math.round(took)} ms`);
  for (let n = 0; n < 20; n++) bot.send(second);
  bot.send({ type: 'mark', name: 'two' });
  await eventually(() => ann!.hears().includes(PROGRAM_TONE), 'Ann does not hear the program');
  bot.send({ type: 'clear' });
  await bot.next((told) => told.type === 'mark' && told.name === 'two');
  await eventually(() => !ann!.hears().includes(PROGRAM_TONE), 'what was cleared is still heard', 2000);
  await ann!.hangUp();
});

test('the server stops: programs hear 1001', async () => {
  await using own = await startHouse();
  const room = await aRoom(own);
  const url = `${own.http.replace('http', 'ws')}/api/conferences/${room.id}/stream?accesskey=${own.first.access_key}`;
  await using bot = await Program.open({ url, name: 'Bot' });
  await bot.next((told) => told.type === 'hello');
  await own.stop();
  assert.deepEqual(await bot.closed, [1001, 'shutdown']);
});
