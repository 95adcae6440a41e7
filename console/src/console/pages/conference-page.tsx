import { useEffect, useMemo } from 'preact/hooks';
import { Icon } from '../../kit/icons.tsx';
import { fill } from '../../kit/languages.ts';
import { clockTime, since } from '../format.ts';
import { now } from '../now.ts';
import { LostLine } from '../parts/lost-line.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { LiveRoom } from '../room/live-room.ts';
import { Link } from '../router.tsx';
import { owns } from '../session.ts';
import { t } from '../words.ts';
import { History } from './history.tsx';
import { Invitations } from './invitations.tsx';
import { Matrix } from './matrix.tsx';
import { People } from './people.tsx';
import { RoomBar } from './room-bar.tsx';
import { Settings } from './settings.tsx';
import { Timeline } from './timeline.tsx';
import { Transcript } from './transcript.tsx';

const PARTS = ['people', 'matrix', 'timeline', 'transcript', 'history', 'invitations', 'settings'] as const;
type Part = (typeof PARTS)[number];
const isPart = (name: string): name is Part => PARTS.includes(name as Part);

function Content({ live, part }: { readonly live: LiveRoom; readonly part: Part }) {
  switch (part) {
    case 'people':
      return <People live={live} />;
    case 'matrix':
      return <Matrix live={live} />;
    case 'timeline':
      return <Timeline live={live} />;
    case 'transcript':
      return <Transcript live={live} />;
    case 'history':
      return <History conference={live.id} />;
    case 'invitations':
      return <Invitations conference={live.id} owned={owns(live.document.value)} />;
    default:
      return <Settings live={live} />;
  }
}

/** One conference, live. */
export function ConferencePage({ id, part }: { readonly id: string; readonly part: string }) {
  const live = useMemo(() => new LiveRoom(id), [id]);
  useEffect(() => () => live.close(), [live]);
  const { room } = t.value;
  if (live.isGone.value) {
    return (
      <div class="empty">
        <p>{room.gone}</p>
        <Link to="/" class="button">
          {t.value.back}
        </Link>
      </div>
    );
  }
  const shown = isPart(part) ? part : 'people';
  const parts = PARTS.filter((each) => each !== 'settings' || owns(live.document.value));
  return (
    <>
      <LostLine line={live.line} />
      <Head live={live} />
      <RoomBar live={live} />
      <Tabs
        label={room.tabs.label}
        here={shown}
        tabs={parts.map((each) => ({ name: each, text: room.tabs[each], to: `/conferences/${id}${each === 'people' ? '' : `/${each}`}` }))}
      />
      <Content live={live} part={shown} />
    </>
  );
}

function Head({ live }: { readonly live: LiveRoom }) {
  const { room, list } = t.value;
  const state = live.room.value;
  const document = live.document.value;
  const numbers: readonly string[] = [document?.conference_numbers, document?.member?.numbers, document?.moderator?.numbers].flatMap(
    (each) => each ?? [],
  );
  const awaited = document?.wait_for_moderator === true && !state.started && state.running_since !== null;
  return (
    <div class="page-head room-head">
      <div class="what">
        <Link to="/" class="crumb small">
          <Icon name="back" /> {list.title}
        </Link>
        <h1 dir="auto">{live.name.value || list.unnamed}</h1>
        <p class="facts small">
          {state.running_since === null ? (
            <span class="badge">{list.idle}</span>
          ) : (
            <span class="badge good">
              <span class="dot" />
              {fill(room.running, { time: since(state.running_since, now.value) })}
            </span>
          )}
          {state.locked && (
            <span class="badge">
              <Icon name="lock" />
              {list.locked}
            </span>
          )}
          {state.recording !== null && (
            <span class="badge bad">
              <Icon name="record" />
              {state.recording.state === 'paused' ? room.paused : list.recording}
            </span>
          )}
          {state.members_muted && <span class="badge warn">{room.muteAll}</span>}
          {awaited && <span class="badge warn">{room.awaited}</span>}
          {state.ends_at !== null && <span class="badge">{fill(room.endsAt, { time: clockTime(state.ends_at) })}</span>}
          {state.unattended_until !== null && (
            <span class="badge warn">{fill(room.unattended, { time: clockTime(state.unattended_until, true) })}</span>
          )}
          {numbers.length > 0 && (
            <span class="soft numbers">
              <Icon name="phone" /> {[...new Set(numbers)].join(', ')}
            </span>
          )}
        </p>
      </div>
    </div>
  );
}
