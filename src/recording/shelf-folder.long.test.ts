import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { anAccountId, aRecordingId, readAll, shelfContract, someBytes, Workbench } from '../../test/contract/shelf-contract.ts';
import { FolderShelf } from './shelf-folder.ts';

shelfContract('folder', async () => {
  const bench = await Workbench.open();
  return { shelf: new FolderShelf(join(bench.folder, 'deep', 'recordings')), [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose]() };
});

const key = { account: anAccountId, recording: aRecordingId, file: 'mix.wav' };

test('what lies in its place already is kept there, and half a copy of a crash is replaced', async () => {
  await using bench = await Workbench.open();
  const shelf = new FolderShelf(bench.folder);
  const folder = join(bench.folder, anAccountId, aRecordingId);
  await mkdir(folder, { recursive: true });
  const putting = await bench.file(someBytes(100));
  await writeFile(join(folder, `.half-${putting.sha256.slice(0, 16)}`), 'half');
  await shelf.put(key, putting);
  assert.ok((await readAll(await shelf.get(key))).equals(someBytes(100)));
  assert.deepEqual(await readdir(folder), ['mix.wav']);
  await shelf.put(key, { ...putting, path: join(folder, 'mix.wav') });
  assert.ok((await readAll(await shelf.get(key))).equals(someBytes(100)));
});

test('a folder that cannot be written is unavailable, in words', async () => {
  await using bench = await Workbench.open();
  await writeFile(join(bench.folder, 'file'), '');
  const shelf = new FolderShelf(join(bench.folder, 'file'));
  await assert.rejects(shelf.put(key, await bench.file(someBytes(5))), { kind: 'unavailable', code: 'shelf', message: /ENOTDIR|EEXIST/ });
  assert.equal(await shelf.get(key), undefined);
});
