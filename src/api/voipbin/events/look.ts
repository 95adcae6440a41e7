import type { Chronicle, Execute, PhoneCalls, Recordings } from '../../../conference/index.ts';
import { conferenceBody } from '../conference-encode.ts';
import { recordingBody } from '../recordings.ts';
import { seenLive, seenPast } from '../seen-call.ts';
import type { Look } from './event.ts';

/** Where events look things up. */
export interface LookNeeds {
  readonly execute: Execute;
  readonly recordings?: Recordings | undefined;
  readonly chronicle?: Chronicle | undefined;
  readonly phones?: Pick<PhoneCalls, 'find'> | undefined;
}

/** Looks things up as they are now. What is gone meanwhile is not told of. */
export const openLook = (needs: LookNeeds): Look => {
  const { execute, recordings, chronicle, phones } = needs;
  return {
    async conference({ account, conference }, whenOver) {
      const view = await execute('conference.read', { conference, deleted: true }, { account, kind: 'system' }).catch(() => undefined);
      const isOver = view?.conference.deletedAt !== undefined;
      return view && conferenceBody(view, needs, isOver ? whenOver : undefined);
    },
    async recording({ account }, id) {
      const found = await recordings?.get(account, id).catch(() => undefined);
      return found && recordingBody(found);
    },
    call: (cdr) => {
      const live = phones?.find(cdr.account, cdr.id);
      return live?.status === 'hangup' ? seenLive(live) : seenPast(cdr);
    },
    transcription: async ({ account }, id) => chronicle?.find(account, 'transcription', id),
  };
};
