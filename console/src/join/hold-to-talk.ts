import { useEffect } from 'preact/hooks';
import type { Session } from './session.ts';

/** A tap on a button is for the button; held longer than this it is for talking, ms. */
const TAP = 250;

const writes = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('input, select, textarea, dialog, [contenteditable]') !== null;
const acts = (target: EventTarget | null): boolean => target instanceof HTMLElement && target.closest('button, a, summary') !== null;

/** The space bar: held down, one talks. */
export function useHoldToTalk(session: Session): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isDown = false;
    const begin = (): void => session.hold(true);
    const end = (): void => {
      clearTimeout(timer);
      isDown = false;
      session.hold(false);
    };
    const down = (event: KeyboardEvent): void => {
      if (event.code !== 'Space' || event.ctrlKey || event.altKey || event.metaKey || writes(event.target)) return;
      if (!acts(event.target)) event.preventDefault();
      if (event.repeat || isDown) return;
      isDown = true;
      if (acts(event.target)) timer = setTimeout(begin, TAP);
      else begin();
    };
    const up = (event: KeyboardEvent): void => {
      if (event.code !== 'Space' || !isDown) return;
      // He has talked: the button that has the focus was not meant.
      if (session.isHeld.value) event.preventDefault();
      end();
    };
    addEventListener('keydown', down);
    addEventListener('keyup', up);
    addEventListener('blur', end);
    return () => {
      end();
      removeEventListener('keydown', down);
      removeEventListener('keyup', up);
      removeEventListener('blur', end);
    };
  }, [session]);
}
