import assert from 'node:assert/strict';
import { test } from 'node:test';
import { all, drawHearing, hearingMatrix } from './hearing.ts';
import { Phone, Refused } from './phone.ts';
import { fromALaw, fromMuLaw, strength, TONES, toALaw, toMuLaw, tone, tonesIn } from './sound.ts';

test('G.711 keeps what ITU-T G.711 says: its zero, its ends, and 38 dB between a tone and its error', () => {
  assert.equal(toMuLaw(0), 0xff);
  assert.equal(toALaw(0), 0xd5);
  assert.equal(fromMuLaw(0x80), 32_124);
  assert.equal(fromMuLaw(0x00), -32_124);
  assert.equal(fromALaw(0xaa), 32_256);
  assert.equal(fromALaw(0x2a), -32_256);
  for (let byte = 0; byte < 256; byte++) {
    assert.equal(fromMuLaw(toMuLaw(fromMuLaw(byte))), fromMuLaw(byte), `µ ${byte}`);
    assert.equal(toALaw(fromALaw(byte)), byte, `A ${byte}`);
  }
  const clean = tone(1000, { length: 800, amplitude: 8000 });
  for (const coded of [clean.map((each) => fromMuLaw(toMuLaw(each))), clean.map((each) => fromALaw(toALaw(each)))]) {
    const error = coded.reduce((sum, each, n) => sum + (each - clean[n]!) ** 2, 0) / clean.reduce((sum, each) => sum + each ** 2, 0);
    assert.ok(10 * Math.log10(error) < -36, `${10 * Math.log10(error)} dB`);
  }
});

test('the ear tells every one of twelve tones from the others, alone and in company', () => {
  for (const hz of TONES) {
    assert.deepEqual(tonesIn(tone(hz, { length: 1920 }).map((each) => fromMuLaw(toMuLaw(each)))), [hz]);
    assert.ok(Math.abs(strength(tone(hz, { length: 1920 }), hz) - 4000) < 40);
  }
  const three = [0, 5, 11].map((n) => tone(TONES[n]!, { from: 7 * n, length: 1920 }));
  const sum = three[0]!.map((each, n) => fromALaw(toALaw(each + three[1]![n]! + three[2]![n]!)));
  assert.deepEqual(tonesIn(sum), [TONES[0], TONES[5], TONES[11]]);
});

test('two phones call each other: tones both ways, hold, resume, moved ports, keys, hang-up', async () => {
  await using ben = await Phone.open({ server: '127.0.0.1:9', user: 'Ben', tone: TONES[1]! });
  await using ann = await Phone.open({ server: ben.address, user: 'Ann', tone: TONES[0]! });
  const phones = [ann, ben];
  await ann.call('ben');
  await hearingMatrix(phones, all(phones));
  await ann.hold('sendonly');
  assert.equal(ben.far?.direction, 'sendonly');
  await hearingMatrix(phones, { Ben: ['Ann'] });
  await ann.resume('UPDATE');
  await hearingMatrix(phones, all(phones));
  await ann.hold('inactive');
  await hearingMatrix(phones, {});
  await ann.resume();
  await ann.hold('zero-address');
  await hearingMatrix(phones, { Ben: ['Ann'] });
  await ann.resume();
  await ann.move();
  await hearingMatrix(phones, all(phones));
  await ann.sendDigits('5', 'info');
  assert.match(ben.received.at(-1)!.body, /Signal=5/);
  await ann.sendDigits('7');
  await assert.rejects(hearingMatrix(phones, { Ann: ['Ben'] }, 600), /Ben {4}✓ !/);
  const over = ben.ended();
  await ann.hangUp();
  await over;
  await hearingMatrix(phones, {});
});

test('an offer may come in the ACK, and A-law with 30 ms packets sounds the same', async () => {
  await using ben = await Phone.open({ server: '127.0.0.1:9', user: 'Ben', tone: TONES[1]!, codec: 'PCMA', ptime: 30 });
  await using ann = await Phone.open({ server: ben.address, user: 'Ann', tone: TONES[0]!, codec: 'PCMA', ptime: 30 });
  await ann.call('ben', { offerInAck: true });
  await hearingMatrix([ann, ben], all([ann, ben]));
  assert.equal(drawHearing([ann, ben], all([ann, ben])), 'hears →Ann    Ben\nAnn    ·      ✓\nBen    ✓      ·');
});

test('a refusal rejects with its status', async () => {
  await using ben = await Phone.open({ server: '127.0.0.1:9', user: 'Ben' });
  await using ann = await Phone.open({ server: ben.address, user: 'Ann' });
  ben.answers = false;
  await assert.rejects(ann.call('ben'), (error) => error instanceof Refused && error.status === 486);
  assert.equal(await ann.tries('ben'), 486);
});
