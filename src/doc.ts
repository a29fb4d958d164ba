/*
 * Texts and schemas that only the API document contains. The Worker contains none of them: `#doc` is
 * scripts/build/doc.mjs there (see `imports` in package.json).
 */

import { extendZodWithOpenApi } from '@asteasolutions/zod-to-openapi'
import { z } from 'zod'

/** Gives every schema the method `openapi`, which describes it in the document. */
extendZodWithOpenApi(z)

/** Marks such a text: a summary, a description. */
export function doc(text: string): string {
  return text
}

/** @returns what the method `openapi` of a schema takes */
export function described(description: string): { description: string } {
  return { description }
}

/**
 * A schema that only the API document needs, such as that of a response. The Worker has `undefined` instead.
 * @param name of the schema in the document, if it has one
 */
export function documented<S extends { openapi(name: string): S }>(name: string | null, make: () => S): S {
  return name === null ? make() : make().openapi(name)
}
