import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Page } from '../model.ts';
import { request } from '../session.ts';

export interface Paged<T> {
  readonly items: readonly T[];
  readonly isLoading: boolean;
  readonly error: unknown;
  /** Absent: there is no more. */
  readonly more: (() => void) | undefined;
  readonly again: () => void;
  readonly drop: (keep: (each: T) => boolean) => void;
}

type Query = Readonly<Record<string, string | number | undefined>>;

/** Reads a list page by page. */
export function usePages<T>(path: string, query: Query = {}): Paged<T> {
  const items = useSignal<readonly T[]>([]);
  const cursor = useSignal<string | null>(null);
  const isLoading = useSignal(true);
  const error = useSignal<unknown>(undefined);
  const key = JSON.stringify([path, query]);
  const load = async (from: string | undefined): Promise<void> => {
    isLoading.value = true;
    try {
      const page = await request<Page<T>>('GET', path, { query: { ...query, ...(from === undefined ? {} : { cursor: from }) } });
      items.value = from === undefined ? page.items : [...items.value, ...page.items];
      cursor.value = page.next_cursor;
      error.value = undefined;
    } catch (cause) {
      error.value = cause;
    }
    isLoading.value = false;
  };
  useEffect(() => void load(undefined), [key]);
  const next = cursor.value;
  return {
    items: items.value,
    isLoading: isLoading.value,
    error: error.value,
    more: next === null ? undefined : () => void load(next),
    again: () => void load(undefined),
    drop: (keep) => {
      items.value = items.value.filter(keep);
    },
  };
}
