import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { readWav } from '../../src/audio/index.ts';
import type { Json } from '../../src/base/index.ts';
import { eventually, type House, startHouse } from '../kit/house.ts';
import { goertzel } from '../kit/measure.ts';
import { TONES, tone } from '../kit/sound.ts';
import { hears, joinAction, soundAction, VoipbinDesk } from '../kit/voipbin-desk.ts';

let house: House;
const { ask, done, conference, callOut, inRoom } = new VoipbinDesk(() => house);
/** What servers of the client's were told. */
const hooks: { readonly path: string; readonly body: Json }[] = [];
const receiver = createServer((request, response) => {
  let text = '';
  request.on('data', (bytes) => (text += bytes));
  request.on('end', () => {
    hooks.push({ path: request.url ?? '', body: text === '' ? null : JSON.parse(text) });
    response.end('{}');
  });
});
before(async () => {
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  house = await startHouse({ env: { PARLEY_FETCH_ALLOW: 'loopback' } });
});
after(async () => {
  receiver.close();
  await house.close();
});

const base = () => `http://127.0.0.1:${(receiver.address() as { port: number }).port}`;
const [ANN, BEN, BEFORE, PROGRAM] = [TONES[0]!, TONES[1]!, TONES[5]!, TONES[6]!] as const;
const NIL = '00000000-0000-0000-0000-000000000000';

const hook = (name: string, data = '') => ({ type: 'webhook_send', option: { sync: true, uri: `${base()}/${name}`, data } });

/** The tones that are in at least 200 ms of it. */
function tonesOf({ rate, samples }: { readonly rate: number; readonly samples: Int16Array }): Set<number> {
  const count = new Map<number, number>();
  for (let at = 0; at + rate / 10 <= samples.length; at += rate / 10) {
    const piece = samples.subarray(at, at + rate / 10);
    for (const hz of [ANN, BEN, BEFORE, PROGRAM]) if (goertzel(piece, rate, hz) > 500) count.set(hz, (count.get(hz) ?? 0) + 1);
  }
  return new Set([...count].filter(([, times]) => times >= 2).map(([hz]) => hz));
}

async function recorded(id: string) {
  await eventually(async () => (await done('GET', `/recordings/${id}`)).status === 'ended', 'the recording does not end', 20_000);
  const answer = await fetch(`${house.http}/v1.0/recordingfiles/${id}?accesskey=${house.first.access_key}`);
  assert.equal(answer.status, 200);
  const wav = readWav(new Uint8Array(await answer.arrayBuffer()));
  assert.ok(!('malformed' in wav));
  return wav;
}

test('a flow records its call in the lobby and in a conference alike: what it says and what it hears, and runs a flow when it is done', {
  timeout: 60_000,
}, async () => {
  const room = await conference();
  const behind = await done('POST', '/flows', { name: 'behind', actions: [hook('recorded', `{"id":"$${'{voipbin.recording.id}'}"}`)] });
  const ann = await house.phone({ user: 'ann', tone: ANN });
  const ben = await house.phone({ user: 'ben', tone: BEN });
  await callOut(ben, [joinAction(room)]);
  await inRoom(room, 1);
  const started = { type: 'recording_start', option: { format: 'wav', on_end_flow_id: behind.id } };
  const call = await callOut(ann, [started, soundAction(BEFORE, 1500), joinAction(room)]);
  await inRoom(room, 2);
  const { recording_id: recording, recording_ids: all } = await done('GET', `/calls/${call.id}`);
  assert.notEqual(recording, NIL);
  assert.deepEqual(all, [recording]);
  const live = await done('GET', `/recordings/${recording}`);
  assert.deepEqual([live.status, live.reference_type, live.reference_id], ['recording', 'call', call.id]);
  assert.equal((await done('GET', `/conferences/${room}`)).recording_id, NIL, 'it is not the room that is recorded');
  await hears(ben, [ANN]);
  assert.equal((await ask('POST', `/calls/${call.id}/recording_start`)).body.error.reason, 'RECORDING_ALREADY_ACTIVE');
  await new Promise((wake) => setTimeout(wake, 1000));
  const stopped = await done('POST', `/calls/${call.id}/recording_stop`);
  assert.equal(stopped.recording_id, NIL);
  await done('POST', `/calls/${call.id}/recording_stop`);
  const mix = await recorded(recording);
  assert.deepEqual([...tonesOf(mix)].sort(), [ANN, BEN, BEFORE].sort(), 'what was said before, by him and by the other');
  assert.ok(mix.samples.length / mix.rate > 2.4, `only ${mix.samples.length / mix.rate} s`);
  const told = await eventually(() => hooks.find(({ path }) => path === '/recorded'), 'the flow behind it is not run');
  assert.deepEqual(told.body, { id: recording });
  await ann.hangUp();
  await ben.hangUp();
  await eventually(async () => (await done('GET', `/calls/${call.id}`)).status === 'hangup', 'it is not over');
  assert.deepEqual((await done('GET', `/calls/${call.id}`)).recording_ids, [recording]);
});

test('a recording ends by a key, by silence, by its length, and with its call', { timeout: 60_000 }, async () => {
  const ann = await house.phone({ user: 'ann' });
  const sleep = { type: 'sleep', option: { duration: 60_000 } };
  const call = await callOut(ann, [{ type: 'recording_start', option: { end_of_key: '#', beep_start: true } }, sleep]);
  const recording = await eventually(async () => {
    const { recording_id: id } = await done('GET', `/calls/${call.id}`);
    return id === NIL ? undefined : id;
  }, 'nothing is recorded');
  await ann.sendDigits('1');
  assert.equal((await done('GET', `/calls/${call.id}`)).recording_id, recording);
  await ann.sendDigits('#');
  const idle = () => eventually(async () => (await done('GET', `/calls/${call.id}`)).recording_id === NIL, 'it is still recorded');
  await idle();
  assert.equal((await ask('POST', `/calls/${call.id}/mute`, { direction: 'in' })).status, 200);
  for (const wish of [{ end_of_silence: 1 }, { duration: 1 }]) {
    await done('POST', `/calls/${call.id}/recording_start`, wish);
    await idle();
  }
  await done('POST', `/calls/${call.id}/recording_start`, {});
  const { recording_ids: all } = await done('GET', `/calls/${call.id}`);
  assert.equal(all.length, 4);
  await ann.hangUp();
  for (const id of all) await eventually(async () => (await done('GET', `/recordings/${id}`)).status === 'ended', `${id} does not end`);
  for (const bad of [{ format: 'gif' }, { duration: -1 }, { end_of_key: 'x' }]) {
    assert.equal((await ask('POST', `/calls/${call.id}/recording_start`, bad)).status, 400);
  }
  assert.equal((await ask('POST', `/calls/${call.id}/recording_start`, {})).status, 409);
});

/** 20 ms frames of a tone at 8 kHz, again and again. */
function speaks(socket: WebSocket, hz: number): () => void {
  const all = tone(hz, { length: 8000 });
  let at = 0;
  const timer = setInterval(() => {
    const frame = all.subarray(at, at + 160);
    socket.send(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength));
    at = (at + 160) % 8000;
  }, 20);
  return () => clearInterval(timer);
}

test('a media stream of a call hears it and speaks to it in its lobby, goes along into a conference and back, and ends with it', {
  timeout: 60_000,
}, async () => {
  const room = await conference();
  const ann = await house.phone({ user: 'ann', tone: ANN });
  const ben = await house.phone({ user: 'ben', tone: BEN });
  await callOut(ben, [joinAction(room)]);
  const call = await callOut(ann, [
    { type: 'sleep', option: { duration: 3000 } },
    joinAction(room),
    { type: 'sleep', option: { duration: 60_000 } },
  ]);
  await eventually(async () => (await done('GET', `/calls/${call.id}`)).status === 'progressing', 'it is not up');
  const socket = new WebSocket(
    `${house.http.replace('http', 'ws')}/v1.0/calls/${call.id}/media_stream?encapsulation=sln&accesskey=${house.first.access_key}`,
  );
  let heard: number[] = [];
  socket.on('message', (bytes: Buffer) =>
    heard.push(...new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))),
  );
  const closed = once(socket, 'close');
  await once(socket, 'open');
  const stop = speaks(socket, PROGRAM);
  const hearsCall = async (where: string) => {
    heard = [];
    await eventually(() => {
      const last = Int16Array.from(heard.slice(-1600));
      return last.length === 1600 && goertzel(last, 8000, ANN) > 500 && goertzel(last, 8000, BEN) < 500;
    }, `the program does not hear the call ${where}`);
  };
  await hears(ann, [PROGRAM]);
  await hearsCall('in its lobby');
  await inRoom(room, 2);
  await hears(
    ann,
    [BEN, PROGRAM].sort((a, b) => a - b),
  );
  await hears(ben, [ANN]);
  await hearsCall('in the conference');
  const own = (await done('GET', '/conferencecalls')).result.find((each: { reference_id: string }) => each.reference_id === call.id);
  await done('DELETE', `/conferencecalls/${own.id}`);
  await hears(ann, [PROGRAM]);
  await hearsCall('behind the conference');
  await ann.hangUp();
  await closed;
  stop();
  await ben.hangUp();
});

test('a flow lets a server of the client’s hear its call and speak to it, until it says stop', { timeout: 60_000 }, async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const came = once(server, 'connection');
  const url = `ws://127.0.0.1:${(server.address() as { port: number }).port}/media`;
  const ann = await house.phone({ user: 'ann', tone: ANN });
  const digits = { type: 'digits_receive', option: { duration: 30_000, length: 1 } };
  await callOut(ann, [
    { type: 'external_media_start', option: { url, encapsulation: 'sln' } },
    digits,
    { type: 'external_media_stop' },
    { type: 'sleep', option: { duration: 30_000 } },
  ]);
  const [socket] = (await came) as [WebSocket];
  let frames = 0;
  socket.on('message', () => (frames += 1));
  const closed = once(socket, 'close');
  const stop = speaks(socket, PROGRAM);
  await hears(ann, [PROGRAM]);
  await eventually(() => frames > 20, 'the server hears nothing');
  await ann.sendDigits('1');
  await closed;
  stop();
  await hears(ann, []);
  await ann.hangUp();
  server.close();
});
