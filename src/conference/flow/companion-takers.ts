import type { AccountId } from '../../accounts/index.ts';
import { dashed } from '../../base/index.ts';
import type { Input } from '../commands.ts';
import type { Fact } from '../facts.ts';
import type { CallId } from '../ids.ts';
import type { Transcription, TranscriptionId } from '../transcription.ts';
import type { Companions } from './companions.ts';
import type { Errands } from './errands.ts';
import type { Takers } from './taker.ts';

/** Who hears what those say who record and write down. */
interface Hearers {
  readonly companions: Companions;
  readonly errands: Errands;
  /** Whether this is a call that lives, or has not ended long ago. */
  knows(account: AccountId, call: CallId): boolean;
}

const nothing = (done: Promise<void>): Promise<undefined> => done.then(() => undefined);

/** What those who record and write down say of calls; what they say of rooms is for the conferences. */
export function companionTakers({ companions, errands, knows }: Hearers): Takers {
  return {
    'recording.ended'(input, { account }) {
      runRecorded(errands, account, input);
      const { call } = input;
      return call === undefined ? undefined : nothing(companions.recordingEnded(account, { ...input, call }));
    },
    'recording.gapped'(input, { account }) {
      return knows(account, input.conference as string as CallId) ? nothing(companions.gapped(account, input)) : undefined;
    },
    'transcription.ended'(input, { account }) {
      const call = input.conference as string as CallId;
      return knows(account, call) ? nothing(companions.transcriptionEnded(call, input)) : undefined;
    },
    'transcript.add'(input, { account }) {
      return input.way === undefined ? undefined : nothing(companions.said(account, input));
    },
  };
}

/** Once its files are whole the flow is run that was wished for then, whether a room was recorded or a call (voipbin-facts §5.1). */
function runRecorded(
  errands: Errands,
  account: AccountId,
  { conference, call, recording, onEnd, outcome }: Input<'recording.ended'>,
): void {
  if (onEnd === undefined || outcome?.state !== 'finished') return;
  const variables = {
    'voipbin.recording.id': dashed(recording),
    'voipbin.recording.format': 'wav',
    'voipbin.recording.recording_name': dashed(recording),
    'voipbin.recording.filenames': 'mix',
    'voipbin.recording.reference_id': dashed(conference),
    'voipbin.recording.reference_type': call === undefined ? 'confbridge' : 'call',
  };
  void errands.after({ account, flow: onEnd, variables, reference: { type: 'recording', id: recording } });
}

/** The flow that was wished for when it is no more written down. */
export function runBehind(errands: Errands, account: AccountId, { id, language, direction = 'both', onEnd }: Transcription): void {
  if (onEnd === undefined) return;
  const variables = {
    'voipbin.transcribe.id': dashed(id),
    'voipbin.transcribe.language': language,
    'voipbin.transcribe.direction': direction,
  };
  void errands.after({ account, flow: onEnd, variables, reference: { type: 'transcribe', id } });
}

/** Remembers which transcriptions of rooms wished for a flow, and runs it when they end. */
export function watchTranscriptions(errands: Errands): (fact: Fact) => void {
  const waiting = new Map<TranscriptionId, Transcription>();
  return (fact) => {
    if (fact.type === 'transcription.started' && fact.transcription.onEnd !== undefined)
      waiting.set(fact.transcription.id, fact.transcription);
    if (fact.type !== 'transcription.stopped') return;
    const ended = waiting.get(fact.transcription);
    waiting.delete(fact.transcription);
    if (ended !== undefined) runBehind(errands, fact.account, ended);
  };
}
