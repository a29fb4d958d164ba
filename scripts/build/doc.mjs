// `#doc` as wrangler bundles it (see `imports` in package.json). The functions are empty, so esbuild leaves out their calls,
// and the texts and schemas that are given to them.
import { ZodType } from 'zod'

/** Gives every schema the method `openapi`, which here describes nothing. */
ZodType.prototype.openapi = function () {
  return this
}

export function doc() {}
export function described() {}
export function textOrNull() {}
export function documented() {}
export function documentedObject() {}
export function json() {}
export function problems() {}
export function tagOf() {}
