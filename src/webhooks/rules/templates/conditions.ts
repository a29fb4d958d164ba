import { err, ok, type Result } from '../../../kit/lib/result'
import { asNumber } from './filters'
import { evaluate, type Path, parsePath, type Scope, shown, TOKEN, writeValue } from './values'

const CONDITION_MAX = 4_000

interface Test {
  negated: boolean
  left: Path
  op: '==' | '!=' | 'contains' | '>' | '<' | null
  right: string | number | boolean | null
}

/** True if all tests in at least one group pass. */
export type Condition = Test[][]

/** Parses `action == "created" and not sender.bot or $event_type == "star"`. @returns it, or an error message */
export function parseCondition(text: string): Result<Condition, string> {
  if (text.length > CONDITION_MAX) return err(`A condition can have at most ${CONDITION_MAX} characters.`)
  const condition: Condition = []
  for (const group of splitAtWord(text, 'or')) {
    const tests: Test[] = []
    for (const part of splitAtWord(group, 'and')) {
      const test = parseTest(part)
      if (!test.ok) return test
      tests.push(test.value)
    }
    condition.push(tests)
  }
  return ok(condition)
}

/** Splits a string at a word, except inside quotes. */
function splitAtWord(text: string, word: 'and' | 'or'): string[] {
  const parts = ['']
  for (const token of text.match(TOKEN) ?? []) {
    if (token === word) parts.push('')
    else parts.push(`${parts.pop()} ${token}`)
  }
  return parts
}

const TEST = /^(not\s+)?(\S+?)(?:\s*(==|!=|>|<|\bcontains\b)\s*(.+))?$/s

function parseTest(text: string): Result<Test, string> {
  const [whole, not, left = '', op = null, right] = TEST.exec(text.trim()) ?? []
  if (whole === undefined)
    return err(`"${shown(text)}" is not a valid condition. Write one like this: action == "created"`)
  const path = parsePath(left)
  if (!path.ok) return path
  const literal = right === undefined ? ok(null) : parseLiteral(right.trim())
  if (!literal.ok) return literal
  return ok({ negated: not !== undefined, left: path.value, op: op as Test['op'], right: literal.value })
}

function parseLiteral(text: string): Result<Test['right'], string> {
  const quoted = /^(?:"([^"]*)"|'([^']*)')$/.exec(text)
  if (quoted) return ok(quoted[1] ?? quoted[2] ?? '')
  if (text === 'true' || text === 'false') return ok(text === 'true')
  if (text === 'null') return ok(null)
  const number = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (Number.isFinite(number)) return ok(number)
  return err(`"${shown(text)}" must be text in quotes, a number, true, false, or null.`)
}

/** Whether a condition is true. Never throws, whatever the scope contains. */
export function holds(condition: Condition, scope: Scope): boolean {
  return condition.some((tests) => tests.every((test) => passes(test, scope)))
}

function passes({ negated, left, op, right }: Test, scope: Scope): boolean {
  const value = evaluate(left, scope)
  return negated !== (op === null ? isTruthy(value) : compare(value, op, right))
}

const isTruthy = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : Boolean(value))

function compare(value: unknown, op: NonNullable<Test['op']>, right: Test['right']): boolean {
  switch (op) {
    case '==':
      return isSame(value, right)
    case '!=':
      return !isSame(value, right)
    case 'contains':
      return Array.isArray(value)
        ? value.some((item) => isSame(item, right))
        : writeValue(value).includes(String(right))
    case '>':
      return asNumber(value) > asNumber(right)
    case '<':
      return asNumber(value) < asNumber(right)
  }
}

/** Compares values as text, because all form fields are text: "5" equals 5. */
function isSame(value: unknown, right: Test['right']): boolean {
  if (right === null || value === null || value === undefined) return (value ?? null) === right
  return typeof value !== 'object' && String(value) === String(right)
}
