import { parseArgs } from 'node:util';
import { type Capacity, type CapacityOutcome, type CapacityTask, type Config, keepCapacity } from '../app/index.ts';
import { Failure } from '../base/index.ts';

/** What `parley capacity --help` prints. */
export const capacityHelp = `Measures how many legs this machine carries, in under a minute, and writes the limit that the server keeps to from its next start.

Usage: parley capacity [options]

  --codec NAME   what most calls will speak: PCMU, G722 or opus; its figure becomes the limit. Default: the dearest, so that any mixture fits.
  --share N      per cent of a media thread's time that calls may use, 10 to 95. Default: 70.
  --seconds N    how long each codec is measured, 0.5 to 60. Default: 6.
  --legs N       legs at most while it is measured; nothing is promised beyond four times as many. Default: 700.

Nothing else should run meanwhile. The result is capacity.json in the data directory; delete that file, and there is no limit but overload itself.
`;

const options = {
  codec: { type: 'string' },
  share: { type: 'string' },
  seconds: { type: 'string' },
  legs: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const CODECS = ['PCMU', 'G722', 'opus'];
const WARM_UP = 4;

/** `parley capacity`: measures, prints, keeps. Resolves with the exit code. */
export async function capacityCommand(args: readonly string[], config: () => Config): Promise<number> {
  const { values } = parseArgs({ args: [...args], options });
  if (values.help) {
    process.stdout.write(capacityHelp);
    return 0;
  }
  const seconds = amount('seconds', values.seconds, { from: 0.5, to: 60 }) ?? 6;
  const legs = amount('legs', values.legs, { from: 1, to: 5000 });
  const share = amount('share', values.share, { from: 10, to: 95 });
  const codec = CODECS.find((each) => each.toLowerCase() === values.codec?.toLowerCase());
  if (values.codec !== undefined && codec === undefined) throw bad(`--codec must be one of ${CODECS.join(', ')}`);
  const warmUp = Math.min(WARM_UP, seconds);
  process.stdout.write(
    `Measuring for about ${Math.round(CODECS.length * (seconds + warmUp + 1))} s. Nothing else should run meanwhile.\n\n`,
  );
  const { capacity, path } = await keepCapacity(config(), {
    seconds,
    warmUp,
    onProgress: (task, outcome) => process.stdout.write(progress(task, outcome)),
    ...(legs === undefined ? {} : { legs: Math.round(legs) }),
    ...(share === undefined ? {} : { share: share / 100 }),
    ...(codec === undefined ? {} : { codec }),
  });
  if (capacity === undefined) {
    process.stderr.write('parley: nothing could be measured: the machine is too busy; nothing was written\n');
    return 1;
  }
  process.stdout.write(table(capacity));
  const reason = codec === undefined ? 'whatever they speak' : `as calls with ${codec}`;
  process.stdout.write(`\nAt most ${count(capacity.limit)} legs will be taken, ${reason}. Kept in ${path} for the next start.\n`);
  return 0;
}

function progress({ codec, legs }: CapacityTask, outcome: CapacityOutcome | undefined): string {
  if (outcome === undefined) return `  ${codec.padEnd(5)} ${count(legs).padStart(5)} legs … `;
  const { measurement, returned, lateP99Ms } = outcome;
  const late = `ticks at most ${lateP99Ms.toFixed(1)} ms late (p99)`;
  if (measurement === undefined) return `not measured: only ${Math.floor(100 * returned)} % of the packets came back, ${late}\n`;
  return `${Math.round(measurement.cpuMicrosPerLegSecond)} µs of CPU per leg and second, ${late}\n`;
}

/** What was measured and what follows from it, in columns. */
export function table({ measured, legs, threads, machine }: Capacity): string {
  const rows = measured.map(({ codec, cpuMicrosPerLegSecond }) => [
    codec,
    String(Math.round(cpuMicrosPerLegSecond)),
    count(Math.floor(1e6 / cpuMicrosPerLegSecond)),
    count(legs[codec] ?? 0),
  ]);
  const all = [['codec', 'µs per leg and second', 'legs per core', 'legs here'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]!.length)));
  const lines = all.map((row) => row.map((cell, n) => (n === 0 ? cell.padEnd(widths[n]!) : cell.padStart(widths[n]!))).join('   '));
  return `\n  ${lines.join('\n  ')}\n\n  ${machine}; ${threads} media thread${threads === 1 ? '' : 's'}\n`;
}

function amount(name: string, text: string | undefined, { from, to }: { readonly from: number; readonly to: number }): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value >= from && value <= to)) throw bad(`--${name} must be a number from ${from} to ${to}, but it is "${text}"`);
  return value;
}

const bad = (message: string): Failure => new Failure('invalid', 'bad_configuration', message);
const count = (value: number): string => value.toLocaleString('en').replaceAll(',', ' ');
