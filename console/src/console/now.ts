import { signal } from '@preact/signals';

/** Epoch ms, each second. */
export const now = signal(Date.now());
setInterval(() => {
  now.value = Date.now();
}, 1000);
