import { err, ok, type Result } from '../lib/result'
import { type Content, valuesAt } from '../verifying/request'
import { applyFilter, asNumber, isFilter } from './template-filters'

/*
 * What a message becomes in the guestbook: text with `{{paths | filters}}` and `{{#if condition}}...{{else}}...{{/if}}`, and nothing else. No loops, no
 * code, no lookups beyond a value's own properties, and every size is bounded, because the owner writes the template but a stranger the
 * values. The result is plain text: pages escape it like any other words. Libraries were looked at: those without logic have no filters and
 * conditions, the others are as large as this whole journey, or compile to code, which Workers do not run.
 */

export const TEMPLATE_MAX = 4_000
export const OUTPUT_MAX = 20_000
const MAX_TAGS = 200
const MAX_DEPTH = 8
const MAX_FILTERS = 10

export interface Scope {
  content: Content
  /** What is known beside the content, as `$event_type`. */
  known: Record<string, unknown>
}

export interface Path {
  path: string
  filters: { name: string; args: string[] }[]
}

interface Test {
  negated: boolean
  left: Path
  op: '==' | '!=' | 'contains' | '>' | '<' | null
  right: string | number | boolean | null
}

/** Any of the groups, all of a group. */
export type Condition = Test[][]

type Node =
  | { kind: 'text'; text: string }
  | { kind: 'value'; value: Path }
  | { kind: 'if'; condition: Condition; met: Node[]; otherwise: Node[] }

export type Template = Node[]

/** @returns what can be rendered, or what is wrong with it, in words */
export function parseTemplate(text: string): Result<Template, string> {
  if (text.length > TEMPLATE_MAX) return err(`A template has at most ${TEMPLATE_MAX} characters.`)
  const pieces = text.split(/\{\{(.*?)\}\}/s)
  if (pieces.length > 2 * MAX_TAGS + 1) return err(`A template has at most ${MAX_TAGS} tags.`)
  const open: Open[] = [{ nodes: [] }]
  for (const [i, piece] of pieces.entries()) {
    const fault = i % 2 ? addTag(open, piece.trim()) : addText(open, piece)
    if (fault !== null) return err(fault)
  }
  const [root] = open
  if (open.length > 1 || !root) return err('An {{#if}} is not closed: write {{/if}} where it ends.')
  return ok(root.nodes)
}

/** A list that is being filled; below the root, it belongs to an `if`. */
interface Open {
  nodes: Node[]
  of?: Extract<Node, { kind: 'if' }>
}

function addText(open: Open[], text: string): string | null {
  if (text.includes('{{')) return 'A {{ is not closed: write }} where it ends.'
  if (text !== '') open.at(-1)?.nodes.push({ kind: 'text', text })
  return null
}

function addTag(open: Open[], tag: string): string | null {
  if (tag.startsWith('#if ')) return openIf(open, tag.slice(4))
  if (tag === 'else') return openElse(open)
  if (tag === '/if') return closeIf(open)
  if (/^[#/]/.test(tag)) return `There is no {{${shown(tag)}}}. Known are #if, else and /if.`
  const value = parsePath(tag)
  if (!value.ok) return value.error
  open.at(-1)?.nodes.push({ kind: 'value', value: value.value })
  return null
}

function openIf(open: Open[], text: string): string | null {
  if (open.length > MAX_DEPTH) return `{{#if}} goes at most ${MAX_DEPTH} deep.`
  const condition = parseCondition(text)
  if (!condition.ok) return condition.error
  const of = { kind: 'if' as const, condition: condition.value, met: [], otherwise: [] }
  open.at(-1)?.nodes.push(of)
  open.push({ nodes: of.met, of })
  return null
}

function openElse(open: Open[]): string | null {
  const top = open.at(-1)
  if (!top?.of || top.nodes === top.of.otherwise) return '{{else}} stands once, inside an {{#if}}.'
  top.nodes = top.of.otherwise
  return null
}

function closeIf(open: Open[]): string | null {
  if (open.length === 1) return '{{/if}} closes nothing.'
  open.pop()
  return null
}

const TOKEN = /"([^"]*)"|'([^']*)'|[^\s"']+/g

/** `action == "created" and not sender.bot or $event_type == "star"` */
export function parseCondition(text: string): Result<Condition, string> {
  if (text.length > TEMPLATE_MAX) return err('That condition is too long.')
  const condition: Condition = []
  for (const group of splitOutside(text, 'or')) {
    const tests: Test[] = []
    for (const part of splitOutside(group, 'and')) {
      const test = parseTest(part)
      if (!test.ok) return test
      tests.push(test.value)
    }
    condition.push(tests)
  }
  return ok(condition)
}

/** By a word that is not in quotes. */
function splitOutside(text: string, word: 'and' | 'or'): string[] {
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
  if (whole === undefined) {
    return err(`"${shown(text)}" is no condition. Write one like: action == "created"`)
  }
  const path = parsePath(left)
  if (!path.ok) return path
  const literal = right === undefined ? ok(null) : parseLiteral(right.trim())
  if (!literal.ok) return literal
  return ok({
    negated: not !== undefined,
    left: path.value,
    op: op as Test['op'],
    right: literal.value,
  })
}

function parseLiteral(text: string): Result<Test['right'], string> {
  const quoted = /^(?:"([^"]*)"|'([^']*)')$/.exec(text)
  if (quoted) return ok(quoted[1] ?? quoted[2] ?? '')
  if (text === 'true' || text === 'false') return ok(text === 'true')
  if (text === 'null') return ok(null)
  const number = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (Number.isFinite(number)) return ok(number)
  return err(`"${shown(text)}" is neither text in quotes, a number, true, false nor null.`)
}

/** `sender.login | default: "somebody" | truncate: 20` */
function parsePath(text: string): Result<Path, string> {
  const [given = '', ...filters] = splitPipes(text)
  const path = given.replace(/\[(\d+)\]/g, '.$1')
  if (!/^\$?[\w@-]+(\.[\w@$:/-]+)*$/.test(path) && path !== '.') {
    return err(`"${shown(path)}" is no path. Write one like: {{sender.login}}`)
  }
  if (filters.length > MAX_FILTERS) return err(`A value takes at most ${MAX_FILTERS} filters.`)
  const parsed = filters.map(parseFilter)
  const unknown = parsed.find(({ name }) => !isFilter(name))
  if (unknown) return err(`There is no filter "${shown(unknown.name)}".`)
  return ok({ path, filters: parsed })
}

function splitPipes(text: string): string[] {
  return (text.match(/(?:"[^"]*"|'[^']*'|[^|"']|["'])+/g) ?? []).map((part) => part.trim())
}

function parseFilter(text: string): { name: string; args: string[] } {
  const [, name = '', rest = ''] = /^([\w]*)\s*:?(.*)$/s.exec(text) ?? []
  const args = [...rest.matchAll(TOKEN)].map(([token, double, single]) => double ?? single ?? token)
  return { name, args: args.filter((arg) => arg !== ',' && arg !== ':') }
}

function shown(text: string): string {
  return text.trim().slice(0, 60)
}

/** Never throws and never grows beyond its bound, whatever is in the scope. @returns at most 20,000 characters */
export function renderTemplate(template: Template, scope: Scope): string {
  let text = ''
  for (const node of template) {
    if (text.length > OUTPUT_MAX) break
    text += renderNode(node, scope)
  }
  return text.slice(0, OUTPUT_MAX).toWellFormed()
}

function renderNode(node: Node, scope: Scope): string {
  if (node.kind === 'text') return node.text
  if (node.kind === 'value') return writeValue(evaluate(node.value, scope))
  return renderTemplate(holds(node.condition, scope) ? node.met : node.otherwise, scope)
}

function evaluate({ path, filters }: Path, scope: Scope): unknown {
  const start = path === '.' ? scope.content : find(path, scope)
  return filters.reduce((value, { name, args }) => applyFilter(name, value, args), start)
}

function find(path: string, { content, known }: Scope): unknown {
  return path.startsWith('$') ? valuesAt(known, path.slice(1))[0] : valuesAt(content, path)[0]
}

export function holds(condition: Condition, scope: Scope): boolean {
  return condition.some((tests) => tests.every((test) => passes(test, scope)))
}

function passes({ negated, left, op, right }: Test, scope: Scope): boolean {
  const value = evaluate(left, scope)
  return negated !== (op === null ? isSomething(value) : compares(value, op, right))
}

function isSomething(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value)
}

function compares(value: unknown, op: NonNullable<Test['op']>, right: Test['right']): boolean {
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

/** Fields of a form are all text: "5" is 5 there. */
function isSame(value: unknown, right: Test['right']): boolean {
  if (right === null || value === null || value === undefined) return (value ?? null) === right
  return typeof value !== 'object' && String(value) === String(right)
}

/** What is no single value is named, not written out: it may be megabytes. */
function writeValue(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'object') return Array.isArray(value) ? '[list]' : '[object]'
  return String(value).slice(0, OUTPUT_MAX)
}
