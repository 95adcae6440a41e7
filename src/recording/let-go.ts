/** Pieces that end what they come from also when nobody has asked for the first of them: a generator that was not started has no `finally`. */
export function letGo(pieces: AsyncIterator<Uint8Array, void, undefined>, end: () => Promise<void> | void): AsyncIterable<Uint8Array> {
  let ended: Promise<void> | undefined;
  const close = (): Promise<void> => {
    ended ??= Promise.resolve(end());
    return ended;
  };
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        try {
          const piece = await pieces.next();
          if (piece.done === true) await close();
          return piece;
        } catch (error) {
          await close();
          throw error;
        }
      },
      async return() {
        await close();
        return { done: true, value: undefined };
      },
    }),
  };
}
