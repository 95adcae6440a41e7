import { Failure, type JsonObject } from '../../../base/index.ts';
import type { Input } from '../../../conference/index.ts';
import { type Obey, Unfit } from './obey.ts';

type Wish = Omit<Input<'conference.set'>, 'conference'>;

/** What each `Parameter` sets (kazoo-facts §8.5). */
const PARAMETERS: Readonly<Record<string, (value: string) => Wish>> = {
  'Max-Members': (value) => {
    if (!/^\d{0,15}$/.test(value)) throw new Unfit('Value of Max-Members must be a whole number; 0 or empty: as the conference has it');
    return { maxParticipants: Number(value) };
  },
  'Caller-ID-Name': (callerName) => ({ callerName }),
  'Caller-ID-Number': (callerNumber) => ({ callerNumber }),
};

function wishOf({ Parameter: parameter, Value: value }: JsonObject): Wish {
  const wish = typeof parameter === 'string' && Object.hasOwn(PARAMETERS, parameter) ? PARAMETERS[parameter] : undefined;
  if (wish === undefined)
    throw new Unfit(
      `Parameter must be ${Object.keys(PARAMETERS)
        .join(', ')
        .replace(/, ([^,]*)$/, ' or $1')}`,
    );
  if (value === undefined) throw new Unfit('Value is required');
  // Limits, like the numbers of participants, are also written as numbers.
  const text = parameter === 'Max-Members' && typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') throw new Unfit('Value must be a text');
  return wish(text);
}

/** `set`: for this run of the room alone; a conference that nobody is in is none to FreeSWITCH, and so to whoever sends this. */
export const set: Obey = async ({ message, conference, execute, actor }) => {
  const wish = wishOf(message);
  try {
    await execute('conference.set', { conference, ...wish }, actor);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'nobody_there') throw error;
    throw new Unfit(`Conference ${message['Conference-ID']} not found`);
  }
  return undefined;
};
