import { mkdirSync } from 'node:fs';
import { SystemChance, SystemClock } from '../base/index.ts';
import { build, type House } from './build.ts';
import type { Config } from './config.ts';
import type { FirstStart } from './first-start.ts';
import { openLog } from './logger.ts';
import { masterKey } from './master-key.ts';
import { announce, claim, withdraw } from './ready-file.ts';

/** Runs the server until SIGINT or SIGTERM. Resolves with the exit code. */
export async function run(config: Config, givenKey: string | undefined): Promise<number> {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const claimed = claim(config.dataDir);
  try {
    return await serve(config, givenKey);
  } finally {
    await claimed.close();
  }
}

async function serve(config: Config, givenKey: string | undefined): Promise<number> {
  const stopped = new Promise<string>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  const log = openLog(config.logLevel);
  const chance = new SystemChance();
  const house = await build({ config, masterKey: masterKey(config.dataDir, givenKey, chance), clock: new SystemClock(), chance, log });
  announce(config.dataDir, {
    http: house.http,
    https: house.https,
    sip: house.sip,
    sips: house.sips,
    blackhole: house.blackhole,
    pid: process.pid,
  });
  if (house.first !== undefined) process.stdout.write(welcome(house.first, config.dataDir));
  process.stdout.write(`Parley is ready: ${doorsOf(house)}, data in ${config.dataDir}\n`);
  const signal = await stopped;
  log.info('stopping', { signal });
  withdraw(config.dataDir);
  await house.close();
  return 0;
}

/** Where to dial and where to ask. */
function doorsOf({ http, https, sip, sips, blackhole }: House): string {
  const dial = `dial sip:3000@${sip} (UDP, TCP)${sips === undefined ? '' : ` or sips:3000@${sips} (TLS)`}`;
  return `${dial}, HTTP ${http}${https === undefined ? '' : `, HTTPS ${https}`}${blackhole === undefined ? '' : `, events ${blackhole}`}`;
}

function welcome(first: FirstStart, dataDir: string): string {
  const rows: readonly (readonly [string, string])[] = [
    ['account', `${first.account_name} (${first.account_id})`],
    ['realm', first.realm],
    ['user', first.username],
    ['password', first.password],
    ['api key', first.api_key],
    ['access key', first.access_key],
    ['conference', `Welcome, dial ${first.conference_number}`],
  ];
  return [
    '',
    'This is the first start. Your account, shown only now:',
    '',
    ...rows.map(([name, value]) => `  ${name.padEnd(11)} ${value}`),
    '',
    `  All of it is in ${dataDir}/first-account.json (readable by you alone).`,
    '',
    '',
  ].join('\n');
}
