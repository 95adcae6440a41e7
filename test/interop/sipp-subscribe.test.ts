import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { house } from '../kit/calls-house.ts';
import { aConference } from '../kit/conference-fakes.ts';
import { eventually } from '../kit/house.ts';
import { runSipp } from '../kit/sipp.ts';

test('SIPp calls a conference, subscribes in that dialog, gets its state, and unsubscribes, twenty times', {
  timeout: 60_000,
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'parley-sipp-subscribe-'));
  const at = await house({
    view: () => ({ conference: aConference({ people: 2 }), at: 0, levels: new Map(), floor: undefined }),
    follow: async () => ({ close: () => {} }),
  });
  try {
    const scenario = join(import.meta.dirname, '../fixtures/sipp/conference-watcher.xml');
    await runSipp(directory, [at.calls.address, '-sf', scenario, '-s', '3000', '-i', '127.0.0.1', '-m', '20', '-r', '20']);
    await eventually(() => at.calls.counts().subscriptions === 0, 'subscriptions are left');
    assert.equal(at.calls.counts().calls, 20);
  } finally {
    rmSync(directory, { recursive: true, force: true });
    await at.calls.close();
    at.peer.close();
  }
});
