import { useEffect, useState } from 'preact/hooks';
import { Dialog } from '../kit/dialog.tsx';
import { locale } from '../kit/i18n.ts';
import { Icon } from '../kit/icons.tsx';
import { fill } from '../kit/languages.ts';
import { Mark } from '../kit/mark.tsx';
import { Captions } from './captions.tsx';
import { Controls } from './controls.tsx';
import { Devices } from './devices.tsx';
import { Preferences } from './header.tsx';
import { useHoldToTalk } from './hold-to-talk.ts';
import { Keypad } from './keypad.tsx';
import { microphone, setVolume, volume } from './page.ts';
import { People } from './people.tsx';
import type { Session } from './session.ts';
import { Stage } from './stage.tsx';
import { t } from './texts/index.ts';
import { Unblock } from './unblock.tsx';

/** 65 → 1:05. */
export function lengthOf(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const tail = String(seconds % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}

function Elapsed({ since }: { readonly since: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span class="soft elapsed" role="timer" aria-label={t.value.timeIn}>
      {lengthOf(Math.max(0, Math.floor((now - since) / 1000)))}
    </span>
  );
}

function Head({ session }: { readonly session: Session }) {
  const words = t.value;
  const { conference } = session.room.value;
  const since = session.since.value;
  return (
    <header class="room-head">
      <Mark />
      <h1 dir="auto">{conference?.name}</h1>
      {since !== undefined && <Elapsed since={since} />}
      {conference?.ends_at && (
        <span class="soft small ends">
          {fill(words.endsAt, { time: new Date(conference.ends_at).toLocaleTimeString(locale.value, { timeStyle: 'short' }) })}
        </span>
      )}
      <span class="badges">
        {conference?.recording && (
          <span class="badge bad recording">
            <Icon name="record" /> <span>{words.recording}</span>
          </span>
        )}
        {conference?.locked && (
          <span class="badge">
            <Icon name="lock" /> <span>{words.locked}</span>
          </span>
        )}
      </span>
    </header>
  );
}

/** Why one is not heard, or hears nothing: the first reason that one could wonder about. */
function reasonOf(session: Session): string | undefined {
  const words = t.value;
  const { conference, self } = session.room.value;
  if (conference?.waits_for_moderator) return words.waitModerator;
  if (self.deaf) return words.cannotHear;
  if (self.mute_reasons.includes('hold')) return words.onHold;
  if (self.mute_reasons.includes('moderator'))
    return self.can_unmute ? words.mutedByModerator : `${words.mutedByModerator} ${words.raiseToSpeak}`;
  if (self.mute_reasons.includes('room')) return self.can_unmute ? words.mutedByRoom : `${words.mutedByRoom} ${words.raiseToSpeak}`;
  if (microphone.state.value !== 'on') return words.noMicrophoneHere;
  return session.talksMuted.value ? words.talksMuted : undefined;
}

/** The same as keys 1 and 2 of a telephone. */
function ConsentQuestion({ session }: { readonly session: Session }) {
  const words = t.value;
  const { conference, self } = session.room.value;
  if (!conference?.recording || self.consent !== 'asked') return null;
  return (
    <div class="notice warn consent" role="alertdialog" aria-label={words.recordingAsk}>
      <Icon name="record" />
      <p>{words.recordingAsk}</p>
      <button type="button" class="button primary" onClick={() => session.key('1')}>
        {words.recordingAgree}
      </button>
      <button type="button" class="button" onClick={() => session.key('2')}>
        {words.recordingDecline}
      </button>
    </div>
  );
}

function Banner({ session }: { readonly session: Session }) {
  const reason = reasonOf(session);
  return (
    <div class="banner" role="status" aria-live="polite">
      <ConsentQuestion session={session} />
      {session.isLost.value ? (
        <p class="notice warn">
          <span class="spinner" /> {t.value.reconnecting}
        </p>
      ) : (
        reason !== undefined && (
          <p class="notice">
            <Icon name="info" /> {reason}
          </p>
        )
      )}
    </div>
  );
}

function Settings({ session, closed }: { readonly session: Session; readonly closed: () => void }) {
  const words = t.value;
  return (
    <Dialog title={words.sound} closeText={words.close} closed={closed}>
      <Devices />
      <label class="field">
        <span class="label">{words.volume}</span>
        <input
          type="range"
          min={0.05}
          max={1}
          step={0.05}
          value={volume.value}
          onInput={(event) => setVolume(Number(event.currentTarget.value))}
        />
      </label>
      <Keypad session={session} />
      <Preferences />
    </Dialog>
  );
}

/** A phone's screen stays on while one is in. */
function useScreenLight(): void {
  useEffect(() => {
    let light: WakeLockSentinel | undefined;
    const ask = (): void => {
      if (document.visibilityState !== 'visible') return;
      navigator.wakeLock?.request('screen').then(
        (got) => (light = got),
        () => undefined,
      );
    };
    ask();
    document.addEventListener('visibilitychange', ask);
    return () => {
      document.removeEventListener('visibilitychange', ask);
      void light?.release();
    };
  }, []);
}

/** The conference. */
export function RoomView({ session }: { readonly session: Session }) {
  const [isSetting, setSetting] = useState(false);
  const [hasCaptions, setCaptions] = useState(true);
  const transcribes = session.room.value.conference?.transcribing === true || session.room.value.captions.length > 0;
  useHoldToTalk(session);
  useScreenLight();
  useEffect(() => {
    // Whoever closes the window has left; nobody waits for him.
    const go = (): void => session.leave();
    addEventListener('pagehide', go);
    return () => removeEventListener('pagehide', go);
  }, [session]);
  return (
    <div class="room">
      <Head session={session} />
      <main class="room-main">
        <Banner session={session} />
        <Unblock />
        <Stage session={session} />
        {transcribes && hasCaptions && <Captions session={session} />}
      </main>
      <People session={session} />
      <Controls
        session={session}
        captions={transcribes ? hasCaptions : undefined}
        showCaptions={setCaptions}
        openSettings={() => setSetting(true)}
      />
      {isSetting && <Settings session={session} closed={() => setSetting(false)} />}
    </div>
  );
}
