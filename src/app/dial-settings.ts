import type { DialRules } from '../calls/index.ts';
import type { Setting } from './setting.ts';
import { allowances, listOf, numberOrAuto, onOrOff, type Reading } from './setting-values.ts';

/** What numbers may begin with; empty means anything. */
const prefixes = (text: string): Reading =>
  listOf(text).every((each) => /^\+?[0-9*#]{1,20}$/.test(each)) ? text : { wrong: 'must list beginnings of numbers such as +1, +49' };

/** Hosts of SIP URIs; empty means any. */
const domains = (text: string): Reading =>
  listOf(text).every((each) => /^(\*\.)?[A-Za-z0-9.:-]+$/.test(each))
    ? text
    : { wrong: 'must list hosts such as sip.example.org, *.example.net' };

/** Where calls may go that the server makes. */
export const dialSettings: readonly Setting[] = [
  {
    key: 'dial.enabled',
    variable: 'PARLEY_DIAL_ENABLED',
    preset: 'on',
    comment: 'Whether calls are made at all: into conferences, by flows, for transfers. An account may say otherwise (limits.dial).',
    read: onOrOff,
  },
  {
    key: 'dial.concurrent',
    variable: 'PARLEY_DIAL_CONCURRENT',
    preset: 'auto',
    comment: 'Calls that an account may make at once, where it says nothing itself. auto: any number.',
    read: numberOrAuto(1, 1_000_000),
  },
  {
    key: 'dial.per_hour',
    variable: 'PARLEY_DIAL_PER_HOUR',
    preset: 'auto',
    comment: 'Calls that an account may make in any hour, where it says nothing itself. auto: any number.',
    read: numberOrAuto(1, 1_000_000),
  },
  {
    key: 'dial.prefixes',
    variable: 'PARLEY_DIAL_PREFIXES',
    preset: '',
    comment: 'What numbers may begin with that go out through a trunk, for example +1, +49. Empty: anything.',
    read: prefixes,
  },
  {
    key: 'dial.domains',
    variable: 'PARLEY_DIAL_DOMAINS',
    preset: '',
    comment: 'Hosts of SIP URIs that may be called, for example sip.example.org, *.example.net. Empty: any.',
    read: domains,
  },
  {
    key: 'dial.allow_networks',
    variable: 'PARLEY_DIAL_ALLOW_NETWORKS',
    preset: '',
    comment:
      'Networks that SIP URIs may lead to though they are not public, for example 192.168.1.0/24; the words of fetch.allow. Registered phones and trunks need none.',
    read: allowances,
  },
];

/** Where calls may go, and which networks that are not public. */
export interface DialConfig extends Omit<DialRules, 'mayReach'> {
  readonly allow: readonly string[];
}

/** Reads these settings. */
export function dialFrom(text: (key: string) => string): DialConfig {
  const numberOf = (key: string): number | undefined => (text(key) === 'auto' ? undefined : Number(text(key)));
  const [concurrent, perHour] = [numberOf('dial.concurrent'), numberOf('dial.per_hour')];
  const [begin, hosts] = [listOf(text('dial.prefixes')), listOf(text('dial.domains'))];
  return {
    enabled: text('dial.enabled') === 'on',
    ...(concurrent === undefined ? {} : { concurrent }),
    ...(perHour === undefined ? {} : { perHour }),
    ...(begin.length === 0 ? {} : { prefixes: begin }),
    ...(hosts.length === 0 ? {} : { domains: hosts }),
    allow: listOf(text('dial.allow_networks')),
  };
}
