import { dashed, isoMillis, type Json, type JsonObject } from '../../base/index.ts';
import type { Report, ReportPerson } from '../../conference/index.ts';

const time = (epoch: number | undefined): string | null => (epoch === undefined ? null : isoMillis(epoch));
const seconds = (ms: number | undefined): number | null => (ms === undefined ? null : Math.round(ms / 100) / 10);

const number = (quality: JsonObject | undefined, name: string): number | undefined => {
  const value = quality?.[name];
  return typeof value === 'number' ? value : undefined;
};

/** What of the packets that he sent never came, 0 to 1; undefined: nobody counted, or he sent none. */
export function lossOf({ quality }: ReportPerson): number | undefined {
  const [came, lost] = [number(quality, 'packetsIn'), number(quality, 'lost')];
  return came === undefined || lost === undefined || came + lost === 0 ? undefined : lost / (came + lost);
}

/** Estimated listening quality of the conversation, 1 to 4.5 (RFC 3611 §4.7.5). */
export const mosOf = ({ quality }: ReportPerson): number | undefined => number(quality, 'mosCq');

function person(each: ReportPerson, account: string): JsonObject {
  const { participant: who, talk } = each;
  const loss = lossOf(each);
  return {
    id: dashed(who.id),
    number: who.number,
    role: who.role,
    caller_name: who.call.callerName,
    caller_number: who.call.callerNumber,
    is_program: who.call.stream !== undefined,
    // The record of the call has its id.
    cdr: who.call.stream === undefined ? `/api/cdrs/${dashed(who.call.id)}?account=${account}` : null,
    joined_at: isoMillis(each.joinedAt),
    left_at: time(each.leftAt),
    reason: each.reason ?? null,
    late_seconds: seconds(each.lateMs) ?? 0,
    muted_seconds: seconds(each.mutedMs),
    talk_seconds: seconds(talk?.talkMs),
    overlap_seconds: seconds(talk?.overlapMs),
    turns: talk?.turns ?? null,
    codec: each.codec ?? null,
    loss: loss === undefined ? null : Math.round(loss * 1e5) / 1e5,
    quality: each.quality ?? null,
    never_heard: each.silent ?? null,
    consent: who.consent === undefined ? null : { recording: dashed(who.consent.recording), state: who.consent.state },
  };
}

/** Whose report it is. */
export interface ReportOf {
  /** A UUID. */
  readonly conference: string;
  readonly account: string;
  readonly name: string;
}

/** A report as JSON. What nobody counted is null. */
export function reportBody(report: Report, { conference, account, name }: ReportOf): JsonObject {
  const { talk, startedAt, endedAt } = report;
  const links = (path: string): string => `${path}?account=${account}`;
  return {
    conference,
    name,
    instance: report.instance,
    started_at: time(startedAt),
    ended_at: time(endedAt),
    seconds: startedAt === undefined || endedAt === undefined ? null : seconds(endedAt - startedAt),
    is_partial: report.isPartial,
    most_people: report.most,
    talk_seconds: seconds(talk?.talkMs),
    overlap_seconds: seconds(talk?.overlapMs),
    silence_seconds: seconds(talk?.silenceMs),
    participants: report.people.map((each): Json => person(each, account)),
    recordings: report.recordings.map(
      (each): Json => ({
        id: dashed(each.id),
        name: each.name ?? null,
        started_at: isoMillis(each.startedAt),
        stopped_at: time(each.stoppedAt),
        seconds: each.seconds ?? null,
        url: links(`/api/recordings/${dashed(each.id)}`),
      }),
    ),
    transcriptions: report.transcriptions.map(
      (each): Json => ({
        id: dashed(each.id),
        language: each.language,
        started_at: isoMillis(each.startedAt),
        stopped_at: time(each.stoppedAt),
        utterances: each.utterances,
        url: links(`/api/conferences/${conference}/transcripts`),
      }),
    ),
    refused_calls: report.refused.map(({ code, count }): Json => ({ code, count })),
  };
}
