import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from '../kit/icons.tsx';
import { microphone } from './page.ts';
import type { Session } from './session.ts';
import { t } from './texts/index.ts';

interface RoundOptions {
  readonly icon: IconName;
  readonly kind?: 'plain' | 'alert' | 'danger';
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly act: () => void;
  readonly children: ComponentChildren;
}

/** A round button with its word below. */
function Round({ icon, kind = 'plain', pressed, disabled = false, act, children }: RoundOptions) {
  return (
    <button
      type="button"
      class={`round ${kind}`}
      {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
      disabled={disabled}
      onClick={act}
    >
      <span class="disc">
        <Icon name={icon} />
      </span>
      <span class="word">{children}</span>
    </button>
  );
}

function OwnLevel({ session }: { readonly session: Session }) {
  const level = session.isHeard.value ? microphone.level.value : 0;
  return <span class="own-level" style={{ transform: `scaleY(${level})` }} aria-hidden="true" />;
}

function MuteButton({ session }: { readonly session: Session }) {
  const words = t.value;
  const { self } = session.room.value;
  const isMuted = self.muted || session.wantsMuted.value;
  const cannot = microphone.state.value !== 'on' || (isMuted && !self.can_unmute);
  return (
    <button type="button" class={isMuted ? 'round alert' : 'round'} disabled={cannot} onClick={() => session.mute(!isMuted)}>
      <span class="disc">
        <OwnLevel session={session} />
        <Icon name={isMuted ? 'mic-off' : 'mic'} />
      </span>
      <span class="word">{isMuted ? words.unmute : words.mute}</span>
    </button>
  );
}

/** Under the finger he talks; for the keyboard it is the space bar. */
function HoldButton({ session }: { readonly session: Session }) {
  const words = t.value;
  const { self } = session.room.value;
  const isHeld = session.isHeld.value;
  if (microphone.state.value !== 'on' || (!isHeld && (!self.muted || !self.can_unmute))) return null;
  return (
    <button
      type="button"
      class="hold"
      aria-pressed={isHeld}
      title={words.holdHint}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        session.hold(true);
      }}
      onPointerUp={() => session.hold(false)}
      onPointerCancel={() => session.hold(false)}
      onContextMenu={(event) => event.preventDefault()}
    >
      <Icon name="mic" /> {words.holdToTalk}
    </button>
  );
}

interface ControlsOptions {
  readonly session: Session;
  /** Shown or not; undefined: there are none. */
  readonly captions: boolean | undefined;
  readonly showCaptions: (are: boolean) => void;
  readonly openSettings: () => void;
}

/** What one can do. */
export function Controls({ session, captions, showCaptions, openSettings }: ControlsOptions) {
  const words = t.value;
  const { self } = session.room.value;
  return (
    <footer class="controls">
      <HoldButton session={session} />
      <div class="row">
        <MuteButton session={session} />
        <Round icon="hand" pressed={self.hand} act={() => session.raise(!self.hand)}>
          {self.hand ? words.lowerHand : words.raiseHand}
        </Round>
        <Round icon={self.deaf ? 'speaker-off' : 'speaker'} kind={self.deaf ? 'alert' : 'plain'} act={() => session.deafen(!self.deaf)}>
          {self.deaf ? words.soundOn : words.soundOff}
        </Round>
        {captions !== undefined && (
          <Round icon="captions" pressed={captions} act={() => showCaptions(!captions)}>
            {words.captions}
          </Round>
        )}
        <Round icon="settings" act={openSettings}>
          {words.sound}
        </Round>
        <Round icon="leave" kind="danger" act={() => session.leave()}>
          {words.leave}
        </Round>
      </div>
    </footer>
  );
}
