/** What `participant_flags` may hold (kazoo-facts §3.5). */
export const participantFlags = [
  'mute',
  'deaf',
  'distribute_dtmf',
  'is_moderator',
  'disable_moh',
  'ghost',
  'join_existing',
  'video_mute',
] as const;

/** `conferences.dial` (kazoo-facts §3.5). */
export const dialSchema = {
  type: 'object',
  required: ['endpoints'],
  properties: {
    endpoints: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      items: {
        oneOf: [
          { type: 'string' },
          { type: 'object', required: ['name'], properties: { name: { type: 'string', minLength: 1, maxLength: 128 } } },
        ],
      },
    },
    caller_id_name: { type: 'string' },
    caller_id_number: { type: 'string' },
    profile_name: { type: 'string' },
    target_call_id: { type: 'string' },
    outbound_call_id: { type: 'string' },
    participant_flags: { type: 'array', items: { type: 'string', enum: participantFlags } },
    timeout: { type: 'integer', minimum: 1 },
  },
};
