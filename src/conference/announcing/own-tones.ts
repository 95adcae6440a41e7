/** Tones of one who was sent here with others than the document says: callflow data (kazoo-facts §7.6). */
export interface OwnTones {
  readonly entry?: boolean | string;
  readonly exit?: boolean | string;
}
