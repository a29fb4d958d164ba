import { isLongNumber } from '../../../kit/lib/json'
import { compareNumbers, fitsDouble } from '../../../kit/lib/numbers'
import { err, ok, type Result } from '../../../kit/lib/result'
import { evaluate, type Path, parsePath, shown, type TemplateScope, TOKEN, writeValue } from './values'

const CONDITION_MAX = 4_000

interface Test {
  negated: boolean
  left: Path
  op: '==' | '!=' | 'contains' | '>' | '<' | null
  right: Literal
}

/** What a condition compares with, as text; null for `null`. */
type Literal = { text: string | null; isNumber: boolean }

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
  const literal = right === undefined ? ok(NONE) : parseLiteral(right.trim())
  if (!literal.ok) return literal
  return ok({ negated: not !== undefined, left: path.value, op: op as Test['op'], right: literal.value })
}

const NONE: Literal = { text: null, isNumber: false }

function parseLiteral(text: string): Result<Literal, string> {
  const quoted = /^(?:"([^"]*)"|'([^']*)')$/.exec(text)
  if (quoted) return ok({ text: quoted[1] ?? quoted[2] ?? '', isNumber: false })
  if (text === 'true' || text === 'false') return ok({ text, isNumber: false })
  if (text === 'null') return ok(NONE)
  if (/^-?\d+(\.\d+)?$/.test(text)) return ok({ text: fitsDouble(text) ? String(Number(text)) : text, isNumber: true })
  return err(`"${shown(text)}" must be text in quotes, a number, true, false, or null.`)
}

/** Whether a condition is true. Never throws, whatever the scope contains. */
export function holds(condition: Condition, scope: TemplateScope): boolean {
  return condition.some((tests) => tests.every((test) => passes(test, scope)))
}

function passes({ negated, left, op, right }: Test, scope: TemplateScope): boolean {
  const value = evaluate(left, scope)
  return negated !== (op === null ? isTruthy(value) : compare(value, op, right))
}

const isTruthy = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : Boolean(value))

function compare(value: unknown, op: NonNullable<Test['op']>, right: Literal): boolean {
  switch (op) {
    case '==':
      return isSame(value, right)
    case '!=':
      return !isSame(value, right)
    case 'contains':
      return Array.isArray(value)
        ? value.some((item) => isSame(item, right))
        : writeValue(value).includes(String(right.text))
    case '>':
      return compareNumbers(value, right.text) > 0
    case '<':
      return compareNumbers(value, right.text) < 0
  }
}

/** Compares values as text, because all form fields are text: "5" equals 5. Long numbers are texts, too. */
function isSame(value: unknown, right: Literal): boolean {
  if (right.text === null || value === null || value === undefined) return (value ?? null) === right.text
  if (typeof value === 'object') return false
  const text = String(value)
  return text === right.text || (right.isNumber && isLongNumber(text) && compareNumbers(text, right.text) === 0)
}
