import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startHouse } from '../kit/house.ts';
import { Phone } from '../kit/phone.ts';
import { TONES } from '../kit/sound.ts';

interface Explained {
  readonly heard: boolean;
  readonly talking: boolean;
  readonly findings: readonly { readonly code: string }[];
  readonly media: {
    readonly kind: string;
    readonly rtp_in: { readonly packets_per_second: number };
    readonly rtp_out: { readonly packets_per_second: number };
    readonly remote: { readonly port: number };
    readonly last_renegotiation: string | null;
  };
}

interface Traced {
  readonly call: { readonly id: string; readonly live: boolean };
  readonly messages: readonly { readonly label: string; readonly method: string | null }[];
  readonly media: readonly { readonly type: string }[];
  readonly kept_until: string | null;
}

const until = async <T>(what: string, ask: () => Promise<T | undefined>): Promise<T> => {
  const end = Date.now() + 10_000;
  while (Date.now() < end) {
    const found = await ask();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} did not come`);
};

test('a call is seen as a ladder, explained, and kept with its secrets masked when it is over', async () => {
  await using house = await startHouse();
  const { first, http } = house;
  const answer = (path: string) => fetch(`${http}/api${path}`, { headers: { authorization: `Bearer ${first.access_key}` } });
  const read = async <Shape>(path: string): Promise<Shape> => (await answer(path)).json() as Promise<Shape>;
  await using ann = await Phone.open({ server: house.sip, user: 'Ann', tone: TONES[0]! });
  await using ben = await Phone.open({ server: house.sip, user: 'Ben', tone: TONES[1]! });
  await ann.call('3000');
  const page = await read<{ items: { id: string }[] }>('/conferences');
  const conference = page.items[0]?.id ?? '';
  const present = (count: number) =>
    until(`${count} in the conference`, async () => {
      const { items } = await read<{ items: readonly { call_id: string }[] }>(`/conferences/${conference}/participants`);
      return items.length === count ? items : undefined;
    });
  // Who has been welcomed first comes in first.
  await present(1);
  await ben.call('3000');
  const people = await present(2);
  const called = people[0]?.call_id ?? '';
  const path = `/conferences/${conference}/participants/1`;

  await fetch(`${http}/api${path}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${first.access_key}`, 'content-type': 'application/json' },
    body: '{"muted":true}',
  });
  const muted = await read<Explained>(`${path}/explain`);
  assert.equal(muted.findings[0]?.code, 'muted_by_moderator', JSON.stringify(muted));
  assert.equal(muted.heard, false);
  await fetch(`${http}/api${path}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${first.access_key}`, 'content-type': 'application/json' },
    body: '{"muted":false}',
  });
  const well = await until('a voice', async () => {
    const told = await read<Explained>(`${path}/explain`);
    return told.heard && told.talking ? told : undefined;
  });
  assert.equal(well.media.kind, 'phone');
  assert.ok(well.media.rtp_in.packets_per_second > 30, JSON.stringify(well.media));
  assert.ok(well.media.rtp_out.packets_per_second > 30);
  assert.ok(well.media.remote.port > 0);
  assert.ok(well.media.last_renegotiation);

  const live = await read<Traced>(`/calls/${encodeURIComponent(called)}/trace`);
  assert.equal(live.call.live, true);
  const labels = live.messages.map((each) => each.label);
  assert.match(labels[0] ?? '', /^INVITE/);
  assert.ok(
    labels.some((each) => each.startsWith('200 ')),
    labels.join(),
  );
  assert.ok(labels.includes('ACK'), labels.join());
  assert.ok(
    live.media.some((each) => each.type === 'joined'),
    JSON.stringify(live.media),
  );
  assert.ok(live.media.some((each) => each.type === 'codec'));

  // Not awaited by standing still: telephones whose process does not move are taken for gone.
  const printed = await promisify(execFile)(
    process.execPath,
    [join(import.meta.dirname, '../../src/cli/main.ts'), 'trace', called, '--url', http, '--key', first.access_key],
    { env: { ...process.env, NO_COLOR: '1' } },
  );
  assert.match(printed.stdout, /INVITE/);
  assert.match(printed.stdout, /▶/);

  await ann.hangUp();
  const kept = await until('the end of the trace', async () => {
    const told = await read<Traced>(`/calls/${encodeURIComponent(called)}/trace`);
    // A busy machine may see the BYE twice before its answer.
    const bye = told.messages.findIndex((each) => each.method === 'BYE');
    const isAnswered = bye >= 0 && told.messages.slice(bye).some(({ label }) => label.startsWith('200'));
    return told.kept_until !== null && isAnswered ? told : undefined;
  });
  const capture = Buffer.from(await (await answer(`/calls/${kept.call.id}/trace.pcap`)).arrayBuffer());
  assert.equal(capture.readUInt32BE(0), 0xa1b2c3d4);
  assert.ok(capture.includes('INVITE sip:'));
});
