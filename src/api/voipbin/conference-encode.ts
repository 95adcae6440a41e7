import { dashed, type JsonObject, uuidOf } from '../../base/index.ts';
import { awaitedRecording, type Chronicle, type ConferenceView, type Recordings, termsOf } from '../../conference/index.ts';
import { Remembered } from '../remembered.ts';
import { Written } from '../written.ts';
import { micros, NEVER, NIL, stamp, stampOfMicros } from './stamp.ts';

/** Where the history of conferences is found; what is absent is empty. */
export interface Histories {
  readonly recordings?: Pick<Recordings, 'list'> | undefined;
  readonly chronicle?: Pick<Chronicle, 'list'> | undefined;
}

/** Most ids of a history that an object shows. */
const MOST = 1000;

/** VoIPBIN's states of a conference, forward only (voipbin-facts §3.1). */
export type ConferenceStatus = 'starting' | 'progressing' | 'terminating' | 'terminated';

/** Microseconds of its creation. */
export const createdMicros = ({ conference: { createdAt, id } }: ConferenceView): number => micros(createdAt, id);

/** An integer for those who know customers by one (rulings "VoIPBIN v1.0"). */
export const userIdOf = (account: string): number => Number.parseInt(account.slice(-7), 16);

/** What was chosen by somebody and what was not: `id` or nil. */
const idOrNil = (id: string | undefined): string => (id === undefined ? NIL : dashed(id));

async function history({ conference: { account, id } }: ConferenceView, { recordings, chronicle }: Histories) {
  const [recorded, written] = await Promise.all([
    recordings?.list({ account, conference: id, limit: MOST }) ?? [],
    chronicle?.list({ account, kind: 'transcription', conference: id, limit: MOST }) ?? [],
  ]);
  return { recordings: recorded.map((each) => dashed(each.id)).reverse(), transcribes: written.map((each) => dashed(each.id)).reverse() };
}

/** With what is under way, which the history may not have yet. */
const withNow = (ids: readonly string[], now: string): readonly string[] => (now === NIL || ids.includes(now) ? ids : [...ids, now]);

/** A conference as VoIPBIN shows it: every key, always (voipbin-facts §2.2). */
export async function conferenceBody(view: ConferenceView, histories: Histories, status?: ConferenceStatus): Promise<JsonObject> {
  return bodyWith(view, await history(view, histories), status);
}

const texts = new Remembered<JsonObject, Written>();

/** The same as text. It holds until anything of it changes: who asks often asks for what is as it was. */
export async function conferenceText(view: ConferenceView, histories: Histories): Promise<Written> {
  const past = await history(view, histories);
  const { id, account, document, room, createdAt, modifiedAt, deletedAt, revision } = view.conference;
  const said = [id, account, room, createdAt, modifiedAt, deletedAt, revision, past.recordings.join(), past.transcribes.join()];
  return texts.of(document, said, () => new Written(JSON.stringify(bodyWith(view, past))));
}

function bodyWith(view: ConferenceView, past: Awaited<ReturnType<typeof history>>, status?: ConferenceStatus): JsonObject {
  const { id, account, document, room, createdAt, modifiedAt, deletedAt, revision } = view.conference;
  const { type, detail, data, timeout, preActions, postActions, preFlow, postFlow, directHash } = termsOf(document);
  const awaited = deletedAt === undefined ? awaitedRecording(document)?.id : undefined;
  const [recording, transcribe] = [idOrNil(room?.recording?.id ?? awaited), idOrNil(room?.transcription?.id)];
  const { name } = document;
  return {
    id: uuidOf(id, account),
    customer_id: dashed(account),
    user_id: userIdOf(account),
    type,
    status: status ?? (deletedAt === undefined ? 'progressing' : 'terminated'),
    name: typeof name === 'string' ? name : '',
    detail,
    data,
    timeout,
    pre_actions: preActions,
    post_actions: postActions,
    pre_flow_id: idOrNil(preFlow),
    post_flow_id: idOrNil(postFlow),
    conferencecall_ids: (room?.participants ?? [])
      .filter(({ call }) => call.stream === undefined || call.chat !== undefined)
      .map((each) => dashed(each.id)),
    recording_id: recording,
    recording_ids: withNow(past.recordings, recording),
    transcribe_id: transcribe,
    transcribe_ids: withNow(past.transcribes, transcribe),
    direct_hash: deletedAt === undefined ? directHash : '',
    tm_end: status === 'terminating' ? NEVER : stamp(deletedAt),
    tm_create: stampOfMicros(micros(createdAt, id)),
    tm_update: revision > 1 ? stamp(modifiedAt) : NEVER,
    tm_delete: stamp(deletedAt),
  };
}
