import { kazooEventNames, readNetworks } from '../api/index.ts';
import { brokersOf } from '../bus/index.ts';
import { isAllowance } from '../fetch/index.ts';

/** A value in its final form, or a sentence that says what would be right. */
export type Reading = string | number | { readonly wrong: string };

export const anyText = (text: string): Reading => (text === '' ? { wrong: 'must not be empty' } : text);

/** May be left empty, which means none. */
export const optionalText = (text: string): Reading => text;

export const wholeNumber =
  (from: number, to: number) =>
  (text: string): Reading => {
    const value = Number(text);
    return /^\d+$/.test(text) && value >= from && value <= to ? value : { wrong: `must be a whole number from ${from} to ${to}` };
  };

export const oneOf =
  (...choices: readonly string[]) =>
  (text: string): Reading =>
    choices.includes(text) ? text : { wrong: `must be one of ${choices.join(', ')}` };

/** A whole number, or `auto`. */
export const numberOrAuto =
  (from: number, to: number) =>
  (text: string): Reading =>
    text === 'auto' || typeof wholeNumber(from, to)(text) === 'number'
      ? text
      : { wrong: `must be a whole number from ${from} to ${to}, or auto` };

/** Days, or `forever`. */
export function daysOrForever(text: string): Reading {
  return text === 'forever' || typeof wholeNumber(1, 36_500)(text) === 'number'
    ? text
    : { wrong: 'must be a whole number of days from 1 to 36500, or forever' };
}

/** On or off, in the words of YAML's readers old and new. */
export function onOrOff(text: string): Reading {
  if (['on', 'true', 'yes'].includes(text)) return 'on';
  return ['off', 'false', 'no'].includes(text) ? 'off' : { wrong: 'must be on or off' };
}

/** A port, 0 for any free one, or `off`. YAML reads a bare `off` as text, an older reader as false. */
export function portOrOff(text: string): Reading {
  if (text === 'off' || text === 'false') return 'off';
  return typeof wholeNumber(0, 65_535)(text) === 'number' ? Number(text) : { wrong: 'must be a whole number from 0 to 65535, or off' };
}

export function hostText(text: string): Reading {
  if (text === '0.0.0.0' || text === '::') return { wrong: 'must be an address that phones can reach: name one, or say auto' };
  return anyText(text);
}

export function portRange(text: string): Reading {
  if (text === '0') return text;
  const [from, to] = text.split('-').map(Number);
  const right = /^\d+-\d+$/.test(text) && from !== undefined && to !== undefined && from >= 1024 && to <= 65_535 && to - from >= 3;
  return right ? text : { wrong: 'must be a range such as 20000-20999 (at least four ports, 1024 to 65535), or 0 for any free ones' };
}

/** Items of a list: separated by commas or spaces in a variable, a sequence in YAML. */
export const listOf = (text: string): readonly string[] => text.split(/[\s,]+/).filter((each) => each !== '');

/** Names of KAZOO's conference events; empty means all. */
export const kazooEvents = (text: string): Reading =>
  listOf(text).every((each) => kazooEventNames.includes(each)) ? text : { wrong: `must list some of ${kazooEventNames.join(', ')}` };

export const networks = (text: string): Reading =>
  readNetworks(listOf(text)) === undefined ? { wrong: 'must list addresses or networks such as 127.0.0.1, 10.0.0.0/8, fd00::/8' } : text;

/** Networks that may be called; an address of cloud metadata only by itself. */
export const allowances = (text: string): Reading =>
  listOf(text).every(isAllowance)
    ? text
    : { wrong: 'must list networks such as 192.168.1.0/24, fd00::/8, or the words private and loopback' };

/** One address as numbers; empty means none. */
export function addressText(text: string): Reading {
  const isOne = text === '' || (!/[\s,/]/.test(text) && readNetworks([text]) !== undefined);
  const isAny = /^(0\.0\.0\.0|[0:]+)$/.test(text);
  return isOne && !isAny ? text : { wrong: 'must be one address such as 203.0.113.9' };
}

/** A name or an address, as it may stand in a SIP URI; empty means none. */
export const hostOrNone = (text: string): Reading =>
  text === '' || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text) || typeof addressText(text) === 'string'
    ? text
    : { wrong: 'must be a name such as parley.example, or an address' };

/** http(s) without query, told without a slash at the end; empty means none. */
export function urlText(text: string): Reading {
  if (text === '') return text;
  const url = URL.parse(text);
  const isRight = url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '' && url.username === '';
  return isRight ? text.replace(/\/+$/, '') : { wrong: 'must be a URL such as https://parley.example' };
}

/** A database of PostgreSQL; empty means none. Users and passwords with other letters are percent-encoded. */
export function postgresUrl(text: string): Reading {
  const url = URL.parse(text);
  const isRight = text === '' || (url !== null && /^postgres(ql)?:$/.test(url.protocol) && url.pathname.length > 1);
  return isRight
    ? text
    : { wrong: 'must be a URL such as postgres://user:password@host:5432/database, with special letters percent-encoded' };
}

/** Brokers, by commas; empty means none. */
export function amqpUrl(text: string): Reading {
  try {
    if (text !== '') brokersOf(text);
    return text;
  } catch (error) {
    return { wrong: `is not the address of a broker. ${(error as Error).message}` };
  }
}

/** Names that a certificate authority can check (RFC 8555 §8.3: no wildcards by HTTP-01). */
export const domainNames = (text: string): Reading =>
  listOf(text).every((each) => /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/i.test(each))
    ? text.toLowerCase()
    : { wrong: 'must list names such as parley.example, without wildcards' };

export const mailAddress = (text: string): Reading =>
  text === '' || /^[^@\s]+@[^@\s]+$/.test(text) ? text : { wrong: 'must be a mail address' };
