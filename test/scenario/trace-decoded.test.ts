import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { standsAlone } from '../kit/alone.ts';
import { HepCollector } from '../kit/hep.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied } from '../kit/party.ts';
import type { Phone } from '../kit/phone.ts';
import { TONES } from '../kit/sound.ts';
import { type Captured, readCapture, tshark } from '../kit/tshark.ts';

const [PASSWORD, PIN, KEYS, COLLECTORS] = ['a-Long-Password-7', '7391584', '8642', 'homer-knows'] as const;

let house: House;
let collector: HepCollector;
before(async () => {
  collector = await HepCollector.open();
  // While tshark reads, this process waits for it, and her telephone answers nobody.
  const patient = { PARLEY_MEDIA_CHECK: '0' };
  house = await startHouse({
    env: { ...patient, PARLEY_TRACE_HEP: collector.address, PARLEY_TRACE_HEP_PASSWORD: COLLECTORS },
  });
});
after(async () => {
  await house.close();
  collector[Symbol.dispose]();
});

const get = (path: string) => fetch(`${house.http}/api${path}`, { headers: { authorization: `Bearer ${house.first.access_key}` } });
const capture = async (call: string, query = ''): Promise<Captured> => {
  const response = await get(`/calls/${encodeURIComponent(call)}/trace.pcap${query}`);
  assert.equal(response.status, 200);
  return { capture: Buffer.from(await response.arrayBuffer()), sip: house.sip };
};

/** A telephone that must say who it is, in a room that asks for a PIN. */
async function caller(user: string, tone: number): Promise<Phone> {
  const made = await house.kazoo('PUT', '/devices', { name: user, sip: { username: user, password: PASSWORD } });
  assert.equal(made.status, 201);
  return house.phone({ user, domain: house.first.realm, auth: { user, password: PASSWORD }, tone });
}

/** What nobody may find in a trace: passwords, what was made of them, and keys that were pressed. */
function hasNoSecrets(text: string): void {
  for (const secret of [PASSWORD, PIN, KEYS]) assert.equal(standsAlone(text, secret), false, `${secret} is in it`);
  assert.doesNotMatch(text, /response="?[0-9a-f]{32}/i);
  assert.doesNotMatch(text, /^Signal\s*=\s*[\d*#]/im);
}

test('a call with a password and a PIN, as Wireshark and a collector of HEP read it: the ladder, the packets, no secret', async (t) => {
  const room = await aRoom(house, { member: { join_muted: false, numbers: ['7412'], pins: [PIN] } });
  const ann = await caller('tracy', TONES[0]!);
  await ann.call('7412');
  const call = ann.callId;
  const looking = capture(call, '?rtp=6');
  await ann.sendDigits(`${PIN}#`);
  await eventually(async () => (await participants(house, room.id)).size === 1, 'the PIN was not taken');
  for (const key of KEYS) await ann.sendDigits(key, 'info');
  const file = await looking;

  await t.test('packets of RTP: both ways, in order, and the keys without what they say', () => {
    const fields = [
      'ip.src',
      'udp.srcport',
      'udp.dstport',
      'rtp.p_type',
      'rtp.seq',
      'rtp.ssrc',
      'rtp.payload',
      'rtpevent.event_id',
      'frame.len',
      'frame.cap_len',
    ] as const;
    const all = readCapture(file, fields).filter((each) => each['rtp.seq'] !== '');
    const from = all.filter((each) => each['udp.srcport'] === String(ann.rtp.port));
    const to = all.filter((each) => each['udp.dstport'] === String(ann.rtp.port));
    assert.ok(from.length > 200 && from.length <= 310, `${from.length} packets from her`);
    assert.ok(to.length > 100 && to.length <= 310, `${to.length} packets to her`);
    assert.equal(from.length + to.length, all.length);
    for (const stream of [from, to]) {
      assert.equal(new Set(stream.map((each) => each['rtp.ssrc'])).size, 1);
      stream.reduce((before, each) => {
        const number = Number(each['rtp.seq']);
        assert.equal(number, (before + 1) & 0xffff, 'a packet is missing');
        return number;
      }, Number(stream[0]!['rtp.seq']) - 1);
    }
    // Seven keys and the last one, of eight packets each; of the first one some may have come before anybody looked.
    const keys = from.filter((each) => each['rtp.p_type'] === '101');
    assert.ok(keys.length > 8 * PIN.length && keys.length <= 8 * (PIN.length + 1), `${keys.length} packets of keys`);
    for (const each of all) {
      assert.equal(each['rtpevent.event_id'], '', 'a key is told');
      // As tshark shows what was cut off.
      assert.match(each['rtp.payload'], /^(<MISSING>)?$/);
      assert.equal(each['frame.cap_len'], String(20 + 8 + 12), 'more than a header is in it');
    }
    assert.deepEqual([...new Set(keys.map((each) => each['frame.len']))], [String(20 + 8 + 12 + 4)]);
    assert.ok(from.some((each) => each['rtp.p_type'] === '0' && each['frame.len'] === String(20 + 8 + 12 + 160)));
    const streams = tshark(file, '-q', '-z', 'rtp,streams')
      .split('\n')
      .filter((line) => /^\s*\d+\.\d+\s/.test(line));
    assert.equal(streams.length, 2, streams.join('\n'));
    for (const line of streams) assert.match(line, /\s0 \(0\.0%\)/, 'packets are lost');
  });

  await t.test('an explanation knows when she was heard last', async () => {
    const media = async () => {
      const response = await get(`/conferences/${room.id}/participants/1/explain`);
      const explained = (await response.json()) as { media: { last_packet_ms_ago: number; last_sound_ms_ago: number } };
      return explained.media;
    };
    await eventually(async () => (await media()).last_sound_ms_ago < 500, 'she was never heard');
    assert.ok((await media()).last_packet_ms_ago < 500);
    ann.rtp.send(false);
    const silent = await eventually(async () => {
      const told = await media();
      return told.last_packet_ms_ago > 1500 && told;
    }, 'her packets come on');
    assert.ok(silent.last_sound_ms_ago >= silent.last_packet_ms_ago - 500, JSON.stringify(silent));
    ann.rtp.send(true);
  });

  await ann.hangUp();
  await emptied(house, room.id);
  const whole = await eventually(async () => {
    const file = await capture(call);
    return (
      readCapture(file, ['sip.CSeq.method', 'sip.Status-Code']).some(
        (each) => each['sip.CSeq.method'] === 'BYE' && each['sip.Status-Code'] === '200',
      ) && file
    );
  }, 'its end is not in it');

  await t.test('the ladder', () => {
    const rows = readCapture(whole, [
      'sip.Method',
      'sip.Status-Code',
      'sip.CSeq.method',
      'sip.Call-ID',
      'udp.srcport',
      'udp.checksum.status',
      'ip.checksum.status',
      '_ws.malformed',
    ]);
    const steps = rows.map((each) => each['sip.Method'] || `${each['sip.Status-Code']} ${each['sip.CSeq.method']}`);
    // A machine that is busy says 100 once more, and a telephone that is silent is asked whether it is there.
    const ladder = steps.filter((each) => !/INFO|OPTIONS|^100/.test(each));
    assert.deepEqual(ladder, ['INVITE', '401 INVITE', 'ACK', 'INVITE', '200 INVITE', 'ACK', 'BYE', '200 BYE']);
    assert.equal(steps.filter((each) => each === 'INFO').length, KEYS.length);
    assert.deepEqual([...new Set(rows.map((each) => each['sip.Call-ID']))], [call]);
    assert.deepEqual([...new Set(rows.map((each) => each['_ws.malformed']))], ['']);
    const hers = ann.address.split(':')[1];
    for (const each of rows) {
      if (each['sip.CSeq.method'] !== 'OPTIONS')
        assert.equal(each['udp.srcport'] === hers, each['sip.Method'] !== '', 'it is not from who said it');
    }
    // What is offered and answered is read to the end.
    const sdp = readCapture(whole, ['sdp.media', 'sdp.connection_info.address']).filter((each) => each['sdp.media'] !== '');
    assert.ok(sdp.length >= 3 && sdp.every((each) => each['sdp.connection_info.address'] === '127.0.0.1'));
    const sums = tshark(
      whole,
      '-o',
      'udp.check_checksum:TRUE',
      '-o',
      'ip.check_checksum:TRUE',
      '-Y',
      'udp.checksum.status == 0 || ip.checksum.status == 0',
    );
    assert.equal(sums, '', 'a checksum is wrong');
    hasNoSecrets(whole.capture.toString('latin1'));
    hasNoSecrets(file.capture.toString('latin1'));
    assert.match(whole.capture.toString('latin1'), /Authorization: Digest \*\*\*/);
  });

  await t.test('the same by HEP, packet by packet', async () => {
    const ours = () => collector.packets.filter((each) => each.callId === call);
    await eventually(
      () => ours().some(({ text }) => /^SIP\/2\.0 200 /.test(text) && /^CSeq: \d+ BYE/im.test(text)),
      'the collector has not all of it',
    );
    assert.deepEqual(collector.wrong, []);
    const texts = readCapture(whole, ['sip.msg_hdr', 'sip.Method']).length;
    assert.equal(ours().length, texts);
    for (const { from, to, protocol, password, text, at } of ours()) {
      assert.deepEqual([from, to].sort(), [ann.address, house.sip].sort());
      assert.deepEqual([protocol, password], [17, COLLECTORS]);
      assert.ok(Math.abs(Date.now() - at) < 120_000);
      hasNoSecrets(text);
      // Whatever a collector does with it, it must be one whole message.
      assert.match(text, /^(SIP\/2\.0 \d{3} |[A-Z]+ sip:)/);
      assert.equal(Number(/^Content-Length: (\d+)/im.exec(text)?.[1] ?? 0), Buffer.byteLength(text.slice(text.indexOf('\r\n\r\n') + 4)));
    }
    assert.equal(ours()[0]?.from, ann.address);
  });
});

test('a time in which packets are lost is one interval of the media timeline, with how many', async () => {
  const room = await aRoom(house);
  const ann = await caller('lossy', TONES[1]!);
  await ann.call(room.number);
  interface Lost {
    readonly at: string;
    readonly until: string | null;
    readonly text: string;
  }
  const losses = async (): Promise<readonly Lost[]> => {
    const { media } = (await (await get(`/calls/${encodeURIComponent(ann.callId)}/trace`)).json()) as {
      media: (Lost & { type: string })[];
    };
    return media.filter(({ type }) => type === 'loss');
  };
  // One in ten from now on, and for more than one look.
  const begun = Date.now();
  ann.rtp.lose((n) => n % 10 === 0);
  const once = await eventually(async () => (await losses())[0], 'no loss is told', 30_000);
  const again = await eventually(
    async () => {
      const [first] = await losses();
      return first !== undefined && first.until !== once.until && first;
    },
    'it has not gone on',
    20_000,
  );
  const [, lost = 0, all = 0] = (/^(\d+) of (\d+) packets/.exec(again.text) ?? []).map(Number);
  // Each once; what a busy machine lets come too late is told with them.
  assert.ok(all > 700 && lost / all > 0.08 && lost / all < 0.16, again.text);
  assert.equal((await losses()).length, 1, 'it is more than one');
  assert.equal(again.at, once.at);
  const [at, until] = [Date.parse(again.at), Date.parse(again.until ?? '')];
  assert.ok(at > begun - 11_000 && until - at > 15_000 && until <= Date.now(), `${again.at} until ${again.until}`);
  ann.rtp.lose(undefined);
  await ann.hangUp();
  await emptied(house, room.id);
});
