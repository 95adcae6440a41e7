import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { asListener, BrowserWindow, type Listener, mixedMatrix } from '../kit/browser.ts';
import { builtPages } from '../kit/browser-stand.ts';
import { Coturn } from '../kit/coturn.ts';
import { eventually, type House, startHouse } from '../kit/house.ts';
import { aRoom, emptied } from '../kit/party.ts';
import { TONES } from '../kit/sound.ts';

let house: House;
let coturn: Coturn;
before(async () => {
  builtPages();
  coturn = await Coturn.open('north-by-northwest');
  const urls = ['udp', 'tcp'].map((transport) => `turn:127.0.0.1:${coturn.port}?transport=${transport}`);
  house = await startHouse({
    env: { PARLEY_BROWSERS_ICE_SERVERS: urls.join(), PARLEY_BROWSERS_TURN_SECRET: coturn.secret },
  });
});
after(async () => {
  await house.close();
  await coturn.close();
});

/** In the page: nothing is sent but through a relay that is reached this way, as from a network that lets nothing else out. */
function onlyThrough(transport: string): void {
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(options: RTCConfiguration = {}) {
      const iceServers = (options.iceServers ?? []).map((each) => ({
        ...each,
        urls: [each.urls].flat().filter((url) => url.endsWith(transport)),
      }));
      super({ ...options, iceServers, iceTransportPolicy: 'relay' });
    }
  };
}

/** In the page: by what kind of candidate its sound goes, and how the relay is reached. */
async function wayOut(): Promise<readonly unknown[]> {
  const { made } = globalThis as unknown as { made: { peers: RTCPeerConnection[] } };
  const stats = [...((await made.peers.at(-1)?.getStats()) ?? new Map()).values()];
  const pair = stats.find((each) => each.type === 'candidate-pair' && each.nominated && each.state === 'succeeded');
  const local = stats.find(({ id }) => id === pair?.localCandidateId);
  return [local?.candidateType, local?.relayProtocol];
}

/** While ICE changes its mind no pair is in force for a moment. */
async function goesOut(page: Page, transport: string): Promise<void> {
  const seen = async () => (await page.evaluate(wayOut)).join();
  await eventually(async () => (await seen()) === `relay,${transport}`, `it does not go out by ${transport}`);
}

for (const transport of ['udp', 'tcp'] as const) {
  test(`through a TURN server reached by ${transport}, by the name and password that the invitation gives: heard and hearing, with an ICE restart`, async () => {
    const room = await aRoom(house);
    const { body: invitation } = await house.fetch('POST', `/api/conferences/${room.id}/invitations`, {
      headers: { authorization: `Bearer ${house.first.access_key}` },
      body: { name: 'Cleo' },
    });
    const ann = await house.phone({ user: 'Ann', tone: TONES[0]! });
    await ann.call(room.number);
    const before = coturn.users.length;
    await using window = await BrowserWindow.open({ tone: TONES[2]! });
    const { page } = window;
    await page.addInitScript(onlyThrough, transport);
    await page.goto(house.http + new URL(invitation.link).pathname);
    await page.getByText('Say something').waitFor();
    await page.getByRole('button', { name: 'Join', exact: true }).click();
    await page.locator('.round', { hasText: 'Leave' }).waitFor();
    const both: Listener[] = [asListener(ann), { name: 'Cleo', tone: TONES[2]!, hears: () => window.hears('audio[data-role=conference]') }];
    await mixedMatrix(both, { Ann: ['Cleo'], Cleo: ['Ann'] });
    await goesOut(page, transport);
    // The name says until when it is good, and for whose invitation.
    const [user = ''] = await eventually(() => coturn.users.length > before && coturn.users.slice(before), 'coturn knows of nobody');
    const [until, guest] = user.split(':');
    assert.ok(Math.abs(Number(until) - Date.now() / 1000 - 43_200) < 120, `${user} is not good for twelve hours`);
    assert.equal(guest, invitation.id.replaceAll('-', '').slice(0, 12));

    const ufrag = () =>
      page.evaluate(() => {
        const { made } = globalThis as unknown as { made: { peers: RTCPeerConnection[] } };
        return /ufrag:(\S+)/.exec(made.peers.at(-1)?.remoteDescription?.sdp ?? '')?.[1];
      });
    const first = await ufrag();
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await eventually(async () => (await ufrag()) !== first, 'no restart');
    await mixedMatrix(both, { Ann: ['Cleo'], Cleo: ['Ann'] });
    await goesOut(page, transport);
    await page.getByRole('button', { name: 'Leave' }).click();
    await ann.hangUp();
    await emptied(house, room.id);
    assert.equal(house.output.includes(coturn.secret), false, 'the secret is in the log');
  });
}
