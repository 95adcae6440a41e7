import { isObject, type Json, type JsonObject } from '../../../base/index.ts';
import type { PlaySource } from '../../../conference/index.ts';
import { type Bench, numberOf, type Obey, silently, Unfit } from './obey.ts';

const text = (message: JsonObject, key: string): string | undefined => {
  const value = message[key];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') throw new Unfit(`${key} must be a text`);
  return value;
};

function required(message: JsonObject, key: string): string {
  const value = text(message, key);
  if (value === undefined) throw new Unfit(`${key} is required`);
  return value;
}

/** To one participant, or to all. */
const ears = (message: JsonObject): { readonly to: number | 'all' } => ({
  to: message['Participant-ID'] === undefined ? 'all' : numberOf(message, 'Participant-ID'),
});

/** `Endless-Playback`, `Loop-Count`: numbers and truths are also written as text. */
function loopsOf(message: JsonObject): number {
  if (String(message['Endless-Playback']) === 'true') return 0;
  const count = Number(message['Loop-Count'] ?? 1);
  if (!Number.isInteger(count) || count < 1) throw new Unfit('Loop-Count must be a whole number from 1');
  return count;
}

/** `Insert-At`: behind the others (`tail`), or in their place. Before them (`head`) nothing can be put. */
async function makeRoom({ message, conference, execute, actor }: Bench): Promise<void> {
  const { 'Insert-At': where = 'tail' } = message;
  if (where === 'flush' || where === 'now') await execute('play.stop', { conference, which: 'all', ...ears(message) }, actor);
  else if (where !== 'tail') throw new Unfit('Insert-At must be tail, flush or now');
}

const playing =
  (sourcesOf: (message: JsonObject) => readonly PlaySource[]): Obey =>
  async (bench) => {
    const { message, conference, execute, actor } = bench;
    const sources = sourcesOf(message);
    const loops = loopsOf(message);
    await makeRoom(bench);
    await execute('play.start', { conference, sources, loops, ...ears(message) }, actor);
    return undefined;
  };

/** `play`: a media id or a URL. */
export const play: Obey = playing((message) => [required(message, 'Media-Name')]);

/** `play_macro`: several, one behind the other. */
export const playMacro: Obey = playing(({ 'Media-Macro': list }) => {
  if (!Array.isArray(list) || list.length === 0) throw new Unfit('Media-Macro must be a list of media');
  return list.map((each: Json) => {
    if (typeof each !== 'string') throw new Unfit('Media-Macro must be a list of texts');
    return each;
  });
});

/** `say` and `tts`: a text. */
export const say: Obey = playing((message) => {
  const [language, voice] = [text(message, 'Language'), text(message, 'Voice')];
  const words = required(message, 'Text');
  return [{ say: words, ...(language === undefined ? {} : { language }), ...(voice === undefined ? {} : { voice }) }];
});

/** `tones`: written as a tone stream (rulings "tones"). */
export const tones: Obey = playing(({ Tones: list }) => {
  if (!Array.isArray(list) || list.length === 0) throw new Unfit('Tones must be a list of tones');
  return [`tone_stream://${list.map(toneOf).join(';')}`];
});

function toneOf(tone: Json): string {
  if (!isObject(tone)) throw new Unfit('a tone must be an object');
  const { Frequencies: pitches, Volume: volume, Repeat: repeat = 1 } = tone;
  if (!Array.isArray(pitches) || pitches.length === 0) throw new Unfit('Frequencies must be a list of Hz');
  const numbers = [tone['Duration-ON'], tone['Duration-OFF'], ...pitches].map((each: Json | undefined) => {
    const value = Number(each);
    if (each === null || !Number.isFinite(value) || value < 0) throw new Unfit('Duration-ON, Duration-OFF and Frequencies must be numbers');
    return value;
  });
  return `${volume === undefined ? '' : `v=${Number(volume)};`}l=${Number(repeat)};%(${numbers.join(',')})`;
}

/** `stop_play`: without a participant what is for all, as FreeSWITCH does. */
export const stopPlay: Obey = silently('play.stop', ({ conference, message }) => {
  const { Affects: which = 'all' } = message;
  if (which !== 'all' && which !== 'current') throw new Unfit('Affects must be current or all');
  return { conference, which, ...ears(message) };
});

/** `record`: the name of the file, without folder and ending, becomes that of the recording. */
export const record: Obey = silently('recording.start', ({ conference, message }) => {
  const name = text(message, 'Media-Name')
    ?.replace(/^.*\//, '')
    .replace(/\.[a-z0-9]{1,4}$/i, '');
  return { conference, ...(name === undefined || name === '' ? {} : { name: name.slice(0, 128) }) };
});

/** `recordstop`. */
export const recordStop: Obey = silently('recording.stop', ({ conference }) => ({ conference }));
