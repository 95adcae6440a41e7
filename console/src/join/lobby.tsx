import { useEffect } from 'preact/hooks';
import { Button } from '../kit/button.tsx';
import { TextField } from '../kit/field.tsx';
import { locale } from '../kit/i18n.ts';
import { Icon } from '../kit/icons.tsx';
import { fill } from '../kit/languages.ts';
import { Devices } from './devices.tsx';
import { join, joinsMuted, link, microphone, name, pin } from './page.ts';
import type { Invitation } from './protocol.ts';
import { t } from './texts/index.ts';

const moment = (iso: string, timeZone: string | undefined): string =>
  new Date(iso).toLocaleString(locale.value, {
    dateStyle: 'full',
    timeStyle: 'short',
    ...(timeZone === undefined ? {} : { timeZone }),
  });

function Heading({ invitation: { conference, role, starts_at: startsAt } }: { readonly invitation: Invitation }) {
  const words = t.value;
  return (
    <div class="lobby-head">
      <p class="soft">{words.conferenceCall}</p>
      <h1 dir="auto">{conference.name}</h1>
      {startsAt !== undefined && (
        <p class="soft with-icon">
          <Icon name="clock" /> {fill(words.startsAt, { time: moment(startsAt, undefined) })}
        </p>
      )}
      {startsAt !== undefined && (
        <p class="small">
          <a href={`${link}/invitation.ics`}>{words.calendar}</a>
        </p>
      )}
      {role === 'moderator' && (
        <p>
          <span class="badge accent">
            <Icon name="star" /> {words.asModerator}
          </span>
        </p>
      )}
    </div>
  );
}

/** Before one goes in: the name, the PIN, the devices. */
export function Lobby({ invitation }: { readonly invitation: Invitation }) {
  const words = t.value;
  const hears = microphone.state.value === 'on';
  useEffect(() => {
    // Who has allowed it before is not asked again; everybody else is asked now, while he looks at the page that says why.
    if (microphone.state.value === 'off') void microphone.open();
  }, []);
  return (
    <form
      class="card lobby"
      onSubmit={(event) => {
        event.preventDefault();
        join();
      }}
    >
      <Heading invitation={invitation} />
      <div class="lobby-fields">
        <TextField
          label={words.name}
          hint={words.nameHint}
          value={name.value}
          onInput={(event) => (name.value = event.currentTarget.value)}
          maxLength={128}
          autocomplete="name"
          dir="auto"
        />
        {invitation.pin && (
          <TextField
            label={words.pin}
            hint={words.pinHint}
            value={pin.value}
            onInput={(event) => (pin.value = event.currentTarget.value.replace(/[^0-9]/g, ''))}
            maxLength={16}
            inputMode="numeric"
            autocomplete="off"
            type="password"
          />
        )}
        <Devices />
      </div>
      <div class="lobby-go">
        {hears && (
          <label class="check">
            <input type="checkbox" checked={joinsMuted.value} onChange={(event) => (joinsMuted.value = event.currentTarget.checked)} />
            {words.joinMuted}
          </label>
        )}
        <Button type="submit" kind="primary" size="large" icon="phone" wide disabled={microphone.state.value === 'asking'}>
          {hears || microphone.state.value === 'asking' ? words.join : words.joinListening}
        </Button>
        {invitation.records_name && hears && <p class="soft small">{words.recordsName}</p>}
        {invitation.numbers.length > 0 && (
          <p class="soft small with-icon">
            <Icon name="phone" />{' '}
            <span>{fill(words.byPhone, { numbers: invitation.numbers.map((each) => `\u2066${each}\u2069`).join(', ') })}</span>
          </p>
        )}
      </div>
    </form>
  );
}
