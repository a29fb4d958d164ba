import { add, adding, isAborted, isStopped, withError } from './issues.mjs'

// What a schema checks after the type: `run` adds an issue to the payload if the value is wrong.

/** Runs the checks that make sense: none after a wrong type, except those of a length. */
export function runChecks(schema, payload, checks) {
  let aborted = isAborted(payload)
  for (const check of checks) {
    if (check.when ? isStopped(payload) || !check.when(payload) : aborted) continue
    aborted = runCheck(schema, payload, check) || aborted
  }
  return payload
}

/** @returns whether a check failed so that no further ones make sense */
export function runCheck(schema, payload, check) {
  const before = payload.issues.length
  check.run(payload)
  for (const issue of payload.issues.slice(before)) issue.schema ??= schema
  return payload.issues.length > before && isAborted(payload, before)
}

function checkOf(params, issueOf, more) {
  const check = {
    def: withError(params),
    run(payload) {
      const issue = issueOf(payload.value)
      if (issue) add(payload, check, { continue: true, ...issue })
    },
    ...more,
  }
  return check
}

const hasLength = { when: ({ value }) => value?.length !== undefined }
const originOf = (value) => (Array.isArray(value) ? 'array' : typeof value === 'string' ? 'string' : 'unknown')

export function maxLength(maximum, params) {
  const issueOf = (value) =>
    !(lengthOf(value, maximum) <= maximum) && { origin: originOf(value), code: 'too_big', maximum, inclusive: true }
  return checkOf(params, issueOf, { ...hasLength, maximum })
}

export function minLength(minimum, params) {
  const issueOf = (value) =>
    !(lengthOf(value, minimum) >= minimum) && { origin: originOf(value), code: 'too_small', minimum, inclusive: true }
  return checkOf(params, issueOf, { ...hasLength, maximum: null })
}

/** A character may be two code units, so they are counted only where that decides. */
function lengthOf(value, limit) {
  const { length } = value
  return typeof value === 'string' && length >= limit && length <= 2 * limit ? [...value].length : length
}

export function max(maximum, params) {
  return checkOf(params, (value) => value > maximum && { origin: 'number', code: 'too_big', maximum, inclusive: true })
}

export function min(minimum, params) {
  return checkOf(
    params,
    (value) => value < minimum && { origin: 'number', code: 'too_small', minimum, inclusive: true }
  )
}

export function integer(params) {
  const { MAX_SAFE_INTEGER: maximum, MIN_SAFE_INTEGER: minimum } = Number
  return checkOf(params, (value) => {
    if (!Number.isInteger(value)) return { code: 'invalid_type', expected: 'int', format: 'safeint', continue: false }
    if (value > maximum) return { code: 'too_big', maximum, origin: 'int', inclusive: true }
    return value < minimum && { code: 'too_small', minimum, origin: 'int', inclusive: true }
  })
}

export function regex(pattern, params) {
  const issue = { origin: 'string', code: 'invalid_format', format: 'regex', pattern: pattern.toString() }
  return checkOf(params, (value) => {
    pattern.lastIndex = 0
    return !pattern.test(value) && issue
  })
}

/** @param test whether the text has the format */
function format(name, test) {
  return checkOf(undefined, (text) => !test(text) && { code: 'invalid_format', format: name })
}

export const BASE64 = format('base64', isBase64)

function isBase64(text) {
  if (/\s/.test(text) || text.length % 4 !== 0) return false
  try {
    atob(text)
    return true
  } catch {
    return false
  }
}

const DAY = String.raw`(?:(?:\d\d[2468][048]|\d\d[13579][26]|\d\d0[48]|[02468][048]00|[13579][26]00)-02-29|\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|(?:02)-(?:0[1-9]|1\d|2[0-8])))`
const TIME = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)`
const DATE_TIME_PATTERN = new RegExp(`^${DAY}T${TIME}$`)

/** With an offset from UTC. */
export const DATE_TIME = format('datetime', (text) => DATE_TIME_PATTERN.test(text))

/** An address with http:// or https://. The parser of URLs ignores tabs and line breaks, so they are removed. */
export const WEB_URL = {
  def: {},
  run(payload) {
    const text = payload.value.trim()
    if (/^https?:\/\//i.test(text) && URL.canParse(text)) payload.value = text.replace(/[\t\n\r]/g, '')
    else add(payload, WEB_URL, { code: 'invalid_format', format: 'url', continue: true })
  },
}

export function refine(test, params) {
  const { path = [] } = params ?? {}
  return checkOf(params, (value) => !test(value) && { code: 'custom', path: [...path] })
}

export function superRefine(refinement) {
  const check = { def: {}, run: (payload) => refinement(payload.value, adding(payload, check, { continue: true })) }
  return check
}

export function overwrite(change) {
  return {
    def: {},
    run(payload) {
      payload.value = change(payload.value)
    },
  }
}
