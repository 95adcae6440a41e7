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
  const address = consoleOf(house, config.publicUrl);
  if (house.first !== undefined) process.stdout.write(welcome(house.first, { dataDir: config.dataDir, address }));
  process.stdout.write(`Parley is ready: ${doorsOf(house, address)}, data in ${config.dataDir}\n`);
  const signal = await stopped;
  log.info('stopping', { signal });
  withdraw(config.dataDir);
  await house.close();
  return 0;
}

/** Where to dial, where to moderate and where to ask. */
function doorsOf({ http, https, sip, sips, blackhole }: House, address: string): string {
  const dial = `dial sip:3000@${sip} (UDP, TCP)${sips === undefined ? '' : ` or sips:3000@${sips} (TLS)`}`;
  return `${dial}, console ${address}, HTTP ${http}${https === undefined ? '' : `, HTTPS ${https}`}${blackhole === undefined ? '' : `, events ${blackhole}`}`;
}

/** Where people moderate in a browser: encrypted, but on this machine itself, whose browsers need no certificate for that. */
function consoleOf({ http, https }: House, publicUrl: string | undefined): string {
  const isOwn = /^http:\/\/(127\.|localhost[:/]|\[::1\])/.test(http);
  return `${publicUrl ?? (isOwn ? http : (https ?? http))}/console`;
}

function welcome(first: FirstStart, { dataDir, address }: { readonly dataDir: string; readonly address: string }): string {
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
    `  Moderate in a browser: ${address}`,
    '  Log in there with user and password; under Invitations you make links with which others join in their browsers.',
    '',
    `  All of it is in ${dataDir}/first-account.json (readable by you alone).`,
    '',
    '',
  ].join('\n');
}
