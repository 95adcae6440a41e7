import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AccountId } from '../../src/accounts/index.ts';
import type { ConferenceId, Fact } from '../../src/conference/index.ts';
import { eventually, participants, startHouse } from '../kit/house.ts';
import { Refused } from '../kit/phone.ts';
import { header } from '../kit/sip-text.ts';
import { openDoor } from '../kit/sqlite-door.ts';

async function factsIn(
  dataDir: string,
  { account_id, conference_id }: { account_id: string; conference_id: string },
): Promise<readonly Fact[]> {
  const stores = await openDoor(dataDir);
  try {
    return await stores.conferences.facts(account_id as AccountId, conference_id as ConferenceId, 0);
  } finally {
    await stores.close();
  }
}

test('a call above the limit: 503 with Retry-After, a fact at its conference, a metric, a line in the log', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-overload-'));
  try {
    const house = await startHouse({ dataDir, env: { PARLEY_MEDIA_MAX_LEGS: '1', PARLEY_MEDIA_THREADS: '1' } });
    const { first } = house;
    const metric = async (name: RegExp) => name.exec((await house.fetch('GET', '/metrics')).body)?.[1];
    try {
      const [ann, ben] = [await house.phone({ user: 'Ann' }), await house.phone({ user: 'Ben' })];
      assert.equal(await metric(/^parley_media_admitting (\d)$/m), '1');
      await ann.call('3000');
      await eventually(async () => (await participants(house, first.conference_id)).has('Ann'), 'Ann is not in');
      assert.equal(await metric(/^parley_media_admitting (\d)$/m), '0');
      const refused = await ben.call('3000').catch((error: unknown) => error);
      assert.ok(refused instanceof Refused, String(refused));
      assert.equal(refused.status, 503);
      assert.match(header(refused.response, 'retry-after'), /^\d+$/);
      assert.equal(await metric(/^parley_call_failures_total\{cause="overloaded"\} (\d+)$/m), '1');
      await ann.hangUp();
      await ben.call('3000');
      await eventually(async () => (await participants(house, first.conference_id)).has('Ben'), 'there is room again');
      await ben.hangUp();
      assert.match(house.output, /the limit of 1 legs is reached","msg":"media overload began/);
    } finally {
      await house.close();
    }
    const facts = (await factsIn(dataDir, first)).filter(({ type }) => type === 'call.refused' || type === 'participant.joined');
    assert.deepEqual(
      facts.map(({ type }) => type),
      ['participant.joined', 'call.refused', 'participant.joined'],
    );
    const fact = facts[1] as Fact & { type: 'call.refused' };
    assert.deepEqual([fact.callerNumber, fact.refusal], ['Ben', { code: 'overloaded', words: 'the limit of 1 legs is reached' }]);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
