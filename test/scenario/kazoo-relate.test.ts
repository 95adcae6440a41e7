import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SocketReader } from '../kit/event-readers.ts';
import { type Hearing, hearingMatrix } from '../kit/hearing.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied, numberOf, party } from '../kit/party.ts';

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

const KINDS = ['mute', 'deaf', 'clear'] as const;
type Kind = (typeof KINDS)[number];
/** Who was named first, who second, and how. */
type Related = readonly [participant: 'Ann' | 'Ben', other: 'Ann' | 'Ben', kind: Kind];

/** rulings.md "relate": what holds once these were said, one after the other. */
function holding(said: readonly Related[]): readonly Related[] {
  let now: Related[] = [];
  for (const [participant, other, kind] of said) {
    const isPair = (each: Related): boolean => each[0] === participant && each[1] === other;
    if (kind === 'clear') now = now.filter((each) => !isPair(each));
    else if (!now.some((each) => isPair(each) && each[2] === kind)) now.push([participant, other, kind]);
  }
  return now;
}

/** `mute`: the other does not hear the participant; `deaf`: the participant does not hear the other. */
function hearing(now: readonly Related[]): Hearing {
  const cut = new Set(now.map(([participant, other, kind]) => (kind === 'mute' ? `${other}<${participant}` : `${participant}<${other}`)));
  const names = ['Ann', 'Ben', 'Cleo'];
  return Object.fromEntries(names.map((ear) => [ear, names.filter((mouth) => mouth !== ear && !cut.has(`${ear}<${mouth}`))]));
}

test('relate: every second word behind every first one, in both orders: what is heard, what is live and what is told agree', {
  timeout: 240_000,
}, async () => {
  const room = await aRoom(house);
  const phones = await party(house, room.number, { names: ['Ann', 'Ben', 'Cleo'] });
  const numbers = { Ann: await numberOf(house, room.id, 'Ann'), Ben: await numberOf(house, room.id, 'Ben') };
  const headers = { authorization: `Bearer ${house.first.access_key}` };
  const reader = SocketReader.open(`${house.http}/api/events`, headers);
  await reader.get('live');
  const live = async () => (await house.fetch('GET', `/api/conferences/${room.id}`, { headers })).body;
  const people = (await live()).participants as { id: string; caller_name: string }[];
  const nameOf = (id: string): string => people.find((each) => each.id === id)?.caller_name ?? id;
  let told = 0;
  const flags = JSON.stringify([...(await participants(house, room.id)).values()].map((each) => [each.hear, each.speak]));

  for (const first of KINDS) {
    for (const second of KINDS) {
      for (const pair of [['Ann', 'Ben'] as const, ['Ben', 'Ann'] as const]) {
        const words: readonly Related[] = [
          ['Ann', 'Ben', first],
          [...pair, second],
        ];
        const label = words.map((each) => each.join(' ')).join(', ');
        const said: Related[] = [];
        for (const word of words) {
          const before = holding(said);
          said.push(word);
          const [participant, other, relationship] = word;
          const data = { participant_id: numbers[participant], other_participant: numbers[other], relationship };
          const answer = await house.act(`${room.id}/participants`, 'relate', data);
          assert.equal(answer.body.data, 'relating participants', label);
          const now = holding(said);
          await hearingMatrix(phones, hearing(now));
          const shown = (await live()).relationships.map((each: Record<string, string>) =>
            [nameOf(each['participant']!), nameOf(each['other']!), each['relationship']].join(' '),
          );
          assert.deepEqual(shown.sort(), now.map((each) => each.join(' ')).sort(), label);
          if (JSON.stringify(now) !== JSON.stringify(before)) {
            told += 1;
            const fact = await eventually(() => reader.of('participants.related')[told - 1], `${label} is not told`);
            assert.deepEqual([nameOf(fact.participant?.id ?? fact.participant), nameOf(fact.other), fact.relationship], [...word], label);
          }
        }
        // What one pair has is cleared by that pair alone.
        for (const [participant, other] of [['Ann', 'Ben'] as const, ['Ben', 'Ann'] as const]) {
          const had = holding(said).some((each) => each[0] === participant);
          const data = { participant_id: numbers[participant], other_participant: numbers[other] };
          await house.act(`${room.id}/participants`, 'relate', data);
          if (had) told += 1;
        }
        await eventually(() => reader.of('participants.related').length === told, `${label}: not ${told} were told`);
        await hearingMatrix(phones, hearing([]));
      }
    }
  }
  const after = JSON.stringify([...(await participants(house, room.id)).values()].map((each) => [each.hear, each.speak]));
  assert.equal(after, flags, 'nobody is muted or deaf for all by what holds between two');
  assert.equal(reader.of('participants.related').length, told);
  reader.close();
  for (const each of phones) await each.hangUp();
  await emptied(house, room.id);
});
