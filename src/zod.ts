/*
 * zod, whose schemas have the method `openapi`, which `#doc` gives them. Import it as `* as z`, and from here: then the
 * Worker contains only what it uses of zod. zod's own `string`, `record` and `coerce` lead to all formats of a string, which nothing here
 * uses.
 */
import '#doc'
import { _ZodString, type core, ZodNumber, ZodRecord, type ZodType } from 'zod'

export * from 'zod'

/** A string without the methods for formats. Write `z.url()` instead of `z.string().url()`. */
type Text = _ZodString<core.$ZodStringInternals<string>>

export function string(): Text {
  return new _ZodString({ type: 'string' }) as Text
}

export function record<V extends ZodType>(keyType: Text, valueType: V): ZodRecord<Text, V> {
  return new ZodRecord({ type: 'record', keyType, valueType }) as ZodRecord<Text, V>
}

/** Turns the text of a query into a number. */
export const coerce = { number: () => new ZodNumber({ type: 'number', checks: [], coerce: true }) as ZodNumber }
