import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BrowserWindow } from '../kit/browser.ts';
import { builtPages } from '../kit/browser-stand.ts';
import { eventually, startHouse } from '../kit/house.ts';
import { aRoom } from '../kit/party.ts';
import { needs } from '../kit/programs.ts';
import { readWav, type Sound } from '../kit/wav.ts';

/** Spoken by a program, with a pause behind it, at the rate of a browser's microphone. */
function spoken(text: string): Sound {
  const folder = mkdtempSync(join(tmpdir(), 'parley-spoken-'));
  try {
    const [raw, file] = [join(folder, 'raw.wav'), join(folder, 'spoken.wav')];
    execFileSync(needs('flite'), ['-voice', 'slt', '-t', text, raw]);
    execFileSync(needs('sox'), [raw, '-r', '48000', file, 'pad', '0.5', '2']);
    return readWav(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('what one says in a browser is read by another under his name, while somebody transcribes', { timeout: 110_000 }, async () => {
  needs('pocketsphinx_continuous');
  builtPages();
  await using house = await startHouse({ env: { PARLEY_SPEECH_STT: 'pocketsphinx' } });
  const room = await aRoom(house);
  const api = async (method: string, path: string, body: object) =>
    house.fetch(method, `/api${path}`, {
      headers: { authorization: `Bearer ${house.first.access_key}` },
      body: JSON.parse(JSON.stringify(body)),
    });
  const { body } = await api('POST', `/conferences/${room.id}/invitations`, { name: 'Guest' });
  const url = house.http + new URL(body.link).pathname;
  await using speaker = await BrowserWindow.open({ sound: spoken('one two three four five') });
  await using reader = await BrowserWindow.open();
  for (const [window, name, button] of [
    [speaker, 'Ada Byron', 'Join'],
    [reader, 'Ben', 'Join without microphone'],
  ] as const) {
    await window.page.goto(url);
    await window.page.getByLabel('Your name').fill(name);
    await window.page.getByRole('button', { name: button, exact: true }).click();
    await window.page.locator('.round', { hasText: 'Leave' }).waitFor();
  }
  assert.equal(await reader.page.locator('.captions').count(), 0, 'there is nothing to read yet');
  const started = await api('POST', `/conferences/${room.id}/transcriptions`, {});
  assert.equal(started.status, 201, JSON.stringify(started.body));
  await reader.page.locator('.captions').waitFor();
  const line = await eventually(
    async () => {
      const lines = await reader.page.locator('.captions .line').allTextContents();
      return lines.find((each) => /three|four|five/.test(each));
    },
    'nothing was to be read',
    60_000,
  );
  assert.match(line, /^Ada Byron/);
  await reader.picture('whole-captions');
  await reader.isAccessible();
  await reader.page.getByRole('button', { name: 'Captions' }).click();
  await reader.page.locator('.captions').waitFor({ state: 'detached' });
});
