import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { calendar, escaped, folded } from './calendar.ts';

const event = {
  uid: '0a@parley',
  stampedAt: Date.UTC(2026, 10, 1, 8, 0, 0),
  startsAt: Date.UTC(2026, 10, 21, 13, 30, 0),
  endsAt: Date.UTC(2026, 10, 21, 14, 30, 0),
  summary: 'Board',
  description: 'Dial: 1',
  location: '+49 30 1',
  language: 'de-DE',
};

test('an event as RFC 5545 writes it', () => {
  assert.equal(
    calendar(event),
    [
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      'PRODID:-//Parley//Conference invitations//EN',
      'CALSCALE:GREGORIAN',
      'METHOD:PUBLISH',
      'BEGIN:VEVENT',
      'UID:0a@parley',
      'DTSTAMP:20261101T080000Z',
      'DTSTART:20261121T133000Z',
      'DTEND:20261121T143000Z',
      'SUMMARY;LANGUAGE=de-DE:Board',
      'DESCRIPTION;LANGUAGE=de-DE:Dial: 1',
      'LOCATION:+49 30 1',
      'END:VEVENT',
      'END:VCALENDAR',
      '',
    ].join('\r\n'),
  );
});

test('§3.3.11: backslash, semicolon, comma and line break are escaped; a colon is not', () => {
  assert.equal(escaped('a\\b;c,d:e\r\nf\rg\nh\u0007'), 'a\\\\b\\;c\\,d:e\\nf\\ng\\nh');
});

test('nobody adds a line of his own', () => {
  const made = calendar({ ...event, summary: 'x\r\nATTACH:http://evil', location: 'a\nEND:VEVENT', language: 'en\r\nX:1' });
  assert.doesNotMatch(made, /^ATTACH|^X:1/m);
  assert.equal(made.match(/^END:VEVENT/gm)?.length, 1);
});

test('§3.1: no line is longer than 75 octets, no character is cut, and unfolding gives the line back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 60, maxLength: 300, size: 'max' }), (text) => {
      const line = `SUMMARY:${escaped(text)}`;
      const made = folded(line);
      for (const each of made.split('\r\n')) assert.ok(Buffer.byteLength(each) <= 75, each);
      assert.equal(made.replaceAll('\r\n ', ''), line);
      assert.equal(Buffer.from(made).toString(), made);
    }),
  );
});
