import type { HepCollector } from '../calls/index.ts';
import type { Setting } from './setting.ts';
import { optionalText, type Reading, wholeNumber } from './setting-values.ts';

const hostPort = /^(\[[0-9a-fA-F:.]+\]|[^\s:[\]]+):(\d{1,5})$/;

const collectorText = (text: string): Reading =>
  text === '' || (hostPort.test(text) && Number(hostPort.exec(text)?.[2]) <= 65_535)
    ? text
    : { wrong: 'must be host:port, as 127.0.0.1:9060' };

/** How calls are signalled, for whoever looks for a fault (docs/trace.md). */
export const traceSettings: readonly Setting[] = [
  {
    key: 'trace.hours',
    variable: 'PARLEY_TRACE_HOURS',
    preset: 24,
    comment: 'Hours that the SIP messages of a call are kept when it is over, with secrets and digits masked. 0: none are noted.',
    read: wholeNumber(0, 8760),
  },
  {
    key: 'trace.hep',
    variable: 'PARLEY_TRACE_HEP',
    preset: '',
    comment: 'Where copies of these messages are sent by UDP (HEP version 3, as Homer takes it): host:port. Empty: nowhere.',
    read: collectorText,
  },
  {
    key: 'trace.hep_password',
    variable: 'PARLEY_TRACE_HEP_PASSWORD',
    preset: '',
    comment: 'The authentication key that the collector asks for. Empty: none.',
    read: optionalText,
    isSecret: true,
  },
];

/** What is noted of calls, and for how long. */
export interface TraceConfig {
  /** 0: nothing is. */
  readonly hours: number;
  readonly hep: HepCollector | undefined;
}

/** Reads them. */
export function traceFrom(text: (key: string) => string): TraceConfig {
  const [, host, port] = hostPort.exec(text('trace.hep')) ?? [];
  const password = text('trace.hep_password');
  const hep =
    host === undefined ? undefined : { host: host.replace(/^\[|\]$/g, ''), port: Number(port), ...(password === '' ? {} : { password }) };
  return { hours: Number(text('trace.hours')), hep };
}
