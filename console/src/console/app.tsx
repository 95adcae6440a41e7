import { useEffect } from 'preact/hooks';
import { Icon } from '../kit/icons.tsx';
import { Toasts } from '../kit/toasts.tsx';
import { Calls } from './pages/calls.tsx';
import { ConferenceList } from './pages/conference-list.tsx';
import { ConferencePage } from './pages/conference-page.tsx';
import { Lockouts } from './pages/lockouts.tsx';
import { Login } from './pages/login.tsx';
import { Recordings } from './pages/recordings.tsx';
import { Things } from './pages/things.tsx';
import { TracePage } from './pages/trace-page.tsx';
import { Shell } from './parts/shell.tsx';
import { parts } from './router.tsx';
import { isAdmin, session } from './session.ts';
import { t } from './words.ts';

/** The page that the address means; what only admins may see is not there for others. */
function Page() {
  const [section = '', id, part] = parts();
  if (section === 'conferences' && id !== undefined) return <ConferencePage key={id} id={id} part={part ?? 'people'} />;
  if (!isAdmin()) return section === 'calls' && id !== undefined ? <TracePage key={id} call={id} /> : <ConferenceList />;
  switch (section) {
    case 'recordings':
      return <Recordings />;
    case 'calls':
      return id === undefined ? <Calls /> : <TracePage key={id} call={id} />;
    case 'users':
    case 'devices':
    case 'trunks':
    case 'webhooks':
      return <Things key={section} kind={section} />;
    case 'lockouts':
      return <Lockouts />;
    default:
      return <ConferenceList />;
  }
}

/** The console: a login, and behind it everything. */
export function App() {
  const who = session.value;
  const title = `${t.value.app} ${t.value.console}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <>
      {who === undefined && (
        <div class="starting" role="status">
          <span class="spinner" /> <span class="unseen">{t.value.loading}</span>
          <Icon name="phone" class="faint" />
        </div>
      )}
      {who === null && <Login />}
      {who && (
        <Shell>
          <Page />
        </Shell>
      )}
      <Toasts />
    </>
  );
}
