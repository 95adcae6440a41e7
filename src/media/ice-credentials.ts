import type { Chance } from '../base/index.ts';
import type { IceCredentials } from './thread/messages.ts';

/** 48 bits: at least 24 are demanded (RFC 8445 §5.3), and no two legs of one port may have the same. */
const UFRAG_BYTES = 6;
/** 144 bits, of at least 128. */
const PWD_BYTES = 18;

/** What one of our legs calls itself in ICE; base64 is just the alphabet of `ice-char` (RFC 8839 §5.4). */
export const newCredentials = (chance: Chance): IceCredentials => ({
  ufrag: textOf(chance.bytes(UFRAG_BYTES)),
  pwd: textOf(chance.bytes(PWD_BYTES)),
});

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
