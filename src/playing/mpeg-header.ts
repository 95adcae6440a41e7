/** kbit/s by the index in the header, ISO 11172-3 table of §2.4.2.3 and ISO 13818-3: MPEG 1 layers I, II, III; MPEG 2 layer I; MPEG 2 layers II and III. */
const BITRATES: Readonly<Record<string, readonly number[]>> = {
  '1 1': [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  '1 2': [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  '1 3': [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  '2 1': [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  '2 2': [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};
const RATES = [44_100, 48_000, 32_000];

/** How long the MPEG audio frame that begins here is, bytes; undefined: no frame begins here (or one of free bit rate, which nobody writes). */
export function mpegFrameLength(bytes: Uint8Array, at: number): number | undefined {
  if (at + 4 > bytes.length || bytes[at] !== 0xff || (bytes[at + 1]! & 0xe0) !== 0xe0) return undefined;
  const version = (bytes[at + 1]! >> 3) & 3;
  const layer = 4 - ((bytes[at + 1]! >> 1) & 3);
  const rate = RATES[(bytes[at + 2]! >> 2) & 3];
  if (version === 1 || layer === 4 || rate === undefined || (bytes[at + 3]! & 3) === 2) return undefined;
  const isFirst = version === 3;
  const kilobits = BITRATES[isFirst ? `1 ${layer}` : layer === 1 ? '2 1' : '2 2']![bytes[at + 2]! >> 4];
  if (kilobits === undefined || kilobits === 0) return undefined;
  const hertz = isFirst ? rate : version === 2 ? rate / 2 : rate / 4;
  const padding = (bytes[at + 2]! >> 1) & 1;
  if (layer === 1) return (Math.floor((12_000 * kilobits) / hertz) + padding) * 4;
  return Math.floor(((layer === 3 && !isFirst ? 72_000 : 144_000) * kilobits) / hertz) + padding;
}

/** ID3v1 stands behind the sound. */
const isTag = (bytes: Uint8Array, at: number): boolean => [0x54, 0x41, 0x47].every((each, index) => bytes[at + index] === each);

/** Whether MPEG audio begins within these bytes: two frames behind each other, or one and the end. */
export function isMpeg(bytes: Uint8Array, isWhole: boolean): boolean {
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const length = mpegFrameLength(bytes, at);
    if (length === undefined) continue;
    if (mpegFrameLength(bytes, at + length) !== undefined) return true;
    if (isWhole && (at + length === bytes.length || isTag(bytes, at + length))) return true;
  }
  return false;
}
