import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { all, hearingMatrix } from '../kit/hearing.ts';
import { eventually, type House, startHouse } from '../kit/house.ts';
import { emptied, party, quiet } from '../kit/party.ts';
import { SeededChance } from '../kit/seeded-chance.ts';
import { cseqNumber, header, type SipText } from '../kit/sip-text.ts';
import { Wire } from '../kit/wire.ts';

/** One torture message: what the parser says of it, and what the running server answers (null: silence). */
interface Expected {
  readonly section: string;
  readonly outcome: 'valid' | 'malformed';
  readonly served: number | null;
}

const folder = join(import.meta.dirname, '..', 'fixtures', 'rfc4475');
const table: Readonly<Record<string, Expected>> = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
const fixture = (name: string): Buffer => readFileSync(join(folder, `${name}.dat`));

/** The RFC uses one branch again and again; at one server that would make one transaction of two messages. */
const ownBranch = (name: string): Buffer =>
  Buffer.from(
    fixture(name)
      .toString('latin1')
      .replace(/branch=z9hG4bKkdjuw\w*/, `$&${name}`),
    'latin1',
  );

/** Random numbers and bytes that are the same on every run. */
function seeded(seed: number) {
  const chance = new SeededChance(seed);
  const below = (limit: number): number => Math.floor(chance.next() * limit);
  return { below, bytes: (count: number): Buffer => Buffer.from(chance.bytes(count)) };
}

let house: House;
let wire: Wire;
before(async () => {
  house = await startHouse();
  await quiet(house);
  // Most of the messages ask for no rport: their answers go to the port in the Via, at the address they came from.
  wire = await Wire.open({ server: house.sip, address: '127.0.0.77', ports: [5060, 5050, 5070] });
});
after(async () => {
  wire.close();
  await house.close();
});

async function metric(name: string): Promise<number> {
  const { body } = await house.fetch('GET', '/metrics');
  const line = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(String(body));
  assert.ok(line, `/metrics has no ${name}`);
  return Number(line[1]);
}

async function aCallWorks(): Promise<void> {
  const phones = await party(house, '3000', { names: ['Ann', 'Ben'] });
  await hearingMatrix(phones, all(phones));
  for (const each of phones) await each.hangUp();
  await emptied(house, house.first.conference_id);
}

/** The Call-ID and CSeq number by which answers to these bytes are known; undefined where they have none. */
function known(bytes: Buffer): { callId: string | undefined; sequence: number | undefined } {
  const text = bytes.toString('latin1').replace(/\r\n[ \t]+/g, ' ');
  const sequence = /^CSeq[ \t]*:[ \t]*(\d+)/im.exec(text)?.[1];
  return { callId: /^(?:Call-ID|i)[ \t]*:[ \t]*(\S+)/im.exec(text)?.[1], sequence: sequence === undefined ? undefined : Number(sequence) };
}

/** The answers to a message among what came since: those that do not belong to another one. */
function answers(bytes: Buffer, since: number): SipText[] {
  const { callId, sequence } = known(bytes);
  return wire.got
    .slice(since)
    .filter((each) => header(each, 'call-id') === (callId ?? '') && (sequence === undefined || cseqNumber(each) === sequence));
}

test('the 49 torture messages of RFC 4475 are answered as the RFC allows', async () => {
  const names = Object.keys(table);
  assert.equal(names.length, 49);
  const before = await metric('parley_sip_malformed_total');
  const found: Record<string, number | null> = {};
  for (const name of names) {
    const since = wire.got.length;
    const bytes = ownBranch(name);
    wire.send(bytes);
    await wire.fence();
    const final = () => answers(bytes, since).find(({ status }) => status >= 200);
    // INVITE and REGISTER ask the accounts first, so their answer may come behind the fence; whoever expects silence waits for the fence alone.
    if (table[name]!.served !== null) await eventually(final, `${name} has no answer`);
    found[name] = final()?.status ?? null;
  }
  assert.deepEqual(found, Object.fromEntries(names.map((name) => [name, table[name]!.served])));
  const malformed = Object.values(table).filter(({ outcome }) => outcome === 'malformed').length;
  assert.equal((await metric('parley_sip_malformed_total')) - before, malformed, 'each malformed one is counted, nothing else is');
  await aCallWorks();
});

test('answers to torture carry what they must: 420 names the extension, 415 and 405 what is spoken, 400 a To tag', async () => {
  const asked = async (name: string): Promise<SipText> => {
    const bytes = fixture(name);
    const since = wire.got.length;
    wire.send(bytes);
    return eventually(() => answers(bytes, since).find(({ status }) => status >= 200), `${name} has no answer`);
  };
  assert.match(header(await asked('bext01'), 'unsupported'), /nothingSupportsThis.*nothingSupportsThisEither/);
  assert.equal(header(await asked('invut'), 'accept'), 'application/sdp');
  assert.match(header(await asked('mpart01'), 'allow'), /\bINVITE\b/);
  assert.match(header(await asked('ncl'), 'to'), /;tag=/);
});

test('display names without quotes are taken as RFC 4475 §3.1.2.15 allows, once the empty line that the archive lost is there', async () => {
  const bytes = Buffer.concat([fixture('baddn'), Buffer.from('\r\n')]);
  const since = wire.got.length;
  wire.send(bytes);
  const { status } = await eventually(() => answers(bytes, since).find((each) => each.status >= 200), 'baddn has no answer');
  assert.equal(status, 200);
});

test('random datagrams, and torture with random bytes changed, harm nobody', async () => {
  const random = seeded(4475);
  const names = Object.keys(table);
  for (let n = 0; n < 3000; n++) {
    const bytes = n % 3 === 0 ? random.bytes(random.below(400)) : Buffer.from(fixture(names[random.below(names.length)]!));
    for (let change = random.below(8); n % 3 !== 0 && change > 0; change--) bytes[random.below(bytes.length)] = random.below(256);
    wire.send(bytes);
    // The receive buffer of the server is finite, and what overflows it would not be tested.
    if (n % 50 === 49) await wire.fence();
  }
  await wire.fence();
  await aCallWorks();
  assert.ok(!house.output.includes('a message broke its handling'), 'no message was taken for a bug of ours');
  assert.ok(!house.output.includes('a request broke'), 'no request was taken for a bug of ours');
});

test('random bytes on TCP connections harm nobody', async () => {
  const random = seeded(3261);
  const [host, port] = house.sip.split(':');
  const names = Object.keys(table);
  for (let n = 0; n < 60; n++) {
    const socket = createConnection({ host: host!, port: Number(port) });
    socket.on('error', () => {});
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    for (let piece = 0; piece < 10; piece++) {
      socket.write(n % 2 === 0 ? random.bytes(random.below(2000)) : fixture(names[random.below(names.length)]!));
    }
    socket.resume();
    socket.end();
    await closed;
  }
  await aCallWorks();
  assert.ok(!house.output.includes('a message broke its handling'));
});
