import { useSignal } from '@preact/signals';
import { Button } from '../kit/button.tsx';
import { Dialog } from '../kit/dialog.tsx';
import { fill } from '../kit/languages.ts';
import type { Person } from './protocol.ts';
import type { Session } from './session.ts';
import { t } from './texts/index.ts';

/** More than can be let in one by one. */
const MOST_CALLERS = 20;

/** What a moderator does to the conference as a whole. */
export function RoomActs({ session }: { readonly session: Session }) {
  const words = t.value;
  const { locked = false, members_muted: isMuted = false } = session.room.value.conference ?? {};
  return (
    <div class="room-acts">
      <Button size="small" icon={locked ? 'unlock' : 'lock'} pressed={locked} onClick={() => session.moderate(locked ? 'unlock' : 'lock')}>
        {locked ? words.unlock : words.lock}
      </Button>
      <Button
        size="small"
        icon={isMuted ? 'mic' : 'mic-off'}
        pressed={isMuted}
        onClick={() => session.moderate(isMuted ? 'unmute_all' : 'mute_all')}
      >
        {isMuted ? words.unmuteAll : words.muteAll}
      </Button>
    </div>
  );
}

/** Who waits to be let in. */
export function Callers({ session }: { readonly session: Session }) {
  const words = t.value;
  const { callers } = session.room.value;
  if (callers.length === 0) return null;
  return (
    <section class="callers" aria-label={words.callers}>
      <h3>
        {words.callers} <span class="badge warn">{callers.length}</span>
        {callers.length > 1 && (
          <Button size="small" onClick={() => session.moderate('admit')}>
            {words.admitAll}
          </Button>
        )}
      </h3>
      <ul>
        {callers.slice(0, MOST_CALLERS).map(({ id, name }) => (
          <li key={id}>
            <span class="name" dir="auto">
              {name}
            </span>
            <Button size="small" kind="primary" aria-label={`${words.admit}: ${name}`} onClick={() => session.moderate('admit', id)}>
              {words.admit}
            </Button>
            <Button size="small" kind="ghost" bare icon="close" title={words.deny} onClick={() => session.moderate('deny', id)}>
              {`${words.deny}: ${name}`}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface PersonActsOptions {
  readonly session: Session;
  readonly person: Person;
  readonly closed: () => void;
}

/** What a moderator does to somebody. */
export function PersonActs({ session, person: { id, name, muted, hand }, closed }: PersonActsOptions) {
  const words = t.value;
  const isSure = useSignal(false);
  const act = (wanted: Parameters<Session['moderate']>[0]): void => {
    session.moderate(wanted, id);
    closed();
  };
  return (
    <Dialog title={name} closeText={words.close} closed={closed}>
      <div class="stack">
        <Button icon={muted ? 'mic' : 'mic-off'} wide onClick={() => act(muted ? 'unmute' : 'mute')}>
          {muted ? words.unmute : words.mute}
        </Button>
        {hand && (
          <Button icon="hand" wide onClick={() => act('lower_hand')}>
            {words.lowerHand}
          </Button>
        )}
        <Button
          icon="leave"
          kind={isSure.value ? 'danger' : 'plain'}
          wide
          onClick={() => {
            if (isSure.value) act('remove');
            else isSure.value = true;
          }}
        >
          {isSure.value ? fill(words.removeSure, { name }) : words.remove}
        </Button>
      </div>
    </Dialog>
  );
}
