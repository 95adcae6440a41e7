import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { needs } from './programs.ts';

const run = promisify(execFile);

/**
 * Runs a shell line that calls curl as somebody wrote it, without what this machine's user has set up for it: neither proxies of
 * the environment nor a .curlrc stand between the line and the server.
 */
export function runCurlLine(line: string, variables: Readonly<Record<string, string>> = {}): Promise<{ stdout: string; stderr: string }> {
  const own = `curl() { "$CURL_PROGRAM" -q --noproxy '*' "$@"; }`;
  const env = { ...process.env, ...variables, CURL_PROGRAM: needs('curl') };
  return run('bash', ['-c', `${own}\n${line}`], { env });
}
