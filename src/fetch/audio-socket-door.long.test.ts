import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { eventually } from '../../test/kit/house.ts';
import { noLog } from '../base/index.ts';
import { type AudioSocketDoor, openAudioSocketDoor } from './audio-socket-door.ts';
import type { FarSocket } from './fetch-types.ts';

const ID = '0123456789abcdef'.repeat(2);
const hello = (id = ID): Buffer => Buffer.from(`010010${id}`, 'hex');

async function open() {
  const clock = new FakeClock();
  const door = await openAudioSocketDoor({ clock, log: noLog, address: '127.0.0.1', port: 0 });
  return { clock, door };
}

/** A server that connects; `isOver`: it was cut off. */
async function caller({ port }: AudioSocketDoor): Promise<{ socket: Socket; isOver: () => boolean }> {
  const socket = connect(port, '127.0.0.1');
  let over = false;
  socket.on('error', () => {});
  socket.once('close', () => (over = true));
  socket.resume();
  await once(socket, 'connect');
  return { socket, isOver: () => over };
}

test('who is awaited is let in by his first message, in pieces too, and nothing of what he says is lost', async () => {
  const { door } = await open();
  const came: FarSocket[] = [];
  door.await(ID, (socket) => came.push(socket));
  const { socket, isOver } = await caller(door);
  const said = Buffer.from('1000020102', 'hex');
  socket.write(hello().subarray(0, 7));
  await new Promise((resolve) => setImmediate(resolve));
  socket.write(Buffer.concat([hello().subarray(7), said]));
  const [far] = await eventually(() => came.length > 0 && came, 'he is not let in');
  const heard: Buffer[] = [];
  far!.onMessage((bytes) => heard.push(Buffer.from(bytes as Uint8Array)));
  await eventually(() => heard.length > 0, 'what he said at once is lost');
  assert.deepEqual(Buffer.concat(heard), said);
  assert.equal(isOver(), false);
  // Once: the next one by the same name is a stranger.
  const again = await caller(door);
  again.socket.write(hello());
  await eventually(() => again.isOver(), 'he is let in twice');
  await door.close();
  await eventually(() => isOver(), 'a close leaves him connected');
});

test('whoever is not awaited, says something else first, or nothing at all, is cut off', async () => {
  const { door, clock } = await open();
  door.await(ID, () => assert.fail('a stranger is let in'));
  for (const first of [
    hello('f'.repeat(32)),
    Buffer.from('10000201020000', 'hex'),
    Buffer.from(`010011${ID}00`, 'hex'),
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
  ]) {
    const { socket, isOver } = await caller(door);
    socket.write(first);
    await eventually(() => isOver(), `${first} is let in`);
  }
  const silent = await caller(door);
  silent.socket.write(hello().subarray(0, 10));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(silent.isOver(), false);
  clock.advance(5000);
  await eventually(() => silent.isOver(), 'he may wait for ever');
  await door.close();
});

test('an id is awaited once at a time; who is not awaited any more is not let in; strangers are bounded', async () => {
  const { door } = await open();
  const stop = door.await(ID, () => assert.fail('he is let in'));
  assert.throws(() => door.await(ID, () => {}), { code: 'media_awaited' });
  stop();
  const late = await caller(door);
  late.socket.write(hello());
  await eventually(() => late.isOver(), 'he is let in');
  const many = await Promise.all(Array.from({ length: 260 }, () => caller(door)));
  await eventually(() => many.filter(({ isOver }) => isOver()).length === 4, 'more than 256 strangers wait');
  for (const { socket } of many) socket.destroy();
  // Those who went make room.
  const came: FarSocket[] = [];
  door.await(ID, (socket) => came.push(socket));
  await eventually(async () => {
    const next = await caller(door);
    next.socket.write(hello());
    await new Promise((resolve) => setTimeout(resolve, 20));
    return came.length > 0;
  }, 'there is no room any more');
  await door.close();
});
