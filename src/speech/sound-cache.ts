import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readWav, writeWav } from '../audio/index.ts';
import type { Chance, Clock, Log } from '../base/index.ts';
import { randomHex } from '../base/index.ts';
import type { Sound } from './speech-types.ts';

/** Where spoken sentences are kept. */
export interface SoundCacheOptions {
  readonly chance: Chance;
  readonly clock: Clock;
  readonly log: Log;
  /** Bytes of sound in memory. Default 32 MB. */
  readonly memoryBytes?: number;
  /** A folder of its own; absent: nothing is kept on disk. */
  readonly folder?: string;
  /** Bytes of files. Default 200 MB. */
  readonly diskBytes?: number;
}

/** What a sentence is kept under: nothing of the text can be read from it. */
export const cacheKey = (...parts: readonly string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex');

/** Keeps sound by its key, in memory and on disk; of too much the one that was not wanted for longest goes. What the disk fails in is only slower. */
export class SoundCache {
  readonly #options: SoundCacheOptions;
  readonly #memory = new Map<string, Sound>();
  #memoryUsed = 0;
  /** Bytes by key, the one unused for longest first. */
  #disk: Promise<Map<string, number>> | undefined;
  #diskUsed = 0;
  #hasComplained = false;
  /** Writing goes one by one. */
  #writes: Promise<void> = Promise.resolve();

  constructor(options: SoundCacheOptions) {
    this.#options = options;
  }

  async get(key: string): Promise<Sound | undefined> {
    const kept = this.#memory.get(key);
    if (kept !== undefined) {
      this.#memory.delete(key);
      this.#memory.set(key, kept);
      return kept;
    }
    const read = await this.#read(key);
    if (read !== undefined) this.#remember(key, read);
    return read;
  }

  put(key: string, sound: Sound): void {
    this.#remember(key, sound);
    this.#writes = this.#writes.then(() => this.#write(key, sound)).catch((error: unknown) => this.#complain(error));
  }

  /** Resolves when everything is written. */
  settled(): Promise<void> {
    return this.#writes;
  }

  #remember(key: string, sound: Sound): void {
    const { memoryBytes = 32_000_000 } = this.#options;
    if (sound.samples.byteLength > memoryBytes || this.#memory.has(key)) return;
    this.#memory.set(key, sound);
    this.#memoryUsed += sound.samples.byteLength;
    for (const [oldest, { samples }] of this.#memory) {
      if (this.#memoryUsed <= memoryBytes) return;
      this.#memory.delete(oldest);
      this.#memoryUsed -= samples.byteLength;
    }
  }

  async #read(key: string): Promise<Sound | undefined> {
    const { folder, clock } = this.#options;
    if (folder === undefined) return undefined;
    const files = await this.#files();
    const bytes = files.get(key);
    if (bytes === undefined) return undefined;
    try {
      const wav = readWav(new Uint8Array(await readFile(join(folder, key))));
      if ('malformed' in wav || wav.channels !== 1) throw new Error('a damaged file');
      files.delete(key);
      files.set(key, bytes);
      const now = clock.epoch() / 1000;
      await utimes(join(folder, key), now, now).catch(() => {});
      return { rate: wav.rate, samples: wav.samples };
    } catch {
      await this.#forget(key, files);
      return undefined;
    }
  }

  async #write(key: string, { rate, samples }: Sound): Promise<void> {
    const { folder, chance, diskBytes = 200_000_000 } = this.#options;
    if (folder === undefined) return;
    const files = await this.#files();
    const wav = writeWav({ rate, channels: 1, samples });
    if (files.has(key) || wav.length > diskBytes) return;
    // Whole or not at all, whenever the machine stops.
    const draft = join(folder, `.${randomHex(chance, 8)}`);
    try {
      await writeFile(draft, wav, { mode: 0o600 });
      await rename(draft, join(folder, key));
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    files.set(key, wav.length);
    this.#diskUsed += wav.length;
    for (const oldest of files.keys()) {
      if (this.#diskUsed <= diskBytes) return;
      await this.#forget(oldest, files);
    }
  }

  async #forget(key: string, files: Map<string, number>): Promise<void> {
    this.#diskUsed -= files.get(key) ?? 0;
    files.delete(key);
    await rm(join(this.#options.folder ?? '', key), { force: true }).catch(() => {});
  }

  #files(): Promise<Map<string, number>> {
    this.#disk ??= this.#list().catch((error: unknown) => {
      this.#complain(error);
      return new Map<string, number>();
    });
    return this.#disk;
  }

  async #list(): Promise<Map<string, number>> {
    const folder = this.#options.folder ?? '';
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const found: { readonly name: string; readonly bytes: number; readonly usedAt: number }[] = [];
    for (const name of await readdir(folder)) {
      if (/^[0-9a-f]{64}$/.test(name)) {
        const { size, mtimeMs } = await stat(join(folder, name));
        found.push({ name, bytes: size, usedAt: mtimeMs });
      } else if (name.startsWith('.')) await rm(join(folder, name), { force: true });
    }
    this.#diskUsed = found.reduce((sum, { bytes }) => sum + bytes, 0);
    return new Map(found.sort((a, b) => a.usedAt - b.usedAt).map(({ name, bytes }) => [name, bytes]));
  }

  /** Once: a full disk would say it for every sentence. */
  #complain(error: unknown): void {
    if (!this.#hasComplained) this.#options.log.warn('spoken sentences cannot be kept on disk; they are spoken anew', { error });
    this.#hasComplained = true;
  }
}
