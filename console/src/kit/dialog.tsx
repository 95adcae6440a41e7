import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Button } from './button.tsx';

export interface DialogOptions {
  readonly title: string;
  /** What the button with the cross says. */
  readonly closeText: string;
  readonly closed: () => void;
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}

/** A window over the page, open as long as it is drawn; Escape and a click beside it close it. The browser keeps the focus inside. */
export function Dialog({ title, closeText, closed, wide = false, children }: DialogOptions) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the key for it, and comes as `cancel`.
    <dialog
      ref={element}
      class={wide ? 'dialog wide' : 'dialog'}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        closed();
      }}
      onClick={(event) => event.target === event.currentTarget && closed()}
    >
      <div class="head">
        <h2 id={id} dir="auto">
          {title}
        </h2>
        <Button kind="ghost" bare icon="close" onClick={closed}>
          {closeText}
        </Button>
      </div>
      <div class="body">{children}</div>
    </dialog>
  );
}
