export {
  callId,
  contacts,
  cseq,
  from,
  type Headed,
  header,
  headerAll,
  headerNumber,
  lists,
  parseVia,
  prepend,
  to,
  type Via,
  via,
  vias,
  withHeader,
  withoutHeader,
} from './headers.ts';
export { type Headers, type Malformed, noBody, type SipMessage, type SipRequest, type SipResponse } from './message.ts';
export { canonicalName } from './names.ts';
export { maxHeaders, maxMessageBytes, parseMessage } from './parse.ts';
export { printMessage } from './print.ts';
export { type Answer, reasonPhrase, respond } from './respond.ts';
export { StreamSplitter } from './stream-splitter.ts';
export { cancelledKey, clientKey, serverKey } from './transaction-key.ts';
export {
  byteString,
  type NameAddr,
  type Params,
  parseHostPort,
  parseNameAddr,
  parseParams,
  parseUri,
  printHostPort,
  printNameAddr,
  printParams,
  printUri,
  quote,
  text,
  type Uri,
  unquote,
} from './uri.ts';
