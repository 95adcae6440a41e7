import { inspect } from 'node:util';

/**
 * What a test failed with and then could not be closed with (`await using`) is a SuppressedError, of which the test runner shows neither. Whoever imports
 * this sees both, the first one first.
 */
const both = function (this: SuppressedError): AggregateError | undefined {
  // The prototype has neither.
  if (!Object.hasOwn(this, 'error')) return undefined;
  const cause = new AggregateError([this.suppressed, this.error], 'it failed, and then it could not be closed:');
  cause.stack = `AggregateError: ${cause.message}`;
  return cause;
};

Object.defineProperty(SuppressedError.prototype, 'cause', { configurable: true, get: both });
Object.defineProperty(SuppressedError.prototype, inspect.custom, {
  configurable: true,
  value(this: SuppressedError, _depth: number, options: object) {
    return `${this.message}\n${inspect(both.call(this), options)}`;
  },
});
