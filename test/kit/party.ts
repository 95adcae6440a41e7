import { isObject, type Json } from '../../src/base/index.ts';
import { eventually, type House, participants } from './house.ts';
import type { Phone, PhoneOptions } from './phone.ts';
import { QUIET } from './quiet.ts';
import { TONES } from './sound.ts';

/** People who come into a room one after the other, each with a tone of its own. */
export async function party(
  house: House,
  number: string,
  { names, each = {} }: { names: readonly string[]; each?: Readonly<Record<string, Partial<PhoneOptions>>> },
): Promise<Phone[]> {
  const phones: Phone[] = [];
  for (const [n, user] of names.entries()) {
    const phone = await house.phone({ user, tone: TONES[n]!, ...each[user] });
    await phone.call(number);
    phones.push(phone);
  }
  return phones;
}

/** The small number of a person, as soon as the API lists it. */
export const numberOf = (house: House, conference: string, name: string): Promise<number> =>
  eventually(async () => (await participants(house, conference)).get(name)?.participant_id, `${name} is not listed`);

let made = 5000;

/** A conference of its own; nobody comes in muted and the room says nothing by itself, unless the document says so. */
export async function aRoom(
  house: House,
  document: { readonly [key: string]: Json } = {},
): Promise<{ id: string; number: string; moderators: string }> {
  const [number, moderators] = [String(made++), String(made++)];
  const { body } = await house.kazoo('PUT', '/conferences', {
    name: `room ${number}`,
    member: { join_muted: false, numbers: [number] },
    moderator: { join_muted: false, numbers: [moderators] },
    play_welcome: false,
    recording_notice: false,
    ...document,
    profile: { ...QUIET, ...(isObject(document['profile']) ? document['profile'] : {}) },
  });
  return { id: body.data.id, number, moderators };
}

/** The conference of the first start says nothing by itself either, from now on. */
export async function quiet(house: House): Promise<void> {
  await house.kazoo('PATCH', `/conferences/${house.first.conference_id}`, {
    play_welcome: false,
    recording_notice: false,
    profile: { ...QUIET },
  });
}

/** Resolves when nobody is left in the conference. */
export const emptied = (house: House, conference: string): Promise<boolean> =>
  eventually(async () => (await participants(house, conference)).size === 0, 'somebody is still listed');
