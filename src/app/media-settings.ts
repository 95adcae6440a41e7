import type { Setting } from './setting.ts';
import { addressText, numberOrAuto, oneOf, portRange, wholeNumber } from './setting-values.ts';

/** Voice: its ports, its threads, and when they have enough. */
export const mediaSettings: readonly Setting[] = [
  {
    key: 'rtp.ports',
    variable: 'PARLEY_RTP_PORTS',
    preset: '20000-20999',
    comment: 'The UDP ports for voice. Many calls share one. 0 takes any free ones.',
    read: portRange,
  },
  {
    key: 'media.advertise',
    variable: 'PARLEY_MEDIA_ADVERTISE',
    preset: '',
    comment: 'Behind NAT: the address that phones are told to send voice to (SDP) instead of the one listened on.',
    read: addressText,
  },
  {
    key: 'media.sockets',
    variable: 'PARLEY_MEDIA_SOCKETS',
    preset: 'auto',
    comment: 'How packets are read: batched (Linux, fast), dgram (everywhere), or auto.',
    read: oneOf('auto', 'batched', 'dgram'),
  },
  {
    key: 'media.threads',
    variable: 'PARLEY_MEDIA_THREADS',
    preset: 'auto',
    comment: 'Threads that mix, at most; a room lives in one. auto: one for each core but one.',
    read: numberOrAuto(1, 256),
  },
  {
    key: 'media.timeout',
    variable: 'PARLEY_MEDIA_TIMEOUT',
    preset: 60,
    comment: 'Seconds without any packet after which a call is taken for dead and ended. A phone on hold is exempt.',
    read: wholeNumber(1, 86_400),
  },
  {
    key: 'media.check',
    variable: 'PARLEY_MEDIA_CHECK',
    preset: 2,
    comment:
      'Seconds without any packet after which a telephone is asked by SIP whether it is still there, and its call ended when as long again it says nothing. 0: never.',
    read: wholeNumber(0, 3600),
  },
  {
    key: 'media.max_legs',
    variable: 'PARLEY_MEDIA_MAX_LEGS',
    preset: 'auto',
    comment: 'Calls that the media engine takes; more are refused with 503. auto: as many as `parley capacity` found, else any number.',
    read: numberOrAuto(1, 1_000_000),
  },
  {
    key: 'media.max_busy',
    variable: 'PARLEY_MEDIA_MAX_BUSY',
    preset: 85,
    comment: "Per cent of a media thread's time. While more is used, its new calls are refused with 503. 100 refuses none.",
    read: wholeNumber(10, 100),
  },
  {
    key: 'media.max_late',
    variable: 'PARLEY_MEDIA_MAX_LATE',
    preset: 20,
    comment: 'Milliseconds. While one tick of a media thread in a hundred begins later than this, its new calls are refused with 503.',
    read: wholeNumber(1, 10_000),
  },
];
