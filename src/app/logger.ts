import { pino } from 'pino';
import type { Log } from '../base/index.ts';

/** JSON lines on stderr, so that stdout keeps what people read. */
export function openLog(level: string): Log {
  return wrap(
    pino(
      { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
      pino.destination({ dest: 2, sync: true }),
    ),
  );
}

function wrap(line: pino.Logger): Log {
  return {
    debug: (message, fields = {}) => line.debug(fields, message),
    info: (message, fields = {}) => line.info(fields, message),
    warn: (message, fields = {}) => line.warn(fields, message),
    error: (message, fields = {}) => line.error(fields, message),
    with: (fields) => wrap(line.child(fields)),
  };
}
