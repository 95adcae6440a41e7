import { useSignal } from '@preact/signals';
import { Button } from '../../kit/button.tsx';
import { fill } from '../../kit/languages.ts';
import { attempt } from '../act.ts';
import type { LiveRoom } from '../room/live-room.ts';
import { request } from '../session.ts';
import { t } from '../words.ts';
import { AnnounceDialog, DialDialog, RecordDialog } from './room-dialogs.tsx';

type Open = 'dial' | 'announce' | 'record' | undefined;

/** What can be done to the room as a whole. */
export function RoomBar({ live }: { readonly live: LiveRoom }) {
  const { room } = t.value;
  const open = useSignal<Open>(undefined);
  const { locked, recording, members_muted: isMuted, playing, running_since: since, transcription, ends_at: end } = live.room.value;
  const base = `/api/conferences/${live.id}`;
  const ask = (method: string, path: string, body?: unknown) =>
    void attempt(() => request(method, base + path, body === undefined ? {} : { body }));
  const isLive = since !== null;
  const shut = (): void => {
    open.value = undefined;
  };
  return (
    <>
      <div class="bar" role="toolbar" aria-label={live.name.value}>
        <Button kind="primary" icon="phone" onClick={() => (open.value = 'dial')}>
          {room.dial}
        </Button>
        <Button icon={locked ? 'unlock' : 'lock'} pressed={locked} onClick={() => ask(locked ? 'DELETE' : 'PUT', '/lock')}>
          {locked ? room.unlock : room.lock}
        </Button>
        {recording === null ? (
          <Button icon="record" disabled={!isLive} onClick={() => (open.value = 'record')}>
            {room.record}
          </Button>
        ) : (
          <>
            <Button icon="stop" pressed onClick={() => ask('POST', `/recordings/${recording.id}/stop`)}>
              {room.stopRecord}
            </Button>
            <Button
              icon={recording.state === 'paused' ? 'record' : 'pause'}
              onClick={() => ask('POST', `/recordings/${recording.id}/${recording.state === 'paused' ? 'resume' : 'pause'}`)}
            >
              {recording.state === 'paused' ? room.resume : room.pause}
            </Button>
          </>
        )}
        <Button
          icon={isMuted ? 'mic' : 'mic-off'}
          pressed={isMuted}
          disabled={!isLive}
          onClick={() => ask(isMuted ? 'DELETE' : 'PUT', '/mute')}
        >
          {isMuted ? room.unmuteAll : room.muteAll}
        </Button>
        <Button icon="speaker" disabled={!isLive} onClick={() => (open.value = 'announce')}>
          {room.announce}
        </Button>
        <Button
          icon="captions"
          pressed={transcription !== null}
          disabled={!isLive}
          onClick={() =>
            transcription === null ? ask('POST', '/transcriptions', {}) : ask('POST', `/transcriptions/${transcription.id}/stop`)
          }
        >
          {transcription === null ? room.transcribe : room.stopTranscribe}
        </Button>
        {end !== null && (
          <Button icon="clock" onClick={() => ask('POST', '/extend', { seconds: 600 })}>
            {room.extend}
          </Button>
        )}
      </div>
      {playing.map((each) => (
        <p class="notice" key={each.id}>
          <span class="clip" dir="auto">
            {fill(room.playing, { what: each.sources.map((one) => (typeof one === 'string' ? one : one.say)).join(', ') })}
          </span>
          <Button size="small" icon="stop" onClick={() => ask('DELETE', `/plays/${each.id}`)}>
            {room.stop}
          </Button>
        </p>
      ))}
      {open.value === 'dial' && <DialDialog conference={live.id} closed={shut} />}
      {open.value === 'announce' && <AnnounceDialog live={live} closed={shut} />}
      {open.value === 'record' && <RecordDialog conference={live.id} closed={shut} />}
    </>
  );
}
