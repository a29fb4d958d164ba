// zod as wrangler bundles it (see [alias] in wrangler.toml): the schemas that Guesthook uses, without promises, and with the
// same results. zod itself would be a fifteenth of the bundle, even without what is never used. The Worker's tests run with
// these schemas, and test/build/bundled/zod.test.ts compares them with those of zod.
import { BASE64, DATE_TIME, integer, max, maxLength, min, minLength, regex, WEB_URL } from './checks.mjs'
import { NEVER, ZodArray, ZodObject, ZodRecord, ZodTuple } from './containers.mjs'
import { add, withError } from './issues.mjs'
import { ZodPipe, ZodTransform, ZodType, ZodUnion } from './type.mjs'

export { config } from './issues.mjs'
export { ZodType }

/** A schema whose values have one type. */
class ZodSimple extends ZodType {
  read(payload) {
    const { accepts, ...issue } = this.def.simple
    return accepts(payload.value) ? payload : add(payload, this, { code: 'invalid_type', ...issue })
  }
}

class ZodString extends ZodSimple {
  min(minimum, params) {
    return this.check(minLength(minimum, params))
  }

  max(maximum, params) {
    return this.check(maxLength(maximum, params))
  }

  regex(pattern, params) {
    return this.check(regex(pattern, params))
  }

  trim() {
    return this.overwrite((text) => text.trim())
  }
}

class ZodNumber extends ZodSimple {
  read(payload) {
    if (this.def.coerce) payload.value = Number(payload.value)
    return super.read(payload)
  }

  int(params) {
    return this.check(integer(params))
  }

  min(minimum, params) {
    return this.check(min(minimum, params))
  }

  max(maximum, params) {
    return this.check(max(maximum, params))
  }
}

class ZodEnum extends ZodSimple {
  exclude(values) {
    return enumOf(this.def.simple.values.filter((value) => !values.includes(value)))
  }
}

const TEXT = { expected: 'string', accepts: (value) => typeof value === 'string' }
const NUMBER = { expected: 'number', accepts: Number.isFinite }
const BOOLEAN = { expected: 'boolean', accepts: (value) => typeof value === 'boolean' }
const NULL = { expected: 'null', accepts: (value) => value === null }

export const string = (params) => new ZodString({ simple: TEXT, ...withError(params) })
export const number = (params) => new ZodNumber({ simple: NUMBER, ...withError(params) })
export const int = (params) => number(params).int()
export const coerce = { number: () => new ZodNumber({ simple: NUMBER, coerce: true }) }
export const boolean = (params) => new ZodSimple({ simple: BOOLEAN, ...withError(params) })
export const unknown = () => new ZodSimple({ simple: { accepts: () => true } })
export const literal = (value, params) => enumOf([value].flat(), params)
export { enumOf as enum, nullOf as null }

function enumOf(values, params) {
  const simple = { code: 'invalid_value', values, accepts: (value) => values.includes(value) }
  return new ZodEnum({ simple, ...withError(params) })
}

function nullOf(params) {
  return new ZodSimple({ simple: NULL, ...withError(params) })
}

export const object = (shape, params) => new ZodObject({ shape, ...withError(params) })
export const strictObject = (shape, params) => new ZodObject({ shape, catchall: NEVER, ...withError(params) })
export const looseObject = (shape) => object(shape).loose()
export const record = (keyType, valueType, params) => new ZodRecord({ keyType, valueType, ...withError(params) })
export const array = (element, params) => new ZodArray({ element, ...withError(params) })
export const tuple = (items, params) => new ZodTuple({ items, ...withError(params) })
export const union = (options, params) => new ZodUnion({ options, ...withError(params) })
export const preprocess = (change, out) => new ZodPipe({ in: new ZodTransform({ change }), out })

/** Only addresses with http:// or https://, and only times with an offset: nothing else is asked for. */
export const url = (params) => string(params).check(WEB_URL)
export const base64 = (params) => string(params).check(BASE64)
export const iso = { datetime: (params) => string(params).check(DATE_TIME) }
