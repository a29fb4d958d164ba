import { maxLength, minLength, runCheck } from './checks.mjs'
import { add, below } from './issues.mjs'
import { ZodNonOptional, ZodType } from './type.mjs'

/** The objects and lists of schemas. */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const wrongType = (schema, payload, expected) => add(payload, schema, { code: 'invalid_type', expected })

export class ZodObject extends ZodType {
  shape = this.def.shape

  read(payload) {
    const input = payload.value
    if (!isObject(input)) return wrongType(this, payload, 'object')
    payload.value = {}
    for (const key in this.shape) readProperty(payload, key, this.shape[key], input)
    if (this.def.catchall) this.readOthers(payload, input)
    return payload
  }

  readOthers(payload, input) {
    const { catchall, shape } = this.def
    const keys = []
    for (const key in input) {
      if (Object.hasOwn(shape, key)) continue
      if (catchall === NEVER) keys.push(key)
      else if (key !== '__proto__') readProperty(payload, key, catchall, input)
    }
    if (keys.length > 0) add(payload, this, { code: 'unrecognized_keys', keys, input, continue: true })
  }

  extend(shape) {
    return this.clone({ shape: { ...this.shape, ...shape } })
  }

  pick(wanted) {
    return this.only((key) => key in wanted)
  }

  omit(unwanted) {
    return this.only((key) => !(key in unwanted))
  }

  only(isWanted) {
    const shape = Object.fromEntries(Object.entries(this.shape).filter(([key]) => isWanted(key)))
    return this.clone({ shape, checks: [] })
  }

  partial() {
    return this.each((schema) => schema.optional()).clone({ checks: [] })
  }

  required(wanted = this.shape) {
    return this.each((schema, key) => (key in wanted ? new ZodNonOptional({ inner: schema }) : schema))
  }

  each(change) {
    const entries = Object.entries(this.shape).map(([key, schema]) => [key, change(schema, key)])
    return this.clone({ shape: Object.fromEntries(entries) })
  }

  strip() {
    return this.clone({ catchall: undefined })
  }

  loose() {
    return this.catchall(ANYTHING)
  }

  catchall(catchall) {
    return this.clone({ catchall })
  }
}

/** The `catchall` of objects that allow no other properties. */
export const NEVER = new ZodType()
/** The `catchall` of objects that keep all other properties. */
const ANYTHING = new (class extends ZodType {
  read = (payload) => payload
})()

function readProperty(payload, key, schema, input) {
  const { value, issues } = schema.run({ value: input[key], issues: [] })
  const { optin, optout } = schema
  const isMissing = !(key in input)
  if (isMissing && optout === 'optional' && (optin === 'optional' || issues.length > 0)) return
  payload.issues.push(...below(key, issues))
  if (isMissing && optin === undefined) {
    const issue = { code: 'invalid_type', expected: 'nonoptional', path: [key] }
    if (issues.length === 0) add(payload, undefined, { ...issue, input: undefined })
  } else if (value !== undefined || !isMissing || (optin === 'defaulted' && optout !== 'optional')) {
    payload.value[key] = value
  }
}

export class ZodRecord extends ZodType {
  read(payload) {
    const input = payload.value
    if (!isObject(input)) return wrongType(this, payload, 'record')
    payload.value = {}
    for (const key of Object.keys(input)) if (key !== '__proto__') this.readEntry(payload, key, input[key])
    return payload
  }

  readEntry(payload, key, input) {
    const name = this.def.keyType.run({ value: key, issues: [] })
    if (name.issues.length > 0) {
      add(payload, this, { code: 'invalid_key', origin: 'record', input: key, path: [key] })
      return
    }
    if (name.value === '__proto__') return
    const { value, issues } = this.def.valueType.run({ value: input, issues: [] })
    payload.issues.push(...below(key, issues))
    payload.value[name.value] = value
  }
}

export class ZodArray extends ZodType {
  read(payload) {
    const input = payload.value
    if (!Array.isArray(input)) return wrongType(this, payload, 'array')
    if (this.refuseLong(payload)) return payload
    payload.value = input.map((item, i) => readItem(payload, this.def.element, item, i))
    return payload
  }

  /** A list that is too long is not read, because that could take long. */
  refuseLong(payload) {
    const others = this.def.checks.findIndex(({ maximum }) => maximum === undefined)
    const limits = others < 0 ? this.def.checks : this.def.checks.slice(0, others)
    const exceeded = limits.find(({ maximum }) => maximum !== null && payload.value.length > maximum)
    if (!exceeded) return false
    runCheck(this, payload, exceeded)
    payload.issues.at(-1).continue = false
    return true
  }

  min(minimum, params) {
    return this.check(minLength(minimum, params))
  }

  max(maximum, params) {
    return this.check(maxLength(maximum, params))
  }
}

export class ZodTuple extends ZodType {
  read(payload) {
    const { items } = this.def
    const input = payload.value
    if (!Array.isArray(input)) return wrongType(this, payload, 'tuple')
    const size = { input, inclusive: true, origin: 'array' }
    payload.value = []
    if (input.length < items.length) return add(payload, this, { code: 'too_small', minimum: items.length, ...size })
    if (input.length > items.length) add(payload, this, { code: 'too_big', maximum: items.length, ...size })
    payload.value = items.map((item, i) => readItem(payload, item, input[i], i))
    return payload
  }
}

function readItem(payload, schema, item, i) {
  const { value, issues } = schema.run({ value: item, issues: [] })
  payload.issues.push(...below(i, issues))
  return value
}
