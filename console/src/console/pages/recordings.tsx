import { useSignal } from '@preact/signals';
import { Button } from '../../kit/button.tsx';
import { Icon } from '../../kit/icons.tsx';
import { fill } from '../../kit/languages.ts';
import { attempt } from '../act.ts';
import { dayTime, duration, size } from '../format.ts';
import type { KeptRecording } from '../model.ts';
import { Listing, PageHead } from '../parts/listing.tsx';
import { type Paged, usePages } from '../parts/pages.ts';
import { Player } from '../parts/player.tsx';
import { Link } from '../router.tsx';
import { request } from '../session.ts';
import { t } from '../words.ts';

/** Every recording of the account. */
export function Recordings() {
  const pages = usePages<KeptRecording>('/api/recordings', { limit: 20 });
  return (
    <>
      <PageHead title={t.value.recordings.title} />
      <RecordingList pages={pages} isLinked />
    </>
  );
}

interface ListOptions {
  readonly pages: Paged<KeptRecording>;
  /** Each says of which conference it is. */
  readonly isLinked?: boolean;
}

/** Recordings with their waves. */
export function RecordingList({ pages, isLinked = false }: ListOptions) {
  return (
    <Listing pages={pages} icon="wave" empty={t.value.recordings.empty}>
      {(items) => (
        <div class="recordings">
          {items.map((each) => (
            <One key={each.id} each={each} isLinked={isLinked} gone={() => pages.drop(({ id }) => id !== each.id)} />
          ))}
        </div>
      )}
    </Listing>
  );
}

function One({ each, isLinked, gone }: { readonly each: KeptRecording; readonly isLinked: boolean; readonly gone: () => void }) {
  const { recordings, things } = t.value;
  const isSure = useSignal(false);
  const mix = each.files.find(({ kind }) => kind === 'mix');
  const tracks = each.files.filter(({ kind }) => kind === 'stem');
  const name = each.name ?? recordings.unnamed;
  const remove = async (): Promise<void> => {
    if ((await attempt(() => request('DELETE', `/api/recordings/${each.id}`), t.value.removed)) !== undefined) gone();
  };
  return (
    <article class="card recording">
      <div class="head">
        <div class="what">
          <h2 class="clip" dir="auto">
            {name}
          </h2>
          <p class="soft small">
            {dayTime(each.started_at)} · {duration(each.seconds)}
            {mix !== undefined && ` · ${size(mix.bytes)}`}
            {isLinked && (
              <>
                {' · '}
                <Link to={`/conferences/${each.conference}`}>{things.fields.conference}</Link>
              </>
            )}
          </p>
        </div>
        <span class={each.state === 'failed' ? 'badge bad' : 'badge'}>{recordings.state[each.state] ?? each.state}</span>
        {mix !== undefined && (
          <a class="button small bare" href={mix.url} download title={recordings.download}>
            <Icon name="download" />
            <span class="unseen">{`${recordings.download}: ${name}`}</span>
          </a>
        )}
        <Button
          size="small"
          kind={isSure.value ? 'danger' : 'plain'}
          icon="trash"
          bare={!isSure.value}
          disabled={each.state === 'running'}
          onClick={() => {
            if (isSure.value) void remove();
            else isSure.value = true;
          }}
        >
          {isSure.value ? recordings.sure : `${t.value.remove}: ${name}`}
        </Button>
      </div>
      {each.words !== null && <p class="notice warn small">{each.words}</p>}
      {mix !== undefined && each.state !== 'running' && <Player recording={each.id} url={mix.url} name={name} />}
      {tracks.length > 0 && (
        <p class="tracks small">
          <span class="soft">{recordings.tracks}:</span>
          {tracks.map((file, index) => (
            <a key={file.name} href={file.url} download>
              {fill(recordings.track, { n: index + 1 })}
            </a>
          ))}
        </p>
      )}
    </article>
  );
}
