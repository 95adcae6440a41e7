import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { BrowserWindow, type Listener, mixedMatrix } from '../kit/browser.ts';
import { builtPages } from '../kit/browser-stand.ts';
import { startHouse } from '../kit/house.ts';
import { aRoom, emptied } from '../kit/party.ts';
import { TONES } from '../kit/sound.ts';

const has6 = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === '::1'));

interface Made {
  readonly made: { readonly peers: readonly RTCPeerConnection[] };
}

/** In the page: what the server offers, and between which addresses the sound goes. */
async function wayOut(): Promise<{ candidates: readonly string[]; addresses: readonly string[] }> {
  const peer = (globalThis as unknown as Made).made.peers.at(-1);
  const stats = [...((await peer?.getStats()) ?? new Map()).values()];
  const pair = stats.find((each) => each.type === 'candidate-pair' && each.nominated && each.state === 'succeeded');
  const ends = [pair?.localCandidateId, pair?.remoteCandidateId].map((end) => stats.find(({ id }) => id === end)?.address);
  const lines = [...(peer?.remoteDescription?.sdp ?? '').matchAll(/^a=candidate:(.*)\r?$/gm)];
  return { candidates: lines.map(([, text]) => text!.split(' ')[4]!), addresses: ends };
}

test('over IPv6 two browsers hear each other, and the second one again behind an ICE restart', {
  skip: has6 ? false : 'this machine has no ::1',
}, async () => {
  builtPages();
  await using house = await startHouse({ env: { PARLEY_HOST: '::1' } });
  const room = await aRoom(house);
  const { body: invitation } = await house.fetch('POST', `/api/conferences/${room.id}/invitations`, {
    headers: { authorization: `Bearer ${house.first.access_key}` },
    body: { name: 'Guest' },
  });
  assert.match(house.http, /^http:\/\/\[::1\]:\d+$/);
  await using one = await BrowserWindow.open({ tone: TONES[2]! });
  await using two = await BrowserWindow.open({ tone: TONES[4]! });
  const windows = [one, two];
  for (const [n, { page }] of windows.entries()) {
    await page.goto(house.http + new URL(invitation.link).pathname);
    await page.getByText('Say something').waitFor();
    await page.getByLabel('Your name').fill(n === 0 ? 'Ann' : 'Ben');
    await page.getByRole('button', { name: 'Join', exact: true }).click();
    await page.locator('.round', { hasText: 'Leave' }).waitFor();
  }
  const both: Listener[] = windows.map((window, n) => ({
    name: n === 0 ? 'Ann' : 'Ben',
    tone: window.tone!,
    hears: () => window.hears('audio[data-role=conference]'),
  }));
  const eachOther = { Ann: ['Ben'], Ben: ['Ann'] };
  await mixedMatrix(both, eachOther);
  for (const { page } of windows) {
    const { candidates, addresses } = await page.evaluate(wayOut);
    assert.deepEqual(candidates, ['::1']);
    // Its own end may be any address of this machine.
    assert.match(String(addresses[0]), /:/);
    assert.equal(addresses[1], '::1');
  }
  const ufrag = () =>
    two.page.evaluate(() => /ufrag:(\S+)/.exec((globalThis as unknown as Made).made.peers.at(-1)?.remoteDescription?.sdp ?? '')?.[1]);
  const before = await ufrag();
  await two.page.evaluate(() => dispatchEvent(new Event('online')));
  await two.page.waitForFunction(
    (former) => !(globalThis as unknown as Made).made.peers.at(-1)?.remoteDescription?.sdp.includes(`ufrag:${former}`),
    before,
  );
  await mixedMatrix(both, eachOther);
  for (const { page } of windows) await page.getByRole('button', { name: 'Leave' }).click();
  await emptied(house, room.id);
  assert.deepEqual([one.errors, two.errors], [[], []]);
});
