export { type CryptoSuite, cryptoSuites, type KeyParameters, keyRing, type OfferedCrypto } from './crypto.ts';
export { acceptAnswer, answerOffer, type Negotiated } from './negotiate.ts';
export { describe, makeOffer, type OfferOptions } from './offer.ts';
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
