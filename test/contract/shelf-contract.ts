import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AccountId } from '../../src/accounts/index.ts';
import type { Putting, Shelf, Taken } from '../../src/recording/ports.ts';

export const anAccountId = 'a'.repeat(32) as AccountId;
export const aRecordingId = '1'.repeat(32);

/** Bytes that no two places of share by chance. */
export function someBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(Math.max(4, length));
  let state = seed;
  for (let at = 0; at < length; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes.writeUInt32LE(state, Math.min(at, bytes.length - 4));
  }
  return bytes.subarray(0, length);
}

/** A folder for a test, and files in it. */
export class Workbench implements AsyncDisposable {
  readonly folder: string;
  #count = 0;

  constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<Workbench> {
    return new Workbench(await mkdtemp(join(tmpdir(), 'parley-shelf-')));
  }

  async file(body: Buffer, type = 'audio/wav'): Promise<Putting> {
    this.#count += 1;
    const path = join(this.folder, `made-${this.#count}`);
    await writeFile(path, body);
    return { path, type, bytes: body.length, sha256: createHash('sha256').update(body).digest('hex') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** All that follows of an opened file. */
export async function readAll(taken: Pick<Taken, 'chunks'> | undefined): Promise<Buffer> {
  assert.ok(taken !== undefined, 'there is no such file');
  const chunks: Uint8Array[] = [];
  for await (const chunk of taken.chunks) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
}

/** What every shelf does. `open` makes an empty one. */
export function shelfContract(name: string, open: () => Promise<{ shelf: Shelf } & AsyncDisposable>): void {
  const key = (file: string, recording = aRecordingId) => ({ account: anAccountId, recording, file });

  test(`${name}: what is put is given back, whole and in parts`, async () => {
    await using bench = await Workbench.open();
    await using opened = await open();
    const { shelf } = opened;
    const body = someBytes(200_001);
    await shelf.put(key('mix.wav'), await bench.file(body));
    const whole = await shelf.get(key('mix.wav'));
    assert.deepEqual([whole?.bytes, whole?.first, whole?.last, whole?.type], [200_001, 0, 200_000, 'audio/wav']);
    assert.ok((await readAll(whole)).equals(body));
    for (const [first, last] of [
      [0, 0],
      [1, 65_536],
      [199_999, 200_000],
      [200_000, undefined],
      [70_000, 9_999_999],
    ] as const) {
      const part = await shelf.get(key('mix.wav'), last === undefined ? { first } : { first, last });
      const end = Math.min(last ?? 200_000, 200_000);
      assert.deepEqual([part?.bytes, part?.first, part?.last], [200_001, first, end]);
      assert.ok((await readAll(part)).equals(body.subarray(first, end + 1)), `${first}-${last}`);
    }
    await assert.rejects(shelf.get(key('mix.wav'), { first: 200_001 }), { kind: 'invalid', code: 'range', details: { bytes: 200_001 } });
  });

  test(`${name}: an empty file is a file`, async () => {
    await using bench = await Workbench.open();
    await using opened = await open();
    const { shelf } = opened;
    await shelf.put(key('mix.wav'), await bench.file(Buffer.alloc(0)));
    const empty = await shelf.get(key('mix.wav'));
    assert.deepEqual([empty?.bytes, empty?.first, empty?.last], [0, 0, -1]);
    assert.equal((await readAll(empty)).length, 0);
    await assert.rejects(shelf.get(key('mix.wav'), { first: 0 }), { code: 'range' });
  });

  test(`${name}: put twice changes nothing, another file takes the place of the first`, async () => {
    await using bench = await Workbench.open();
    await using opened = await open();
    const { shelf } = opened;
    const [one, other] = [someBytes(1000, 1), someBytes(999, 2)];
    await shelf.put(key('manifest.json'), await bench.file(one, 'application/json'));
    await shelf.put(key('manifest.json'), await bench.file(one, 'application/json'));
    assert.ok((await readAll(await shelf.get(key('manifest.json')))).equals(one));
    await shelf.put(key('manifest.json'), await bench.file(other, 'application/json'));
    assert.ok((await readAll(await shelf.get(key('manifest.json')))).equals(other));
    assert.deepEqual(await shelf.list(anAccountId, aRecordingId), [{ file: 'manifest.json', bytes: 999 }]);
  });

  test(`${name}: what is not there is not there; removing takes a recording and no other`, async () => {
    await using bench = await Workbench.open();
    await using opened = await open();
    const { shelf } = opened;
    const second = '2'.repeat(32);
    assert.equal(await shelf.get(key('mix.wav')), undefined);
    assert.deepEqual(await shelf.list(anAccountId, aRecordingId), []);
    await shelf.remove(anAccountId, aRecordingId);
    for (const file of ['mix.wav', 'stem-1-aa.wav', 'stem-2-bb.wav']) await shelf.put(key(file), await bench.file(someBytes(10)));
    await shelf.removeFile(key('stem-1-aa.wav'));
    await shelf.removeFile(key('stem-1-aa.wav'));
    assert.equal((await shelf.list(anAccountId, aRecordingId)).length, 2);
    await shelf.put(key('mix.wav', second), await bench.file(someBytes(20)));
    await shelf.put(key('stem-1-aa.wav'), await bench.file(someBytes(10)));
    const names = (await shelf.list(anAccountId, aRecordingId)).map(({ file }) => file);
    assert.deepEqual([...names].sort(), ['mix.wav', 'stem-1-aa.wav', 'stem-2-bb.wav']);
    await shelf.remove(anAccountId, aRecordingId);
    assert.deepEqual(await shelf.list(anAccountId, aRecordingId), []);
    assert.equal(await shelf.get(key('mix.wav')), undefined);
    assert.deepEqual(await shelf.list(anAccountId, second), [{ file: 'mix.wav', bytes: 20 }]);
    const foreign = { account: 'b'.repeat(32) as AccountId, recording: second, file: 'mix.wav' };
    assert.equal(await shelf.get(foreign), undefined);
  });

  test(`${name}: no name leads out of a recording`, async () => {
    await using bench = await Workbench.open();
    await using opened = await open();
    const { shelf } = opened;
    const putting = await bench.file(someBytes(10));
    for (const file of ['../mix.wav', '..', '.hidden', 'a/b.wav', 'a\\b', '', 'a\0.wav', 'x'.repeat(200)]) {
      await assert.rejects(shelf.put(key(file), putting), TypeError, file);
      await assert.rejects(shelf.get(key(file)), TypeError, file);
    }
    await assert.rejects(shelf.remove(anAccountId, '..'), TypeError);
    await assert.rejects(shelf.list('../..' as AccountId, aRecordingId), TypeError);
  });

  test(`${name}: who does not read to the end lets go`, async () => {
    await using bench = await Workbench.open();
    await using opened = await open();
    const { shelf } = opened;
    await shelf.put(key('mix.wav'), await bench.file(someBytes(3_000_000)));
    for (let round = 0; round < 30; round++) {
      const taken = await shelf.get(key('mix.wav'));
      const pieces = taken?.chunks[Symbol.asyncIterator]();
      if (round % 2 === 0) assert.equal((await pieces?.next())?.done, false);
      await pieces?.return?.();
    }
    await shelf.remove(anAccountId, aRecordingId);
  });
}
