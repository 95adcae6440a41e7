export { type CryptoSuite, cryptoSuites, type KeyParameters, keyRing, type OfferedCrypto } from './crypto.ts';
export { acceptAnswer, answerOffer, type Negotiated } from './negotiate.ts';
export { describe, makeOffer, type OfferOptions } from './offer.ts';
export { parseSdp } from './parse.ts';
export type {
  Agreed,
  AgreedCrypto,
  AgreedWebRtc,
  BrowserAttributes,
  ClockedPayload,
  CodecName,
  EncryptionPolicy,
  Fingerprint,
  IceCredentials,
  LocalDescription,
  LocalMedia,
  LocalWebRtc,
  MalformedSdp,
  MediaLine,
  NamedCodec,
  OpusFormat,
  RefusalReason,
  Refused,
  SessionDescription,
  Wishes,
} from './session.ts';
