import type { Signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import { Icon } from './icons.tsx';

interface Labelled {
  readonly label: string;
  readonly hint?: string | undefined;
  /** What is wrong with it; told to screen readers when it appears. */
  readonly wrong?: string | undefined;
}

function around(id: string, { label, hint, wrong }: Labelled, input: ComponentChildren) {
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
      </label>
      {input}
      {hint !== undefined && (
        <span class="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {wrong !== undefined && (
        <span class="wrong" id={`${id}-wrong`} role="alert">
          {wrong}
        </span>
      )}
    </div>
  );
}

const described = (id: string, { hint, wrong }: Labelled) => {
  const by = [hint !== undefined && `${id}-hint`, wrong !== undefined && `${id}-wrong`].filter(Boolean).join(' ');
  return { ...(by === '' ? {} : { 'aria-describedby': by }), ...(wrong === undefined ? {} : { 'aria-invalid': true as const }) };
};

type Input = JSX.IntrinsicElements['input'];
type Select = JSX.IntrinsicElements['select'];

/** A line to write on, with its label. */
export function TextField(options: Labelled & Omit<Input, 'label'>) {
  const id = useId();
  const { label, hint, wrong, class: _, ...rest } = options;
  const attributes = { ...rest, ...described(id, options), id, class: 'input' } as Input;
  return around(id, { label, hint, wrong }, <input {...attributes} />);
}

/** A choice of a few, with its label. */
export function SelectField(options: Labelled & Omit<Select, 'label'>) {
  const id = useId();
  const { label, hint, wrong, class: _, ...rest } = options;
  const attributes = { ...rest, ...described(id, options), id, class: 'select' } as Select;
  return around(id, { label, hint, wrong }, <select {...attributes} />);
}

interface Search {
  /** For screen readers. */
  readonly label: string;
  /** What one may look for. */
  readonly hint: string;
  readonly text: Signal<string>;
}

/** A line to search by. */
export function SearchField({ label, hint, text }: Search) {
  return (
    <label class="search">
      <Icon name="search" />
      <span class="unseen">{label}</span>
      <input
        class="input"
        type="search"
        placeholder={hint}
        value={text.value}
        onInput={({ currentTarget }) => {
          text.value = currentTarget.value;
        }}
      />
    </label>
  );
}
