import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { PlayingHouse } from '../../test/kit/playing-house.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { pcm16 } from '../../test/kit/sound-files.ts';
import type { AccountId } from '../accounts/index.ts';
import { openMediaLibrary } from './media-library.ts';

/** So many frames of 20 ms. */
const sound = (frames: number): Uint8Array =>
  pcm16(
    8000,
    Array.from({ length: frames * 160 }, (_, n) => 0.1 * Math.sin(n / 3)),
  );

class Prompts {
  readonly house: PlayingHouse;
  constructor(house: PlayingHouse) {
    this.house = house;
  }
  /** Puts a file there, and waits until it is looked for again. */
  async put(path: string, frames: number): Promise<void> {
    const whole = join(this.house.folder, path);
    await mkdir(dirname(whole), { recursive: true });
    await writeFile(whole, sound(frames));
    await this.house.run(1100);
  }
  /** Uploads, and waits until it is looked for again. */
  async upload(document: { prompt_id: string; language?: string }, frames: number, account = this.house.account) {
    const media = openMediaLibrary({
      documents: this.house.documents,
      folder: join(this.house.folder, 'media'),
      clock: this.house.clock,
      chance: new SeededChance(frames),
    });
    const made = await media.create(account, { name: document.prompt_id, ...document });
    if (frames > 0) await media.upload(made, { type: 'audio/wav', bytes: sound(frames) });
    await this.house.run(1100);
    return { media, made };
  }
  async frames(source: string): Promise<number> {
    return (await this.house.play([source])).frames.length;
  }
}

const open = async (): Promise<Prompts> => new Prompts(await PlayingHouse.open());

describe('whose prompt is heard', () => {
  test('what was shipped, until the operator, the operator for the account, or the account itself has another', async () => {
    const prompts = await open();
    await using house = prompts.house;
    await prompts.put('shipped/de-de/conf-welcome.wav', 2);
    assert.equal(await prompts.frames('prompt://system_media/conf-welcome/de-de'), 2);
    await prompts.put('prompts/de/conf-welcome.wav', 4);
    assert.equal(await prompts.frames('prompt://system_media/conf-welcome/de-de'), 4);
    await prompts.put(`prompts/${house.account}/de/conf-welcome.wav`, 6);
    assert.equal(await prompts.frames('prompt://system_media/conf-welcome/de-de'), 6);
    const { media, made } = await prompts.upload({ prompt_id: 'conf-welcome', language: 'de-DE' }, 8);
    assert.equal(await prompts.frames('prompt://system_media/conf-welcome/de-de'), 8);
    assert.equal(await prompts.frames(`prompt://${house.account}/conf-welcome/de-de`), 8);
    await media.remove(house.account, made.id);
    await house.run(1100);
    assert.equal(await prompts.frames('prompt://system_media/conf-welcome/de-de'), 6);
  });

  test('an upload speaks for its language and its family alone, and the newest of two is heard', async () => {
    const prompts = await open();
    await using _house = prompts.house;
    await prompts.put('shipped/en-us/conf-alone.wav', 2);
    await prompts.put('shipped/fr-fr/conf-alone.wav', 3);
    await prompts.upload({ prompt_id: 'conf-alone', language: 'fr-ca' }, 5);
    assert.equal(await prompts.frames('prompt://system_media/conf-alone/fr-ca'), 5);
    assert.equal(await prompts.frames('prompt://system_media/conf-alone/fr-fr'), 5);
    assert.equal(await prompts.frames('prompt://system_media/conf-alone/en-us'), 2);
    assert.equal(await prompts.frames('prompt://system_media/conf-alone/nl-nl'), 2, 'what is not there is English');
    await prompts.upload({ prompt_id: 'conf-alone' }, 7);
    assert.equal(await prompts.frames('prompt://system_media/conf-alone/en-us'), 7, 'who says no language speaks English');
    await prompts.upload({ prompt_id: 'conf-alone', language: 'fr-ca' }, 9);
    assert.equal(await prompts.frames('prompt://system_media/conf-alone/fr-ca'), 9);
  });

  test('a document to which nothing was uploaded replaces nothing', async () => {
    const prompts = await open();
    await using _house = prompts.house;
    await prompts.put('shipped/en-us/conf-alone.wav', 2);
    await prompts.upload({ prompt_id: 'conf-alone', language: 'en-us' }, 0);
    assert.equal(await prompts.frames('prompt://system_media/conf-alone/en-us'), 2);
  });

  test('nothing of another account is heard', async () => {
    const prompts = await open();
    await using house = prompts.house;
    const other = 'b'.repeat(32) as AccountId;
    await prompts.put('shipped/en-us/conf-alone.wav', 2);
    await prompts.put(`prompts/${other}/en-us/conf-alone.wav`, 4);
    await prompts.upload({ prompt_id: 'conf-alone', language: 'en-us' }, 6, other);
    assert.equal(await prompts.frames('prompt://system_media/conf-alone/en-us'), 2);
    await assert.rejects(house.player.check(house.account, [`prompt://${other}/conf-alone/en-us`]), { code: 'media_not_found' });
  });

  test('a language of the family that is nearest to what was asked for', async () => {
    const prompts = await open();
    await using _house = prompts.house;
    await prompts.put('shipped/en-us/conf-bad_pin.wav', 2);
    await prompts.put('shipped/pt-br/conf-bad_pin.wav', 3);
    await prompts.put('shipped/pt-pt/conf-bad_pin.wav', 4);
    assert.equal(await prompts.frames('prompt://system_media/conf-bad_pin/pt-br'), 3);
    assert.equal(await prompts.frames('prompt://system_media/conf-bad_pin/pt'), 4);
    assert.equal(await prompts.frames('prompt://system_media/conf-bad_pin/pt-ao'), 4);
    assert.equal(await prompts.frames('prompt://system_media/conf-bad_pin/PT-BR'), 3);
    assert.equal(await prompts.frames('prompt://system_media/conf-bad_pin/ptx'), 2, 'the beginning of a word is no family');
  });

  test('KAZOO misspells one of its own, and that is understood', async () => {
    const prompts = await open();
    await using _house = prompts.house;
    await prompts.put('shipped/en-us/conf-your_announcement.wav', 3);
    assert.equal(await prompts.frames('prompt://system_media/conf-your_announcment/en-us'), 3);
  });

  test('streams of the operator before those that were shipped', async () => {
    const prompts = await open();
    await using house = prompts.house;
    await prompts.put('shipped/local_stream/moh/one.wav', 2);
    await house.player.check(house.account, ['local_stream://moh']);
    const heard = async (): Promise<number> => {
      const id = house.start(['local_stream://moh']);
      await house.run(400);
      house.player.stop(house.room, id);
      return Math.max(...(house.feeds.get(id)?.frames ?? []).map(({ rate }) => rate));
    };
    assert.equal(await heard(), 8000);
    const path = join(house.folder, 'prompts/local_stream/moh/one.wav');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, pcm16(16_000, [0.1, 0.1, 0.1, 0.1]));
    assert.equal(await heard(), 16_000);
  });
});
