import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../kit/button.tsx';
import { TextField } from '../kit/field.tsx';
import { Icon } from '../kit/icons.tsx';
import type { Session } from './session.ts';
import { t } from './texts/index.ts';
import { Unblock } from './unblock.tsx';

function AskPin({ session }: { readonly session: Session }) {
  const words = t.value;
  const [pin, setPin] = useState('');
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  return (
    <form
      ref={form}
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        session.pin(pin);
      }}
    >
      <h1>{words.pinAsked}</h1>
      <TextField
        label={words.pin}
        hint={words.pinHint}
        wrong={session.room.value.wrong ? words.pinWrong : undefined}
        value={pin}
        onInput={(event) => setPin(event.currentTarget.value.replace(/[^0-9]/g, ''))}
        maxLength={16}
        inputMode="numeric"
        autocomplete="off"
        type="password"
      />
      <Button type="submit" kind="primary" size="large" wide disabled={pin === ''}>
        {words.goOn}
      </Button>
    </form>
  );
}

function Patience({ session }: { readonly session: Session }) {
  const words = t.value;
  const { at, waiting } = session.room.value;
  if (at === 'connecting') return <h1>{words.connecting}</h1>;
  if (waiting === 'name') {
    return (
      <>
        <h1>{words.waitName}</h1>
        <Button kind="primary" size="large" icon="check" onClick={() => session.key('#')}>
          {words.done}
        </Button>
      </>
    );
  }
  if (waiting === 'admission') {
    return (
      <>
        <h1>{words.waitAdmission}</h1>
        <p class="soft">{words.waitAdmissionHint}</p>
      </>
    );
  }
  return <h1>{waiting === 'checking' ? words.waitChecking : words.waitWelcome}</h1>;
}

/** Between the click and the conference: connecting, PIN, name, admission. */
export function Waiting({ session }: { readonly session: Session }) {
  const words = t.value;
  const { at, waiting } = session.room.value;
  return (
    <div class="card waiting">
      {at === 'pin' ? (
        <AskPin session={session} />
      ) : (
        <div class="stack centred" role="status">
          <span class="pulse" aria-hidden="true">
            <Icon name={waiting === 'name' && at === 'waiting' ? 'mic' : at === 'waiting' && waiting === 'admission' ? 'clock' : 'phone'} />
          </span>
          <Patience session={session} />
        </div>
      )}
      {session.isLost.value && (
        <p class="notice warn" role="status">
          <span class="spinner" /> {words.reconnecting}
        </p>
      )}
      <Unblock />
      <Button kind="ghost" onClick={() => session.leave()}>
        {words.leave}
      </Button>
    </div>
  );
}
