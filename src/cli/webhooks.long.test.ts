import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openHouse } from '../../test/kit/api-house.ts';
import { openWebhookHouse } from '../../test/kit/webhook-house.ts';
import type { AccountId } from '../accounts/index.ts';
import type { Config } from '../app/index.ts';
import { Failure } from '../base/index.ts';
import { webhooksCommand } from './webhooks.ts';

test('what was given up is listed and sent once more, at the server that runs here', async () => {
  const hooks = await openWebhookHouse();
  const house = await openHouse({ options: { webhooks: hooks.webhooks } });
  const url = await house.server.listen({ host: '127.0.0.1', port: 0 });
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-cli-'));
  writeFileSync(join(dataDir, 'ready.json'), JSON.stringify({ http: url }));
  writeFileSync(join(dataDir, 'first-account.json'), JSON.stringify({ access_key: house.accessKey }));
  const run = async (...args: string[]) => {
    let text = '';
    const code = await webhooksCommand(
      args,
      () => ({ dataDir }) as Config,
      (more) => {
        text += more;
      },
    );
    return { code, text };
  };
  try {
    const { id } = await hooks.webhooks.create(house.account as AccountId, { url: 'https://one.example/hook' });
    hooks.targets.set('one.example', () => ({ posted: { status: 503 } }));
    hooks.happen([hooks.story.fact('board', {}, house.account as AccountId), hooks.story.fact('board', {}, house.account as AccountId)]);
    await hooks.pass(90 * 3_600_000, 1_800_000);
    const list = await run('list');
    assert.match(list.text, /https:\/\/one\.example\/hook/);
    assert.doesNotMatch(list.text, /whsec_/);
    const dead = (await run('dead', '--json')).text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; outcome: string });
    assert.deepEqual(
      dead.map(({ outcome }) => outcome),
      ['503', '503'],
    );
    assert.match((await run('dead', id)).text, new RegExp(dead[0]!.id));
    assert.deepEqual(await run('test', id), { code: 1, text: 'not taken: 503, after 0 ms\n' });
    hooks.targets.delete('one.example');
    hooks.got.length = 0;
    assert.equal((await run('replay', id, dead[0]!.id)).text, '1 will be sent once more\n');
    assert.equal((await run('replay', id)).text, '1 will be sent once more\n');
    await hooks.settle();
    assert.deepEqual(new Set(hooks.got.map((each) => each.id)), new Set(dead.map((each) => each.id)));
    assert.equal((await run('replay', id, '--from', '2000-01-01T00:00:00Z')).text, '2 will be sent once more\n');
    assert.match((await run()).text, /Usage: parley webhooks/);
    const refused = (code: string) => (error: unknown) => error instanceof Failure && error.code === code;
    await assert.rejects(run('replay', 'ffff'), refused('server_refused'));
    await assert.rejects(run('list', '--key', 'wrong'), refused('server_refused'));
    await assert.rejects(run('nonsense'), refused('bad_configuration'));
    await assert.rejects(run('replay'), refused('bad_configuration'));
    await assert.rejects(run('list', '--url', 'http://127.0.0.1:1'), refused('server_unreachable'));
    rmSync(join(dataDir, 'ready.json'));
    await assert.rejects(run('list'), refused('bad_configuration'));
  } finally {
    rmSync(dataDir, { recursive: true });
    await house.server.close();
    await hooks.close();
  }
});
