import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../base/index.ts';
import { brokersOf } from './amqp-url.ts';

test('a URL is read as RabbitMQ’s URI specification has it', () => {
  const [broker] = brokersOf('amqps://us%65r:p%C3%A4ss%2Fword@[::1]:5999/v%2Fhost?heartbeat=30');
  assert.deepEqual(broker, {
    name: '[::1]:5999',
    connect: { protocol: 'amqps', hostname: '::1', port: 5999, username: 'user', password: 'päss/word', vhost: 'v%2Fhost', heartbeat: 30 },
    tls: { verify: true },
  });
  const [proved] = brokersOf(
    'amqps://h?cacertfile=/etc/ca.pem&certfile=/etc/us.pem&keyfile=/etc/us.key&verify=verify_none&server_name_indication=mq.test',
  );
  assert.deepEqual(proved?.tls, {
    ca: '/etc/ca.pem',
    cert: '/etc/us.pem',
    key: '/etc/us.key',
    verify: false,
    servername: 'mq.test',
  });
  assert.equal(brokersOf('amqp://h?cacertfile=/etc/ca.pem')[0]?.tls, undefined);
  assert.deepEqual(
    brokersOf('amqp://one, amqps://two').map(({ name, connect }) => [name, connect.username, connect.port]),
    [
      ['one:5672', 'guest', 5672],
      ['two:5671', 'guest', 5671],
    ],
  );
});

test('a bad URL is refused without repeating it', () => {
  for (const url of [
    '',
    'http://u:secret@h',
    'amqp://',
    'amqp://u:secret%zz@h',
    'secret',
    'amqp://u:secret@h,',
    'amqp://u:secret@h:99999',
    'amqp://u:secret@h?heartbeat=x',
    'amqps://u:secret@h?verify=maybe',
    'amqps://u:secret@h?certfile=/us.pem',
  ]) {
    assert.throws(
      () => brokersOf(url),
      (error: unknown) =>
        error instanceof Failure &&
        error.code === 'amqp_url_bad' &&
        !`${error.message}${JSON.stringify(error)}${error.stack}`.includes('secret'),
      url,
    );
  }
});
