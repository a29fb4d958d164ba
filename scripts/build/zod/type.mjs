import { overwrite, refine, runChecks, superRefine } from './checks.mjs'
import { add, adding, isAborted, ZodError } from './issues.mjs'

/**
 * A schema. `read` checks the type of `payload.value`, and converts it. `optin` and `optout` say whether a property may be
 * missing in what is read, and in the result: 'optional', 'defaulted' or undefined.
 */
export class ZodType {
  constructor(def) {
    this.def = { checks: [], ...def }
  }

  run(payload) {
    return runChecks(this, this.read(payload), this.def.checks)
  }

  safeParse(given) {
    const { value, issues } = this.run({ value: given, issues: [] })
    return issues.length === 0 ? { success: true, data: value } : { success: false, error: new ZodError(issues) }
  }

  parse(given) {
    const { success, data, error } = this.safeParse(given)
    if (!success) throw error
    return data
  }

  clone(more) {
    return new this.constructor({ ...this.def, ...more })
  }

  check(check) {
    return this.clone({ checks: [...this.def.checks, check] })
  }

  refine(test, params) {
    return this.check(refine(test, params))
  }

  superRefine(refinement) {
    return this.check(superRefine(refinement))
  }

  overwrite(change) {
    return this.check(overwrite(change))
  }

  optional() {
    return new ZodOptional({ inner: this })
  }

  nullable() {
    return new ZodNullable({ inner: this })
  }

  nullish() {
    return this.nullable().optional()
  }

  default(initial) {
    return new ZodDefault({ inner: this, initial })
  }

  catch(instead) {
    return new ZodCatch({ inner: this, instead })
  }

  pipe(out) {
    return new ZodPipe({ in: this, out })
  }

  transform(change) {
    return this.pipe(new ZodTransform({ change }))
  }
}

class ZodOptional extends ZodType {
  optin = this.def.inner.optin === 'defaulted' ? 'defaulted' : 'optional'
  optout = 'optional'

  read(payload) {
    const { inner } = this.def
    if (payload.value !== undefined) return inner.run(payload)
    if (inner.optin !== 'defaulted') return payload
    const { value, issues } = inner.run({ value: undefined, issues: [] })
    return { ...payload, value: issues.length === 0 ? value : undefined }
  }
}

class ZodNullable extends ZodType {
  optin = this.def.inner.optin
  optout = this.def.inner.optout

  read(payload) {
    return payload.value === null ? payload : this.def.inner.run(payload)
  }
}

class ZodDefault extends ZodType {
  optin = 'defaulted'

  read(payload) {
    const result = payload.value === undefined ? payload : this.def.inner.run(payload)
    if (result.value === undefined) result.value = structuredClone(this.def.initial)
    return result
  }
}

/** What `required` makes of a property. */
export class ZodNonOptional extends ZodType {
  read(payload) {
    const result = this.def.inner.run(payload)
    if (result.issues.length > 0 || result.value !== undefined) return result
    return add(result, this, { code: 'invalid_type', expected: 'nonoptional' })
  }
}

class ZodCatch extends ZodType {
  optin = this.def.inner.optin === 'defaulted' ? 'defaulted' : 'optional'
  optout = this.def.inner.optout

  read(payload) {
    const { value, issues } = this.def.inner.run({ value: payload.value, issues: [] })
    return { ...payload, value: issues.length === 0 ? value : this.def.instead }
  }
}

export class ZodPipe extends ZodType {
  optin = this.def.in.optin
  optout = this.def.out.optout

  read(payload) {
    const { value, issues, aborted } = this.def.in.run(payload)
    if (issues.some(({ code }) => code !== 'unrecognized_keys')) return { value, issues, aborted: true }
    return this.def.out.run({ value, issues, aborted })
  }
}

export class ZodTransform extends ZodType {
  optin = 'optional'

  read(payload) {
    payload.value = this.def.change(payload.value, adding(payload, this))
    return payload
  }
}

/** Adds the options that make sense of a union to the result. */
export class ZodUnion extends ZodType {
  optin = this.some('optin', 'defaulted') ? 'defaulted' : this.some('optin') ? 'optional' : undefined
  optout = this.some('optout') ? 'optional' : undefined

  some(side, wanted) {
    return this.def.options.some((option) => (wanted ? option[side] === wanted : option[side] !== undefined))
  }

  read(payload) {
    const results = []
    for (const option of this.def.options) {
      const result = option.run({ value: payload.value, issues: [] })
      if (result.issues.length === 0) return result
      results.push(result)
    }
    const near = results.filter((result) => !isAborted(result))
    return near.length === 1 ? near[0] : add(payload, this, { code: 'invalid_union' })
  }
}
