export {
  acceptance,
  type Effect as AcceptanceEffect,
  type Input as AcceptanceInput,
  type State as AcceptanceState,
} from './acceptance.machine.ts';
export {
  answeredInDialog,
  belongsTo,
  type Dialog,
  dialogFromInvite,
  dialogFromResponse,
  dialogKey,
  dialogKeyOf,
  type InDialog,
  isSipUri,
  nextHop,
  receiveInDialog,
  requestInDialog,
} from './dialog.ts';
export {
  answerChallenge,
  type Challenge,
  type ChallengeAnswer,
  challenge,
  checkNonce,
  type DigestAlgorithm,
  makeNonce,
  nonceLifetime,
  parseDigest,
  type Verification,
  verify,
} from './digest.ts';
export { acknowledge, cancel } from './follow-up.ts';
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
  to,
  type Via,
  via,
  vias,
  withHeader,
} from './headers.ts';
export { newBranch, newTag } from './ids.ts';
export {
  type Effect as InviteClientEffect,
  type Input as InviteClientInput,
  inviteClient,
  type State as InviteClientState,
} from './invite-client.machine.ts';
export {
  type Effect as InviteServerEffect,
  type Input as InviteServerInput,
  inviteServer,
  type State as InviteServerState,
} from './invite-server.machine.ts';
export { type Headers, type Malformed, noBody, type SipMessage, type SipRequest, type SipResponse } from './message.ts';
export { canonicalName } from './names.ts';
export {
  type Effect as NonInviteClientEffect,
  type Input as NonInviteClientInput,
  nonInviteClient,
  type State as NonInviteClientState,
} from './non-invite-client.machine.ts';
export {
  type Effect as NonInviteServerEffect,
  type Input as NonInviteServerInput,
  nonInviteServer,
  type State as NonInviteServerState,
} from './non-invite-server.machine.ts';
export { maxHeaders, maxMessageBytes, parseMessage } from './parse.ts';
export { printMessage } from './print.ts';
export { type Answer, reasonPhrase, respond } from './respond.ts';
export {
  agreedSessionTimer,
  answerSessionTimer,
  offerSessionTimer,
  type SessionTimer,
  type SessionTimerAnswer,
  type SessionTimerWish,
  sessionTimerWaits,
  wishAfter422,
} from './session-timer.ts';
export { StreamSplitter } from './stream-splitter.ts';
export { T1, T2, T4, type TransportKind, transactionTimeout } from './timers.ts';
export { cancelledKey, clientKey, serverKey } from './transaction-key.ts';
export {
  byteString,
  type NameAddr,
  type Params,
  parseHostPort,
  parseNameAddr,
  parseParams,
  parseUri,
  printNameAddr,
  printParams,
  printUri,
  quote,
  text,
  type Uri,
  unquote,
} from './uri.ts';
