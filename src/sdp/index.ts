export type { CryptoSuite, KeyParameters, OfferedCrypto } from './crypto.ts';
export { acceptAnswer, answerOffer, makeOffer, type Negotiated } from './negotiate.ts';
export { parseSdp } from './parse.ts';
export type {
  Agreed,
  AgreedCrypto,
  BrowserAttributes,
  ClockedPayload,
  CodecName,
  EncryptionPolicy,
  LocalDescription,
  LocalMedia,
  MalformedSdp,
  MediaLine,
  NamedCodec,
  OpusFormat,
  RefusalReason,
  Refused,
  SessionDescription,
  Wishes,
} from './session.ts';
