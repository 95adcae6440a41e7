import { act } from '../act.ts';

/** What the call says is heard no more, until somebody lifts it (`DELETE /calls/{id}/mute`). */
export const mute = act({ answers: false, ofCall: true, read: () => undefined, begin: () => ({ turn: 'go', effects: [{ do: 'mute' }] }) });
