import { render } from 'preact';
import '../kit/theme.ts';
import { textsCame } from '../kit/i18n.ts';
import './join.css';
import { Toasts } from '../kit/toasts.tsx';
import { Ended } from './ended.tsx';
import { Header } from './header.tsx';
import { Lobby } from './lobby.tsx';
import { invitation, lookUp, refusal, session } from './page.ts';
import { RoomView } from './room-view.tsx';
import { t } from './texts/index.ts';
import { Waiting } from './waiting.tsx';

function Page() {
  const stay = session.value;
  const at = stay?.room.value.at;
  if (stay !== undefined && at === 'in') return <RoomView session={stay} />;
  const over = at === 'ended' ? stay?.room.value.ending : refusal.value;
  return (
    <div class="plain-page">
      <Header />
      <main>
        {over !== undefined ? (
          <Ended ending={over} />
        ) : stay !== undefined ? (
          <Waiting session={stay} />
        ) : invitation.value !== undefined ? (
          <Lobby invitation={invitation.value} />
        ) : (
          <p class="loading soft" role="status">
            <span class="spinner" /> {t.value.lookingUp}
          </p>
        )}
      </main>
    </div>
  );
}

const root = document.getElementById('app');
if (root !== null) {
  void textsCame().then(() =>
    render(
      <>
        <Page />
        <Toasts />
      </>,
      root,
    ),
  );
}
void lookUp();
