import type { TrunkState } from '../calls/index.ts';
import type { Reading } from './metrics.ts';

/** How the trunks do, by their ids: what is not known, or not wanted, has no number. */
export const trunkReadings = (trunks: readonly TrunkState[]): readonly Reading[] =>
  trunks.flatMap(({ id, reachable, registration, calls }) => {
    const labels = { trunk: id };
    const one = (name: string, help: string, is: boolean): Reading => ({ name, help, value: is ? 1 : 0, labels });
    return [
      ...(reachable === undefined ? [] : [one('trunk_up', 'Whether a trunk answers OPTIONS and calls: 1 or 0.', reachable)]),
      ...(registration === undefined
        ? []
        : [one('trunk_registered', 'Whether we are registered at a trunk: 1 or 0.', registration === 'registered')]),
      { name: 'trunk_calls', help: 'Calls that ring or are up through a trunk.', value: calls, labels },
    ];
  });
