import { Failure } from '../base/index.ts';
import type { Setting } from './setting.ts';
import { listOf, optionalText, type Reading, wholeNumber } from './setting-values.ts';

/** RFC 7064 and RFC 7065: a scheme, a host without slashes, a port, and for relays the transport. */
const SERVER = /^(stuns?:[^\s/?@]+|turns?:[^\s/?@]+(\?transport=(udp|tcp))?)$/i;

const servers = (text: string): Reading =>
  listOf(text).every((each) => SERVER.test(each))
    ? text
    : { wrong: 'must list servers such as stun:stun.example.org:3478, turn:turn.example.org:3478?transport=udp' };

/** The settings of browsers. */
export const browserSettings: readonly Setting[] = [
  {
    key: 'browsers.ice_servers',
    variable: 'PARLEY_BROWSERS_ICE_SERVERS',
    preset: '',
    comment:
      'STUN and TURN servers that guests in browsers are given, for example turn:turn.example.org:3478?transport=udp, turns:turn.example.org:443. Needed only where firewalls let no UDP through to us.',
    read: servers,
  },
  {
    key: 'browsers.turn_secret',
    variable: 'PARLEY_BROWSERS_TURN_SECRET',
    preset: '',
    comment: 'What the TURN servers share with us (coturn: use-auth-secret, static-auth-secret): each guest gets a password of his own.',
    read: optionalText,
    isSecret: true,
  },
  {
    key: 'browsers.turn_lifetime',
    variable: 'PARLEY_BROWSERS_TURN_LIFETIME',
    preset: 43_200,
    comment: 'Seconds for which such a password is good.',
    read: wholeNumber(60, 604_800),
  },
  {
    key: 'browsers.turn_username',
    variable: 'PARLEY_BROWSERS_TURN_USERNAME',
    preset: '',
    comment: 'For TURN servers without a shared secret: one name for all.',
    read: optionalText,
  },
  {
    key: 'browsers.turn_password',
    variable: 'PARLEY_BROWSERS_TURN_PASSWORD',
    preset: '',
    comment: 'Its password. All guests can read it.',
    read: optionalText,
    isSecret: true,
  },
];

/** What browsers are given. */
export interface BrowserConfig {
  readonly urls: readonly string[];
  readonly secret: string | undefined;
  /** Seconds. */
  readonly lifetime: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** Reads them; a relay that nobody could use is a mistake. */
export function browsersFrom(text: (key: string) => string): BrowserConfig {
  const optional = (key: string): string | undefined => text(`browsers.${key}`) || undefined;
  const config = {
    urls: listOf(text('browsers.ice_servers')),
    secret: optional('turn_secret'),
    lifetime: Number(text('browsers.turn_lifetime')),
    username: optional('turn_username'),
    password: optional('turn_password'),
  };
  const { secret, username, password, urls } = config;
  const isWrong = (message: string): Failure => new Failure('invalid', 'bad_configuration', message);
  if ((username === undefined) !== (password === undefined)) {
    throw isWrong('browsers.turn_username and browsers.turn_password must be given together');
  }
  if (secret !== undefined && username !== undefined) {
    throw isWrong('browsers.turn_secret makes a password for each guest; browsers.turn_username is for servers without one');
  }
  if (urls.some((each) => /^turns?:/i.test(each)) && secret === undefined && username === undefined) {
    throw isWrong(
      'a turn: server in browsers.ice_servers needs browsers.turn_secret, or browsers.turn_username and browsers.turn_password',
    );
  }
  return config;
}
