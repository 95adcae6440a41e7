import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../../base/index.ts';
import type { RecordingFile, RecordingRecord } from '../../conference/index.ts';
import type { Taken } from '../ports.ts';
import { type PeakParts, PeakSum } from './peak-sum.ts';
import { soundOf } from './sound-of.ts';

/** How a picture is kept. */
interface Kept extends PeakParts {
  readonly version: 1;
  /** Of the files it was made of: another mix needs another picture. */
  readonly of: string;
}

/** What making a picture needs. */
export interface PeakOptions {
  readonly clock: Clock;
  /** Opens one of the recording's files. */
  readonly open: (file: string) => Promise<Pick<Taken, 'type' | 'chunks'>>;
  /** Where the picture is kept. */
  readonly path: string;
}

/** The parts of the mix, first things first: there are several where the room's rate changed. */
const mixOf = ({ files }: RecordingRecord): readonly RecordingFile[] =>
  files.filter(({ kind }) => kind === 'mix').sort((a, b) => a.offsetSamples - b.offsetSamples);

/** The picture of a finished recording: as it was kept, else made now. A picture that cannot be kept is made again next time. */
export async function peaksOf(record: RecordingRecord, { clock, open, path }: PeakOptions): Promise<PeakParts> {
  const files = mixOf(record);
  const of = files.map(({ sha256 }) => sha256).join();
  const kept = await read(path);
  if (kept?.of === of) return kept;
  const sum = new PeakSum();
  const breathe = (): Promise<void> => new Promise((resolve) => void clock.wake(clock.now(), resolve));
  for (const { name } of files) {
    const { type, chunks } = await open(name);
    for await (const { samples, rate } of soundOf(type, chunks, { breathe })) sum.add(samples, rate);
  }
  const made: Kept = { version: 1, of, ...sum.parts() };
  await keep(path, made).catch(() => {});
  return made;
}

async function read(path: string): Promise<Kept | undefined> {
  try {
    const found = JSON.parse(await readFile(path, 'utf8')) as Kept;
    return found.version === 1 && Array.isArray(found.least) && Array.isArray(found.most) ? found : undefined;
  } catch {
    // Not there, or torn by a power cut.
    return undefined;
  }
}

async function keep(path: string, made: Kept): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.half`, JSON.stringify(made), { mode: 0o600 });
  await rename(`${path}.half`, path);
}
