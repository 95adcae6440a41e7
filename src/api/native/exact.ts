import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import type { FastifySchemaCompiler } from 'fastify';

const ajv = new Ajv({ coerceTypes: false, removeAdditional: false, strict: false });
// The same that Fastify gives its own.
formats.default(ajv);

/** Takes bodies at their word: what is made for queries, where all is text, would make 0 of a null, and that is another wish. */
export const exact: { readonly validatorCompiler: FastifySchemaCompiler<object> } = {
  validatorCompiler: ({ schema }) => ajv.compile(schema),
};
