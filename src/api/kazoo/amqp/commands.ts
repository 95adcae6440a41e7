import type { Json, JsonObject } from '../../../base/index.ts';
import { type ConferenceView, gainOfLevel } from '../../../conference/index.ts';
import { participantsResp } from './answers.ts';
import { dial } from './dial.ts';
import { type Bench, numberOf, type Obey, silently, Unfit } from './obey.ts';
import { set } from './set.ts';
import { play, playMacro, record, recordStop, say, stopPlay, tones } from './sounds.ts';

function levelOf(message: JsonObject, key: string, range = '-4 to 4'): number {
  const value = message[key];
  const level = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof level === 'number') return level;
  throw new Unfit(value === undefined ? `${key} is required` : `${key} must be a number from ${range}`);
}

const lock = (locked: boolean): Obey => silently('conference.lock', ({ conference }) => ({ conference, locked }));
const mute = (muted: boolean): Obey =>
  silently('participants.mute', ({ conference, message }) => ({ conference, which: numberOf(message, 'Participant-ID'), muted }));
const deaf = (isDeaf: boolean): Obey =>
  silently('participants.deafen', ({ conference, message }) => ({ conference, which: numberOf(message, 'Participant-ID'), deaf: isDeaf }));
const volume = (key: string, gain: 'gainIn' | 'gainOut'): Obey =>
  silently('participants.adjust', ({ conference, message }) => {
    const which = numberOf(message, 'Participant-ID');
    return { conference, which, [gain]: gainOfLevel(levelOf(message, key)) };
  });

/** Without a level it is the usual one (kazoo-facts §8.5). */
const USUAL_ENERGY = 20;

const energy = silently('participants.adjust', ({ conference, message }) => {
  const which = numberOf(message, 'Participant-ID');
  const energyLevel = message['Energy-Level'] === undefined ? USUAL_ENERGY : levelOf(message, 'Energy-Level', '0 to 1800');
  return { conference, which, energyLevel };
});

const read = ({ execute, conference, actor }: Bench): Promise<ConferenceView> => execute('conference.read', { conference }, actor);

/** Without a number it is the last one who joined (kazoo-facts §8.5). */
const kick: Obey = async (bench) => {
  const { message, execute, conference, actor } = bench;
  const isNamed = message['Participant-ID'] !== undefined;
  const last = isNamed ? undefined : (await read(bench)).conference.room?.participants.at(-1)?.number;
  if (!isNamed && last === undefined) throw new Unfit('there is nobody in the conference');
  const which = last ?? numberOf(message, 'Participant-ID');
  await execute('participants.kick', { conference, which }, actor);
  return undefined;
};

const RELATIONSHIPS: readonly Json[] = ['mute', 'deaf', 'clear'];

const relate = silently('participants.relate', ({ conference, message }) => {
  const { Relationship: relationship = 'clear' } = message;
  if (!RELATIONSHIPS.includes(relationship)) throw new Unfit('Relationship must be deaf, mute or clear');
  const [participant, other] = [numberOf(message, 'Participant-ID'), numberOf(message, 'Other-Participant')];
  return { conference, participant, other, relationship: relationship as 'mute' | 'deaf' | 'clear' };
});

const participants: Obey = async (bench) => participantsResp(await read(bench), bench.place);

/** Every command of the documents (kazoo-facts §8.5), by `Application-Name`. */
export const commands: Readonly<Record<string, Obey>> = {
  lock: lock(true),
  unlock: lock(false),
  participants,
  mute_participant: mute(true),
  unmute_participant: mute(false),
  deaf_participant: deaf(true),
  undeaf_participant: deaf(false),
  kick,
  relate_participants: relate,
  participant_volume_in: volume('Volume-In-Level', 'gainIn'),
  participant_volume_out: volume('Volume-Out-Level', 'gainOut'),
  participant_energy: energy,
  play,
  stop_play: stopPlay,
  play_macro: playMacro,
  say,
  tts: say,
  tones,
  record,
  recordstop: recordStop,
  set,
  dial,
};
