// What the Worker's bundle takes for "zod" (see wrangler.toml): the parts that are used, by name. A namespace that is handed on whole, as the
// OpenAPI package does with it, keeps all that is in it: fifty translations, a compiler of schemas that Workers would not run, and much else,
// together half of the bundle. test/core/bundle.test.ts
// holds this list against what the source names.
export {
  array,
  base64,
  boolean,
  enum,
  int,
  literal,
  null,
  number,
  object,
  preprocess,
  record,
  strictObject,
  string,
  tuple,
  union,
  unknown,
  url,
  ZodType,
} from '../../node_modules/zod/v4/classic/external.js'

import { number as coerceNumber } from '../../node_modules/zod/v4/classic/coerce.js'
import { datetime } from '../../node_modules/zod/v4/classic/iso.js'

export const coerce = { number: coerceNumber }
export const iso = { datetime }
export * as z from './zod.mjs'
