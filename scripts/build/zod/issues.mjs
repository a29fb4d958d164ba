// What is wrong with a value, in the words of zod.

let customError = () => undefined

/** Sets the function whose messages go before those of zod. */
export function config(options) {
  customError = options.customError
}

export class ZodError extends Error {
  name = 'ZodError'

  constructor(issues) {
    const finished = issues.map(finish)
    super(JSON.stringify(finished, null, 2))
    this.issues = finished
  }
}

/** @param params what a schema or a check is given for its errors: a message, or an object with one */
export function withError(params) {
  const { message, error = message, ...rest } = typeof params === 'string' ? { message: params } : (params ?? {})
  return { ...rest, ...(error !== undefined && { error: typeof error === 'function' ? error : () => error }) }
}

/** Adds an issue. @param inst the schema or the check that has found it. `continue`: whether further checks make sense */
export function add(payload, inst, issue) {
  payload.issues.push({ input: payload.value, inst, ...issue })
  return payload
}

/** Lets a function that was given to `superRefine` or `transform` add issues. @param more what its issues have by default */
export function adding(payload, inst, more) {
  payload.addIssue = (issue) => add(payload, inst, { code: 'custom', ...more, ...issue })
  return payload
}

/** Whether the value is not of the right type, so that checks and conversions would fail. */
export function isAborted({ issues, aborted = false }, start = 0) {
  return aborted || issues.slice(start).some((issue) => issue.continue !== true)
}

export function isStopped({ issues, aborted = false }) {
  return aborted || issues.some((issue) => issue.continue === false)
}

/** Moves issues below a property or an item. */
export function below(key, issues) {
  return issues.map((issue) => ({ ...issue, path: [key, ...(issue.path ?? [])] }))
}

function finish({ inst, schema, input, continue: _, ...issue }) {
  const raw = { ...issue, input }
  const own = issue.message ?? inst?.def.error?.(raw) ?? schema?.def.error?.(raw)
  return { ...issue, path: issue.path ?? [], message: own ?? customError(raw) ?? explain(raw) }
}

function explain(issue) {
  switch (issue.code) {
    case 'invalid_type':
      return `Invalid input: expected ${issue.expected}, received ${typeOf(issue.input)}`
    case 'invalid_value':
      return `Invalid ${issue.values.length === 1 ? 'input: expected' : 'option: expected one of'} ${listed(issue.values, '|')}`
    case 'too_big':
      return `Too big: expected ${issue.origin} to ${sized(issue.origin, `<=${issue.maximum}`)}`
    case 'too_small':
      return `Too small: expected ${issue.origin} to ${sized(issue.origin, `>=${issue.minimum}`)}`
    case 'invalid_format':
      return FORMATS[issue.format] ?? `Invalid string: must match pattern ${issue.pattern}`
    case 'unrecognized_keys':
      return `Unrecognized key${issue.keys.length > 1 ? 's' : ''}: ${listed(issue.keys, ', ')}`
    case 'invalid_key':
      return 'Invalid key in record'
    default:
      return 'Invalid input'
  }
}

const FORMATS = { url: 'Invalid URL', base64: 'Invalid base64-encoded string', datetime: 'Invalid ISO datetime' }
const UNITS = { string: 'characters', array: 'items' }

function sized(origin, limit) {
  return UNITS[origin] ? `have ${limit} ${UNITS[origin]}` : `be ${limit}`
}

function listed(values, separator) {
  return values.map((value) => (typeof value === 'string' ? `"${value}"` : `${value}`)).join(separator)
}

function typeOf(value) {
  if (typeof value === 'number') return Number.isNaN(value) ? 'NaN' : Number.isFinite(value) ? 'number' : String(value)
  if (typeof value !== 'object') return typeof value
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  const prototype = Object.getPrototypeOf(value)
  return prototype !== Object.prototype && value.constructor ? value.constructor.name : 'object'
}
