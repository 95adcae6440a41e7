import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { clockTime } from '../format.ts';
import type { LiveRoom } from '../room/live-room.ts';
import { request } from '../session.ts';
import { t } from '../words.ts';

interface Said {
  readonly sequence: number;
  readonly caller_name?: string;
  readonly text: string;
  readonly from: string;
}
interface Page {
  readonly items: readonly Said[];
  readonly next_after: number | null;
}

/** What was said, and what is being said. */
export function Transcript({ live }: { readonly live: LiveRoom }) {
  const { transcript } = t.value;
  const before = useSignal<readonly Said[]>([]);
  useEffect(() => {
    const load = async (): Promise<void> => {
      let after: number | undefined;
      for (let pages = 0; pages < 20; pages += 1) {
        const query = { limit: 1000, ...(after === undefined ? {} : { after }) };
        const page = await request<Page>('GET', `/api/conferences/${live.id}/transcripts`, { query }).catch(() => undefined);
        if (page === undefined) return;
        before.value = [...before.value, ...page.items].slice(-2000);
        if (page.next_after === null) return;
        after = page.next_after;
      }
    };
    before.value = [];
    void load();
  }, [live, before]);
  const newest = before.value.at(-1)?.from ?? '';
  // What was told while the page was open may also be among what was read.
  const told = new Set(before.value.map(({ text, caller_name: who }) => `${who ?? ''} ${text}`));
  const fresh = live.captions.value.filter(({ who, text, isFinal, at }) => !isFinal || (at > newest && !told.has(`${who} ${text}`)));
  if (before.value.length === 0 && fresh.length === 0) {
    return (
      <div class="empty soft">
        <p>{transcript.empty}</p>
        <p class="small">{transcript.hint}</p>
      </div>
    );
  }
  return (
    <ol class="card transcript" aria-live="polite">
      {before.value.map(({ sequence, caller_name: who = '', text, from }) => (
        <li key={sequence}>
          <time class="mono small soft">{clockTime(from, true)}</time>
          <strong class="clip" dir="auto">
            {who}
          </strong>
          <span>{text}</span>
        </li>
      ))}
      {fresh.map(({ who, text, at, isFinal }) => (
        <li key={`${who} ${at} ${text}`} class={isFinal ? '' : 'interim'}>
          <time class="mono small soft">{isFinal ? clockTime(at, true) : transcript.interim}</time>
          <strong class="clip" dir="auto">
            {who}
          </strong>
          <span>{text}</span>
        </li>
      ))}
    </ol>
  );
}
