import assert from 'node:assert/strict';
import type { Json } from '../../src/base/index.ts';
import { settles } from './ear.ts';
import { eventually, type House } from './house.ts';
import type { Phone } from './phone.ts';

/** A sound that nobody can mistake. */
export const soundAction = (hz: number, ms: number) => ({
  type: 'play',
  option: { stream_urls: [`tone_stream://v=-15;%(${ms},0,${hz})`] },
});

/** Into a conference. */
export const joinAction = (conference: string) => ({ type: 'conference_join', option: { conference_id: conference } });

/** Waits until a phone hears these tones and no others. */
export async function hears(phone: Phone, expected: readonly number[]): Promise<void> {
  const sorted = expected.toSorted((a, b) => a - b);
  assert.deepEqual(await settles(() => [phone.hears()], [sorted]), [sorted]);
}

/** Asks a running server in VoIPBIN's words. */
export class VoipbinDesk {
  readonly #house: () => House;

  /** `house`: opened when the first question comes. */
  constructor(house: () => House) {
    this.#house = house;
  }

  /** A request below `/v1.0`, with the first account's access key. */
  readonly ask = (method: string, path: string, body?: Json) => {
    const house = this.#house();
    const url = `/v1.0${path}${path.includes('?') ? '&' : '?'}accesskey=${house.first.access_key}`;
    return house.fetch(method, url, body === undefined ? {} : { body });
  };

  /** The body of an answer that must be a success. */
  readonly done = async (method: string, path: string, body?: Json) => {
    const answer = await this.ask(method, path, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };

  /** Makes a conference; its id. */
  readonly conference = async (parts: Record<string, Json> = {}): Promise<string> =>
    (await this.done('POST', '/conferences', { type: 'conference', name: 'room', ...parts })).id;

  /** Calls a phone by its SIP URI. */
  readonly callOut = async (phone: Phone, actions: Json, more: Record<string, Json> = {}) => {
    const destinations = [{ type: 'sip', target: `sip:callee@${phone.address}` }];
    const { calls } = await this.done('POST', '/calls', { source: { type: 'tel', target: '+15550100' }, destinations, actions, ...more });
    assert.equal(calls.length, 1);
    return calls[0];
  };

  /** Waits until so many are in. */
  readonly inRoom = (room: string, count: number) =>
    eventually(
      async () => (await this.done('GET', `/conferences/${room}`)).conferencecall_ids.length === count,
      `not ${count} are in ${room}`,
    );

  /** Waits until a call is in this state; the call. */
  readonly becomes = (id: string, status: string) =>
    eventually(async () => {
      const now = await this.done('GET', `/calls/${id}`);
      return now.status === status ? now : undefined;
    }, `the call does not become ${status}`);
}
