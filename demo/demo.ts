/**
 * `npm run demo`: a real server, three robot callers over real SIP and RTP on loopback, and a picture of who hears whom after every
 * act, measured from the audio that arrived.
 */
import { styleText } from 'node:util';
import { settles } from '../test/kit/ear.ts';
import { hearingNow } from '../test/kit/hearing.ts';
import { type House, startHouse } from '../test/kit/house.ts';
import { numberOf } from '../test/kit/party.ts';
import type { Phone } from '../test/kit/phone.ts';
import { TONES } from '../test/kit/sound.ts';

const HELP = `Usage: npm run demo

Starts Parley on free ports with a temporary data directory. Three robot callers – Ann, Ben and Cleo,
each with a tone of its own – dial 3000 over real SIP and RTP. One is muted through the HTTP API, two
are related, one hangs up. After each act you see who hears whom, measured from the received audio.
Takes about 15 seconds; exits 1 when what was heard is not what should have been.

  --help   print this
`;

const colours = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
type Style = 'bold' | 'dim' | 'inverse' | 'magenta' | 'cyan' | 'yellow' | 'white' | 'red' | 'green';
const paint = (style: Style | Style[], text: string): string => (colours ? styleText(style, text) : text);
const say = (text = ''): void => void process.stdout.write(`${text}\n`);

const VOICES: readonly { readonly name: string; readonly style: Style; readonly hz: number }[] = [
  { name: 'Ann', style: 'magenta', hz: TONES[0]! },
  { name: 'Ben', style: 'cyan', hz: TONES[3]! },
  { name: 'Cleo', style: 'yellow', hz: TONES[7]! },
];
const styleOf = (name: string): Style => VOICES.find((each) => each.name === name)?.style ?? 'white';
const named = (name: string): string => paint(['bold', styleOf(name)], name);

/** One look at who hears whom, beside what was expected. */
function picture(phones: readonly Phone[], expected: Readonly<Record<string, readonly string[]>>): boolean {
  const seen = hearingNow(phones);
  const width = 8;
  say(`    ${paint('dim', 'hears'.padEnd(width))}${phones.map(({ name }) => paint(styleOf(name), name.padEnd(width))).join('')}`);
  let right = true;
  for (const { name: listener } of phones) {
    const cells = phones.map(({ name: speaker }) => {
      const [is, should] = [seen[listener]?.includes(speaker) ?? false, expected[listener]?.includes(speaker) ?? false];
      right &&= is === should;
      if (is !== should) return paint(['bold', 'red'], (is ? '✓ wrong' : '✗ wrong').padEnd(width));
      if (listener === speaker) return paint('dim', '╲'.padEnd(width));
      return is ? paint('green', '✓'.padEnd(width)) : paint('dim', '·'.padEnd(width));
    });
    const strangers = (seen[listener] ?? []).filter((each) => !phones.some(({ name }) => name === each));
    right &&= strangers.length === 0;
    say(
      `    ${paint(styleOf(listener), listener.padEnd(width))}${cells.join('')}${strangers.length > 0 ? paint('red', `and ${strangers.join(', ')}`) : ''}`,
    );
  }
  return right;
}

/** The acts of the play, each followed by a picture. Gives how many looked wrong. */
async function play(house: House): Promise<number> {
  const room = house.first.conference_id;
  const phones: Phone[] = [];
  let wrong = 0;
  const act = async (title: string, detail: string, expected: Readonly<Record<string, readonly string[]>>): Promise<void> => {
    say(`\n  ${paint('bold', '●')} ${title}${detail === '' ? '' : `  ${paint('dim', detail)}`}\n`);
    const looks = (): number[][] => phones.map((each) => each.hears());
    const wanted = phones.map(({ name }) => (expected[name] ?? []).map((each) => VOICES.find((voice) => voice.name === each)!.hz));
    await settles(looks, wanted, 10_000);
    if (!picture(phones, expected)) wrong += 1;
    // Only for whoever watches: time to read.
    if (process.stdout.isTTY) await new Promise((wake) => setTimeout(wake, 1200));
  };
  const join = async (n: number, expected: Readonly<Record<string, readonly string[]>>): Promise<void> => {
    const { name, hz } = VOICES[n]!;
    const phone = await house.phone({ user: name, tone: hz });
    await phone.call('3000');
    phones.push(phone);
    await act(`${named(name)} dials 3000`, `SIP INVITE, ${hz} Hz in G.711`, expected);
  };
  const does = house.act.bind(house);

  await join(0, {});
  await join(1, { Ann: ['Ben'], Ben: ['Ann'] });
  await join(2, { Ann: ['Ben', 'Cleo'], Ben: ['Ann', 'Cleo'], Cleo: ['Ann', 'Ben'] });
  const [ann, ben, cleo] = [await numberOf(house, room, 'Ann'), await numberOf(house, room, 'Ben'), await numberOf(house, room, 'Cleo')];

  await does(`${room}/participants/${ben}`, 'mute');
  await act(`${named('Ben')} is muted by a program`, `PUT …/participants/${ben} {"action":"mute"}`, {
    Ann: ['Cleo'],
    Ben: ['Ann', 'Cleo'],
    Cleo: ['Ann'],
  });
  await does(`${room}/participants/${ben}`, 'unmute');
  await does(`${room}/participants`, 'relate', { participant_id: ann, other_participant: cleo, relationship: 'mute' });
  await act(
    `${named('Ben')} speaks again, and ${named('Cleo')} no longer hears ${named('Ann')}`,
    `{"action":"relate", ${ann} → ${cleo}, "mute"}`,
    { Ann: ['Ben', 'Cleo'], Ben: ['Ann', 'Cleo'], Cleo: ['Ben'] },
  );
  await phones[1]!.hangUp();
  phones.splice(1, 1);
  await act(`${named('Ben')} hangs up`, 'SIP BYE', { Ann: ['Cleo'], Cleo: [] });
  for (const phone of phones.splice(0)) await phone.hangUp();
  return wrong;
}

async function main(): Promise<number> {
  if (process.argv.slice(2).some((each) => each === '--help' || each === '-h')) {
    process.stdout.write(HELP);
    return 0;
  }
  say(`\n  ${paint(['bold', 'inverse'], ' Parley ')} three robots meet in a telephone conference`);
  const start = performance.now();
  await using house = await startHouse({ env: { PARLEY_LOG_LEVEL: 'warn' } });
  say(`  ${paint('dim', `server up in ${((performance.now() - start) / 1000).toFixed(1)} s: SIP ${house.sip}, HTTP ${house.http}`)}`);
  say(`  ${paint('dim', '✓ = the row hears the column, measured from the audio that arrived')}`);
  const wrong = await play(house);
  const { code, ms } = await house.stop();
  if (code !== 0) throw new Error(`the server ended with ${code}:\n${house.output.slice(-3000)}`);
  say(`\n  ${paint('dim', `server stopped in ${Math.round(ms)} ms, ${((performance.now() - start) / 1000).toFixed(1)} s in all`)}`);
  if (wrong === 0) say(`  ${paint(['bold', 'green'], 'Everybody heard exactly whom they should.')}\n`);
  else say(`  ${paint(['bold', 'red'], `${wrong} of the pictures were not as they should be.`)}\n`);
  return wrong === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`\n  the demo broke off: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
