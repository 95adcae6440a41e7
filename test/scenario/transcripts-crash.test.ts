/** What was being written down when the server was killed is over after the next start, and whoever follows is told. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, type House, startHouse } from '../kit/house.ts';
import { aRoom } from '../kit/party.ts';
import { Phone } from '../kit/phone.ts';
import { VoipbinDesk } from '../kit/voipbin-desk.ts';

interface Told {
  readonly type: string;
  readonly data: { readonly id?: string; readonly transcribe?: { readonly id: string } };
}

/** A receiver of webhooks whose ear never answers. */
async function outside() {
  const told: Told[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (bytes) => (text += bytes));
    request.on('end', () => {
      if (request.url !== '/hook') return;
      told.push(JSON.parse(text));
      response.writeHead(200).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { told, url, [Symbol.dispose]: close };
}

test('a killed server leaves no transcription under way: of a recording, of a call, of a room', { timeout: 120_000 }, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-test-'));
  using far = await outside();
  const env = { PARLEY_FETCH_ALLOW: 'loopback', PARLEY_SPEECH_STT_URL: `${far.url}/v1` };
  let house: House = await startHouse({ dataDir, env });
  const { done } = new VoipbinDesk(() => house);
  try {
    await done('PUT', '/customer', { name: house.first.account_name, webhook_method: 'POST', webhook_uri: `${far.url}/hook` });
    const room = await aRoom(house);
    const behind = await done('POST', '/flows', {
      name: 'behind',
      detail: '',
      actions: [{ type: 'variable_set', option: { key: 'k', value: 'v' } }],
    });
    const ann = await Phone.open({ server: house.sip, user: 'Ann' });
    await ann.call(room.number);
    const find = (each: { id: string }): boolean => each.id.replaceAll('-', '') === room.id;
    const conference: string = (await done('GET', '/conferences')).result.find(find).id;
    const { recording_id: recording } = await done('POST', `/conferences/${conference}/recording_start`, {});
    const call: string = (await done('GET', '/calls')).result[0].id;
    const wish = { language: 'en-US', on_end_flow_id: behind.id };
    // What is recorded still is read when its files are whole: it is under way until then.
    const started: string[] = [];
    for (const [reference_type, reference_id] of [
      ['recording', recording],
      ['call', call],
      ['conference', conference],
    ]) {
      const { id, status } = await done('POST', '/transcribes', { ...wish, reference_type, reference_id });
      assert.equal(status, 'progressing', reference_type);
      started.push(id);
    }
    await house.kill();
    ann.vanish();
    house = await startHouse({ dataDir, env });
    for (const id of started) {
      const { status, tm_update } = await done('GET', `/transcribes/${id}`);
      assert.equal(status, 'done');
      assert.ok(!tm_update.startsWith('9999'), tm_update);
    }
    const ends = (): string[] => far.told.filter(({ type }) => type === 'transcribe_done').map(({ data }) => data.id ?? '');
    await eventually(() => ends().length >= started.length, `not every end is told: ${JSON.stringify(far.told.map(({ type }) => type))}`);
    assert.deepEqual(ends().sort(), started.toSorted(), 'each once');
    await eventually(async () => {
      const runs: readonly { flow_id: string }[] = (await done('GET', '/activeflows')).result;
      return runs.filter(({ flow_id }) => flow_id === behind.id).length === started.length;
    }, 'the flows behind them are not run');
    // What is over may be asked for anew.
    const again = await done('POST', '/transcribes', { ...wish, reference_type: 'recording', reference_id: recording });
    assert.equal(again.status, 'progressing');
    // And a second start ends nothing twice.
    await done('POST', `/transcribes/${again.id}/stop`);
    await ann.close();
  } finally {
    await house.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
