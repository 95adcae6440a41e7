import assert from 'node:assert/strict';
import type { MediaDocument, MediaId } from '../../src/conference/index.ts';
import type { AllStores } from '../../src/store/index.ts';
import { A, B, hex, T } from './examples.ts';

type WithStore = (title: string, body: (stores: AllStores) => Promise<void>) => void;

/** The `n`th media document, with a sound. */
export const aMedia = (n: number, change: Partial<MediaDocument> = {}): MediaDocument => ({
  account: A,
  id: hex(0x2000 + n) as MediaId,
  document: { name: `music ${n}`, tts: { text: 'Zoë 李 \u{1f600} \0' }, list: [1, null, 1.5] },
  revision: n,
  createdAt: T + n,
  modifiedAt: T + n + 1,
  sound: { type: 'audio/wav', bytes: 1044, sha256: hex(n).repeat(2) },
  ...change,
});

/** What every keeper of media documents must do. */
export function mediaContract(withStore: WithStore): void {
  withStore('gives media back with every field, to its account, id ascending', async ({ media }) => {
    const { sound: _sound, ...silent } = aMedia(1);
    for (const each of [aMedia(3), silent, aMedia(2, { account: B }), aMedia(3, { account: B, revision: 9 })]) await media.save(each);
    assert.deepEqual(await media.find(A, silent.id), silent);
    assert.deepEqual(await media.find(A, aMedia(3).id), aMedia(3));
    assert.equal(await media.find(A, aMedia(2).id), undefined);
    assert.deepEqual(await media.list(A), [silent, aMedia(3)]);
    await media.save({ ...silent, revision: 2, sound: aMedia(1).sound! });
    assert.deepEqual(await media.find(A, silent.id), aMedia(1, { revision: 2 }));
    await media.save(silent);
    assert.deepEqual(await media.find(A, silent.id), silent, 'it has no sound any more');
  });

  withStore('removes media of its account alone', async ({ media }) => {
    await media.save(aMedia(1));
    await media.save(aMedia(1, { account: B }));
    await media.remove(A, aMedia(1).id);
    await media.remove(A, aMedia(1).id);
    assert.deepEqual([await media.list(A), (await media.list(B)).length], [[], 1]);
  });
}
