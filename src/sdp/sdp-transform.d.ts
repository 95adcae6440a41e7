/** What this room uses of sdp-transform 3, which brings no types. Numbers arrive as numbers only when they print back the same. */
declare module 'sdp-transform' {
  export interface ParsedMedia {
    readonly rtp: readonly { readonly payload?: number | string; readonly codec?: number | string; readonly rate?: number | string }[];
    readonly connection?: { readonly version?: number | string; readonly ip?: number | string };
    readonly rtcp?: { readonly port?: number | string; readonly address?: number | string };
    readonly direction?: string;
    readonly ptime?: number | string;
    readonly maxptime?: number | string;
  }
  export interface ParsedSession {
    readonly connection?: ParsedMedia['connection'];
    readonly direction?: string;
    readonly media: readonly ParsedMedia[];
  }
  export function parse(text: string): ParsedSession;
}
