/** Calls `say` every `ms`, by an absolute schedule: on a busy machine late, but as often as is due. */
export function steadily(ms: number, say: () => void): NodeJS.Timeout {
  const start = performance.now();
  let count = 0;
  return setInterval(() => {
    for (const due = (performance.now() - start) / ms; count <= due; count++) say();
  }, ms / 2);
}
