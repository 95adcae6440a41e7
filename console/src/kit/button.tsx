import type { ComponentChildren, JSX } from 'preact';
import { Icon, type IconName } from './icons.tsx';

export interface ButtonOptions extends Omit<JSX.IntrinsicElements['button'], 'icon' | 'size'> {
  readonly kind?: 'plain' | 'primary' | 'danger' | 'ghost';
  readonly size?: 'small' | 'usual' | 'large';
  readonly icon?: IconName;
  /** Shown as a spinner; the button does nothing meanwhile. */
  readonly busy?: boolean;
  /** A button that stays down: `aria-pressed`. */
  readonly pressed?: boolean;
  /** Only the icon; the text is for those who hear it. */
  readonly bare?: boolean;
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}

/** A button; its text is always there for screen readers. */
export function Button(options: ButtonOptions) {
  const {
    kind = 'plain',
    size = 'usual',
    icon,
    busy = false,
    pressed,
    bare = false,
    wide = false,
    children,
    class: more,
    ...rest
  } = options;
  const classes = ['button', kind, size, bare && 'bare', wide && 'wide', more].filter(Boolean).join(' ');
  return (
    <button
      type="button"
      {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
      {...rest}
      class={classes}
      disabled={rest.disabled || busy}
    >
      {busy ? <span class="spinner" /> : icon && <Icon name={icon} />}
      {bare ? <span class="unseen">{children}</span> : children}
    </button>
  );
}
