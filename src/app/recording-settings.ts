import type { Setting } from './setting.ts';
import { onOrOff, optionalText, type Reading, urlText } from './setting-values.ts';

/** A bucket as S3 names them; empty means none. */
const bucketOrNone = (text: string): Reading =>
  text === '' || /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(text)
    ? text
    : { wrong: 'must be 3 to 63 small letters, digits, dots or dashes' };

const region = (text: string): Reading => (/^[A-Za-z0-9-]{1,64}$/.test(text) ? text : { wrong: 'must be a region such as eu-central-1' });

/** Folders in a bucket, without slashes at the ends; empty means none. */
function keyPrefix(text: string): Reading {
  const bare = text.replace(/^\/+|\/+$/g, '');
  const isRight = bare === '' || bare.split('/').every((each) => /^[A-Za-z0-9._-]+$/.test(each) && !/^\.+$/.test(each));
  return isRight ? bare : { wrong: 'must be names of letters, digits, dots, dashes and _, divided by /' };
}

/** The settings of recordings. */
export const recordingSettings: readonly Setting[] = [
  {
    key: 'recording.dir',
    variable: 'PARLEY_RECORDING_DIR',
    preset: '',
    comment: 'The folder where recordings are made, and stay unless there is a bucket (docs/recordings.md). Empty: recordings in data_dir.',
    read: optionalText,
  },
  {
    key: 'recording.s3.bucket',
    variable: 'PARLEY_RECORDING_S3_BUCKET',
    preset: '',
    comment: 'Finished recordings go to this bucket of a store that speaks S3, and then from the folder. Empty: they stay.',
    read: bucketOrNone,
  },
  {
    key: 'recording.s3.endpoint',
    variable: 'PARLEY_RECORDING_S3_ENDPOINT',
    preset: '',
    comment: 'The store, for example https://minio.example:9000. Empty: Amazon in the region.',
    read: urlText,
  },
  {
    key: 'recording.s3.region',
    variable: 'PARLEY_RECORDING_S3_REGION',
    preset: 'us-east-1',
    comment: 'The region that requests are signed for. Stores without regions mostly take us-east-1 or auto.',
    read: region,
  },
  {
    key: 'recording.s3.prefix',
    variable: 'PARLEY_RECORDING_S3_PREFIX',
    preset: '',
    comment: 'What the names of objects begin with, for example parley/recordings.',
    read: keyPrefix,
  },
  {
    key: 'recording.s3.access_key_id',
    variable: 'PARLEY_RECORDING_S3_ACCESS_KEY_ID',
    preset: '',
    comment: 'The key that may list, read, write and remove in the bucket.',
    read: optionalText,
  },
  {
    key: 'recording.s3.secret_access_key',
    variable: 'PARLEY_RECORDING_S3_SECRET_ACCESS_KEY',
    preset: '',
    comment: 'Its secret. Better in the environment than in a file.',
    read: optionalText,
    isSecret: true,
  },
  {
    key: 'recording.s3.path_style',
    variable: 'PARLEY_RECORDING_S3_PATH_STYLE',
    preset: 'on',
    comment: 'on: https://store/bucket/name, as nearly all stores take it; off: https://bucket.store/name.',
    read: onOrOff,
  },
];
