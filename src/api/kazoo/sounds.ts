import { Failure, isObject, type Json, type JsonObject } from '../../base/index.ts';
import type { CommandName, ConferenceId, ConferenceView, Input } from '../../conference/index.ts';
import type { Asked, Plan } from './answer.ts';
import { revisionOf } from './encode.ts';
import { broken, refusals } from './refuse.ts';

/** kazoo-facts §1.3: in `data` within `data`, else `data` itself; a body whose `data` is a list has none. */
function argumentsOf({ data }: Asked, action: string): JsonObject {
  const given: Json | undefined = isObject(data) ? (data['data'] ?? data) : undefined;
  if (!isObject(given)) throw broken('data', 'required', { message: `action '${action}' requires a data object` });
  return given;
}

/** Commands that are sent and not asked after: also where nobody is they are answered as if they had been obeyed (kazoo-facts §1.4). */
const sent =
  <Name extends CommandName>(name: Name, input: Input<Name> & { readonly conference: ConferenceId }, words: string): Plan =>
  async (execute, actor) => {
    await execute(name, input, actor).catch((error: unknown) => {
      if (!(error instanceof Failure) || error.code !== 'nobody_there') throw error;
    });
    const view: ConferenceView = await execute('conference.read', { conference: input.conference }, actor);
    return { status: 201, data: words, revision: revisionOf(view) };
  };

/** What of a `play` cannot be played, in KAZOO's words; other failures stay as they are. */
function unplayable(error: unknown, media: string): unknown {
  if (!(error instanceof Failure)) return error;
  if (error.code === 'media_not_found') return refusals.badId(media);
  return error.kind === 'invalid' ? broken('data.media_id', error.code, { message: error.message, value: media }) : error;
}

/** Plays to all, or to the participant of this number. */
export function play(asked: Asked, conference: ConferenceId, to?: number): Plan {
  const { media_id: media = '' } = argumentsOf(asked, 'play');
  if (media === '') throw broken('data.media_id', 'required', { message: "action 'play' requires a media ID or URL" });
  if (typeof media !== 'string') {
    throw broken('data.media_id', 'type', { message: 'Value did not match type(s): string', target: 'string', value: media });
  }
  const plan = sent('play.start', { conference, sources: [media], ...(to === undefined ? {} : { to }) }, 'ok');
  return (execute, actor) =>
    plan(execute, actor).catch((error: unknown) => {
      throw unplayable(error, media);
    });
}

/** Starts or stops the recording; what is so already stays so (rulings "record"). */
export function record(asked: Asked, conference: ConferenceId): Plan {
  const { action } = argumentsOf(asked, 'record');
  switch (action) {
    case 'start':
      return sent('recording.start', { conference }, 'starting recording');
    case 'stop':
      return sent('recording.stop', { conference }, 'stopping recording');
    case undefined:
      throw broken('data.action', 'required', { message: 'recording requires an action' });
    default:
      throw broken('data.action', 'enum', {
        message: 'Value not found in enumerated list of values',
        target: ['start', 'stop'],
        value: action,
      });
  }
}
