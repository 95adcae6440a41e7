export { acceptAnswer, answerOffer, makeOffer, type Negotiated } from './negotiate.ts';
export { parseSdp } from './parse.ts';
export type { Agreed, LocalMedia, MalformedSdp, MediaLine, NamedCodec, SessionDescription } from './session.ts';
