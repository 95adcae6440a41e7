import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type AccountId, type Device, openAccounts } from '../../src/accounts/index.ts';
import { SystemChance, SystemClock } from '../../src/base/index.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied, party } from '../kit/party.ts';
import { printSdp } from '../kit/phone-sdp.ts';
import { token } from '../kit/sip-line.ts';
import { digestAnswer, header, headers, parameter, type SipText, uriOf } from '../kit/sip-text.ts';
import { openDoor } from '../kit/sqlite-door.ts';
import { type RawRequest, requestText, Wire } from '../kit/wire.ts';

let house: House;
let device: Device;
let dataDir: string;
let wire: Wire;

// No API makes devices yet, so one is written into the database between two starts.
before(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'parley-test-'));
  house = await startHouse({ dataDir });
  await house.stop();
  const stores = await openDoor(dataDir);
  const book = openAccounts({ store: stores.accounts, clock: new SystemClock(), chance: new SystemChance() });
  device = await book.createDevice({ account: house.first.account_id as AccountId, username: 'desk', name: "Ann's desk" });
  await stores.close();
  await house.start();
  wire = await Wire.open({ server: house.sip });
});
after(async () => {
  wire.close();
  await house.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const sdp = (): string => printSdp({ port: 40_000, codec: 'PCMU', ptime: 20, direction: 'sendrecv', version: 1 });
const typed = [['Content-Type', 'application/sdp']] as const;
type Ask = Partial<RawRequest> & { readonly method: string };

/** An INVITE of 3000 with a good offer. */
const invite = (more: Partial<RawRequest> = {}): Ask => ({ method: 'INVITE', body: sdp(), lines: typed, ...more });

/** Sends one request and gives its final answer: the first that is new and carries its Call-ID and CSeq. */
async function ask(what: Ask): Promise<SipText> {
  const { method, callId = token(), sequence = 1 } = what;
  const since = wire.got.length;
  const branch = what.branch ?? `z9hG4bK${token()}`;
  const uri = what.uri ?? `sip:3000@${house.sip}`;
  wire.send(requestText({ uri, from: wire.address, ...what, callId, sequence, branch }));
  const mine = (each: SipText): boolean => header(each, 'cseq') === `${sequence} ${method}` && header(each, 'call-id') === callId;
  const final = await eventually(
    () => wire.got.slice(since).find((each) => each.status >= 200 && mine(each) && parameter(header(each, 'via'), 'branch') === branch),
    `no answer to ${method}`,
  );
  if (method === 'INVITE' && final.status >= 300) {
    const toTag = parameter(header(final, 'to'), 'tag');
    const fromTag = parameter(header(final, 'from'), 'tag');
    wire.send(requestText({ method: 'ACK', uri, from: wire.address, callId, sequence, branch, fromTag, toTag }));
  }
  return final;
}

/** A call that is up, bare: what is needed to say more in it. */
async function aCall(more: Partial<RawRequest> = {}) {
  const [callId, fromTag] = [token(), token()];
  const answer = await ask(invite({ callId, fromTag, ...more }));
  assert.equal(answer.status, 200);
  const toTag = parameter(header(answer, 'to'), 'tag');
  const uri = uriOf(header(answer, 'contact'));
  const inside = { callId, fromTag, toTag, uri };
  const ack = (sequence: number): void => wire.send(requestText({ method: 'ACK', from: wire.address, ...inside, sequence }));
  return { inside, answer, ack };
}

describe('refusals and what the RFC wants beside them', () => {
  const rows: readonly (readonly [string, number, () => Ask, (readonly [string, RegExp])?])[] = [
    ['another content type', 415, () => invite({ body: 'hi', lines: [['Content-Type', 'text/plain']] }), ['accept', /application\/sdp/]],
    ['a packed body', 415, () => invite({ lines: [...typed, ['Content-Encoding', 'gzip']] }), ['accept-encoding', /identity/]],
    ['another scheme', 416, () => invite({ uri: 'tel:+493012345' })],
    ['an extension', 420, () => invite({ lines: [...typed, ['Require', '100rel, timer, foo']] }), ['unsupported', /^100rel, foo$/]],
    ['an unknown codec alone', 488, () => invite({ body: sdp().replace(/RTP\/AVP 0 101/, 'RTP/AVP 18 101') }), ['warning', /^30\d \S+ "/]],
    ['no audio at all', 488, () => invite({ body: sdp().replace('m=audio', 'm=video') }), ['warning', /^30\d \S+ "/]],
    ['a torn offer', 400, () => invite({ body: 'v=0\r\nrubbish' })],
    ['a method that others have', 405, () => ({ method: 'MESSAGE' }), ['allow', /\bINVITE\b.*\bBYE\b/]],
    ['a method that nobody has', 501, () => ({ method: 'DANCE' }), ['allow', /\bINVITE\b/]],
    ['a number that nobody has', 404, () => invite({ uri: `sip:9999999@${house.sip}` })],
    ['BYE of no call', 481, () => ({ method: 'BYE', toTag: 'none' })],
    ['BYE without a To tag', 481, () => ({ method: 'BYE' })],
    ['re-INVITE of no call', 481, () => invite({ toTag: 'none' })],
    ['UPDATE of no call', 481, () => ({ method: 'UPDATE', toTag: 'none' })],
    ['INFO of no call', 481, () => ({ method: 'INFO', toTag: 'none' })],
    ['CANCEL of nothing', 481, () => ({ method: 'CANCEL' })],
    [
      'too short a session',
      422,
      () => invite({ lines: [...typed, ['Supported', 'timer'], ['Session-Expires', '30']] }),
      ['min-se', /^90$/],
    ],
  ];
  for (const [name, status, request, beside] of rows) {
    test(`${name}: ${status}`, async () => {
      const answer = await ask(request());
      assert.equal(answer.status, status, answer.start);
      if (beside !== undefined) assert.match(header(answer, beside[0]), beside[1]);
      assert.notEqual(parameter(header(answer, 'to'), 'tag'), '', 'a final answer has a To tag');
    });
  }

  test('no hops left is a matter for proxies: an endpoint answers (RFC 4475 §3.3.11)', async () => {
    assert.equal((await ask({ method: 'OPTIONS', lines: [['Max-Forwards', '0']] })).status, 200);
  });

  test('a refused call leaves nobody behind', async () => {
    await emptied(house, house.first.conference_id);
  });
});

test('the same INVITE by two ways is taken once; the other gets 482', async () => {
  const [callId, fromTag] = [token(), token()];
  const [first, second] = await Promise.all([
    ask(invite({ callId, fromTag, branch: 'z9hG4bKone' })),
    ask(invite({ callId, fromTag, branch: 'z9hG4bKtwo' })),
  ]);
  assert.deepEqual([first.status, second.status], [200, 482]);
  const inside = { callId, fromTag, toTag: parameter(header(first, 'to'), 'tag'), uri: uriOf(header(first, 'contact')) };
  wire.send(requestText({ method: 'ACK', from: wire.address, ...inside }));
  assert.equal((await ask({ method: 'BYE', ...inside, sequence: 2 })).status, 200);
  await emptied(house, house.first.conference_id);
});

test('a re-INVITE while the last one waits for its ACK is 491, and the call stays', async () => {
  const { inside, ack } = await aCall();
  ack(1);
  assert.equal((await ask(invite({ ...inside, sequence: 2 }))).status, 200);
  assert.equal((await ask(invite({ ...inside, sequence: 3 }))).status, 491);
  ack(2);
  assert.equal((await ask(invite({ ...inside, sequence: 4 }))).status, 200);
  ack(4);
  assert.equal((await ask({ method: 'BYE', ...inside, sequence: 5 })).status, 200);
});

test('a lower CSeq is 500 and harms nothing; a foreign tag is 481; an offer that cannot be is 488 and the call stays', async () => {
  const { inside, ack } = await aCall({ sequence: 10 });
  ack(10);
  assert.equal((await ask({ method: 'INFO', ...inside, sequence: 9 })).status, 500);
  assert.equal((await ask({ method: 'INFO', ...inside, fromTag: 'other', sequence: 11 })).status, 481);
  const impossible = sdp().replace('RTP/AVP 0 101', 'RTP/AVP 18');
  const refused = await ask(invite({ ...inside, sequence: 12, body: impossible }));
  assert.equal(refused.status, 488);
  assert.match(header(refused, 'warning'), /^30\d /);
  assert.equal((await ask({ method: 'REFER', ...inside, sequence: 13 })).status, 400, 'it says not to whom');
  await eventually(async () => (await participants(house, house.first.conference_id)).size === 1, 'it is no longer in the room');
  assert.equal((await ask({ method: 'BYE', ...inside, sequence: 14 })).status, 200);
  assert.equal((await ask({ method: 'BYE', ...inside, sequence: 15 })).status, 481, 'what is over is over');
});

test('a request that is sent again gets the same answer again, and is done once', async () => {
  const { inside, ack } = await aCall();
  ack(1);
  const bye = { method: 'BYE', from: wire.address, ...inside, sequence: 2, branch: 'z9hG4bKagain' };
  for (let n = 0; n < 3; n++) wire.send(requestText(bye));
  const byes = () => wire.answersTo(inside.callId).filter((each) => header(each, 'cseq') === '2 BYE');
  await eventually(() => byes().length === 3, 'three BYEs want three answers');
  assert.deepEqual(new Set(byes().map(({ status }) => status)), new Set([200]));
});

test('a locked room is 403, a full one 486', async () => {
  const locked = await aRoom(house);
  const phones = await party(house, locked.number, { names: ['Ann'] });
  await house.act(locked.id, 'lock');
  assert.equal((await ask(invite({ uri: `sip:${locked.number}@${house.sip}` }))).status, 403);
  await phones[0]!.hangUp();
  const small = await aRoom(house, { max_participants: 1 });
  const [ben] = await party(house, small.number, { names: ['Ben'] });
  assert.equal((await ask(invite({ uri: `sip:${small.number}@${house.sip}` }))).status, 486);
  await ben!.hangUp();
  await emptied(house, small.id);
  const again = await house.phone({ user: 'Again' });
  assert.equal(await again.tries(small.number), 200, 'whoever left makes room');
  await again.hangUp();
});

test('the session timer: what both ends agreed on is in the 200; no wildcard in SDP or Contact', async () => {
  const lines = [...typed, ['Supported', 'timer'], ['Session-Expires', '120;refresher=uac']] as const;
  const { inside, answer, ack } = await aCall({ lines });
  ack(1);
  assert.equal(header(answer, 'session-expires').replace(/\s/g, ''), '120;refresher=uac');
  assert.match(header(answer, 'require'), /\btimer\b/);
  assert.match(header(answer, 'supported'), /\btimer\b/);
  assert.match(header(answer, 'contact'), /^<sip:[0-9a-f]{32}@127\.0\.0\.1:\d+>;isfocus$/);
  assert.match(answer.body, /^c=IN IP4 127\.0\.0\.1\r$/m);
  assert.doesNotMatch(answer.body, /0\.0\.0\.0|::/);
  const update = await ask({
    method: 'UPDATE',
    ...inside,
    sequence: 2,
    lines: [
      ['Supported', 'timer'],
      ['Session-Expires', '180;refresher=uac'],
    ],
  });
  assert.equal(update.status, 200);
  assert.match(header(update, 'session-expires'), /^180\b/);
  const short = await ask({
    method: 'UPDATE',
    ...inside,
    sequence: 3,
    lines: [
      ['Supported', 'timer'],
      ['Session-Expires', '10'],
    ],
  });
  assert.equal(short.status, 422);
  assert.equal(header(short, 'min-se'), '90');
  assert.equal((await ask({ method: 'BYE', ...inside, sequence: 4 })).status, 200);
});

describe('devices prove who they are', () => {
  const register = (user: string, more: Partial<RawRequest> = {}): Ask => {
    const aor = `<sip:${user}@${house.first.realm}>`;
    const { lines = [], ...rest } = more;
    return { method: 'REGISTER', uri: `sip:${house.first.realm}`, lines: [['From', `${aor};tag=r`], ['To', aor], ...lines], ...rest };
  };
  const proof = (challenge: SipText, { user = device.username, password = device.password, algorithm = 'SHA-256' } = {}) => {
    const value = headersOf(challenge).find((each) => each.includes(`algorithm=${algorithm},`) || each.endsWith(`algorithm=${algorithm}`));
    assert.ok(value, `no challenge for ${algorithm}`);
    return ['Authorization', digestAnswer(value, { user, password, method: 'REGISTER', uri: `sip:${house.first.realm}` })] as const;
  };
  const headersOf = (message: SipText): string[] =>
    message.headers.filter(([name]) => name === 'www-authenticate').map(([, value]) => value);
  /** Challenge and answer in one. */
  const registered = async (more: Partial<RawRequest> & { sequence: number; callId: string }): Promise<SipText> => {
    const challenge = await ask(register('desk', { callId: token() }));
    return ask(register('desk', { ...more, lines: [...(more.lines ?? []), proof(challenge)] }));
  };
  const contact = (port: number, more = ''): readonly [string, string] => ['Contact', `<sip:desk@127.0.0.1:${port}>${more}`];

  for (const algorithm of ['SHA-256', 'MD5']) {
    test(`401, then ${algorithm}`, async () => {
      const challenge = await ask(register('desk'));
      assert.equal(challenge.status, 401);
      assert.deepEqual(
        headersOf(challenge).map((each) => /algorithm=([^,\s]+)/.exec(each)?.[1]),
        ['SHA-256', 'MD5'],
        'the better one first',
      );
      const answer = await ask(register('desk', { sequence: 2, lines: [contact(4001, ';expires=0'), proof(challenge, { algorithm })] }));
      assert.equal(answer.status, 200, answer.start);
    });
  }

  test('a wrong password and an unknown user look the same, with and without credentials', async () => {
    const shape = (answer: SipText): unknown[] => [
      answer.start,
      answer.headers.map(([name]) => name),
      headersOf(answer).map((each) => each.replace(/nonce="[^"]*"/, 'nonce')),
    ];
    const [known, unknown] = [await ask(register('desk')), await ask(register('nobody'))];
    assert.deepEqual(shape(unknown), shape(known));
    const wrong = await ask(register('desk', { lines: [proof(known, { password: 'guessed' })], sequence: 2 }));
    const nobody = await ask(register('nobody', { lines: [proof(unknown, { user: 'nobody', password: 'guessed' })], sequence: 2 }));
    assert.ok([401, 403].includes(wrong.status), wrong.start);
    assert.deepEqual(shape(nobody), shape(wrong));
  });

  test('a made-up nonce is challenged again, never believed', async () => {
    const challenge = await ask(register('desk'));
    const forged: SipText = {
      ...challenge,
      headers: challenge.headers.map(([name, value]) => [name, value.replace(/nonce="[^"]*"/, 'nonce="00"')]),
    };
    assert.equal((await ask(register('desk', { sequence: 2, lines: [proof(forged)] }))).status, 401);
  });

  test('423 names the least time; several contacts stand beside each other; * with 0 removes all', async () => {
    const callId = token();
    const short = await registered({ callId, sequence: 10, lines: [contact(4001), ['Expires', '10']] });
    assert.equal(short.status, 423);
    assert.equal(header(short, 'min-expires'), '60');
    const one = await registered({ callId, sequence: 20, lines: [contact(4001), ['Expires', '120']] });
    assert.equal(one.status, 200);
    const two = await registered({ callId, sequence: 30, lines: [contact(4002, ';expires=90')] });
    const listed = (answer: SipText) =>
      headers(answer, 'contact').map((each) => [uriOf(each), Number(parameter(each, 'expires'))] as const);
    const expires = new Map(listed(two));
    assert.deepEqual([...expires.keys()].sort(), ['sip:desk@127.0.0.1:4001', 'sip:desk@127.0.0.1:4002']);
    assert.ok(expires.get('sip:desk@127.0.0.1:4002')! <= 90 && expires.get('sip:desk@127.0.0.1:4001')! > 90);
    assert.equal(listed(await registered({ callId, sequence: 40, lines: [], without: ['Contact'] })).length, 2, 'a query changes nothing');
    const old = await registered({ callId, sequence: 15, lines: [contact(4001, ';expires=0')] });
    assert.equal(old.status, 500, 'an older CSeq of the same Call-ID changes nothing');
    const stars = await registered({
      callId,
      sequence: 50,
      lines: [
        ['Contact', '*'],
        ['Expires', '60'],
      ],
    });
    assert.equal(stars.status, 400);
    const removed = await registered({
      callId,
      sequence: 60,
      lines: [
        ['Contact', '*'],
        ['Expires', '0'],
      ],
    });
    assert.deepEqual([removed.status, listed(removed)], [200, []]);
  });

  test('an address of record that is no SIP URI is 400', async () => {
    assert.equal((await ask({ method: 'REGISTER', lines: [['To', '<tel:+493012345>']] })).status, 400);
  });
});
