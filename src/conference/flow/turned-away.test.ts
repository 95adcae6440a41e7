import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aConferenceId, anActor } from '../../../test/kit/conference-fakes.ts';
import { LobbyHouse } from '../../../test/kit/lobby-house.ts';
import type { Json, JsonObject } from '../../base/index.ts';
import type { Action } from './plan.ts';
import { readActions } from './read-actions.ts';

const actions = (...list: Json[]): readonly Action[] => readActions(list, 'a');
const enters = (option: JsonObject = {}): JsonObject => ({ type: 'conference_enter', option });
const open = { member: { join_muted: false }, play_welcome: false };
const hungUp = (house: LobbyHouse) => house.telephony.hungUp.map(({ reason }) => reason);

test('who waits in vain is told why before he is hung up: turned away, too long, or the conference is gone', async () => {
  const reasons = {
    'waiting.deny': [/admission_denied/, 'denied'],
    'conference.delete': [/ends_now/, 'conference-deleted'],
    'conference.time': [/admission_denied/, 'no-moderator'],
  } as const;
  for (const [command, [words, reason]] of Object.entries(reasons)) {
    const house = new LobbyHouse();
    await house.create({ ...open, waiting_room: true, waiting_room_timeout: 60 });
    const { id } = await house.comes(1, actions(enters({ conference: aConferenceId })));
    if (command === 'waiting.deny') await house.execute(command, { conference: aConferenceId, which: 'next' }, anActor);
    else if (command === 'conference.delete') await house.execute(command, { conference: aConferenceId, keep: false }, anActor);
    else house.clock.advance(60_000);
    await house.settled();
    assert.match(house.playing(id)[0] ?? '', words);
    assert.deepEqual(hungUp(house), [], 'not before it is said');
    await house.played(id);
    assert.deepEqual(hungUp(house), [reason]);
    await house.ends(id);
  }
});
