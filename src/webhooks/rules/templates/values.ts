import { err, ok, type Result } from '../../../kit/lib/result'
import { cut } from '../../../kit/lib/text/shorten'
import { type Content, valuesAt } from '../verifying/request'
import { applyFilter, isFilter } from './filters'

/** The maximum length of the text that a template or one of its values can produce. */
export const OUTPUT_MAX = 20_000
const MAX_FILTERS = 10

/** What a template can refer to. */
export interface TemplateScope {
  content: Content
  /** Values in addition to the content, written with a dollar sign: `$event_type`. */
  known: Record<string, unknown>
}

/** A path to a value, and the filters to apply to it. */
export type Path = { path: string; filters: { name: string; args: string[] }[] }

/** Parses `sender.login | default: "somebody" | truncate: 20`. @returns the path, or an error message */
export function parsePath(text: string): Result<Path, string> {
  const [given = '', ...filters] = splitPipes(text)
  const path = given.replace(/\[(\d+)\]/g, '.$1')
  if (!/^\$?[\w@-]+(\.[\w@$:/-]+)*$/.test(path) && path !== '.')
    return err(`"${shown(path)}" is not a valid path. Write a path like {{sender.login}}.`)
  if (filters.length > MAX_FILTERS) return err(`A value can have at most ${MAX_FILTERS} filters.`)
  const parsed = filters.map(parseFilter)
  const unknown = parsed.find(({ name }) => !isFilter(name))
  if (unknown) return err(`Unknown filter "${shown(unknown.name)}".`)
  return ok({ path, filters: parsed })
}

function splitPipes(text: string): string[] {
  return (text.match(/(?:"[^"]*"|'[^']*'|[^|"']|["'])+/g) ?? []).map((part) => part.trim())
}

/** Matches a quoted string or a word. */
export const TOKEN = /"([^"]*)"|'([^']*)'|[^\s"']+/g

function parseFilter(text: string): { name: string; args: string[] } {
  const [, name = '', rest = ''] = /^([\w]*)\s*:?(.*)$/s.exec(text) ?? []
  const args = [...rest.matchAll(TOKEN)].map(([token, double, single]) => double ?? single ?? token)
  return { name, args: args.filter((arg) => arg !== ',' && arg !== ':') }
}

/** @returns the beginning of a string, to quote in an error message */
export const shown = (text: string): string => cut(text.trim(), 60)

/** Looks up a value and applies its filters. Reads only own properties. @returns undefined if there is no such value */
export function evaluate({ path, filters }: Path, scope: TemplateScope): unknown {
  const start = path === '.' ? scope.content : find(path, scope)
  return filters.reduce((value, { name, args }) => applyFilter(name, value, args), start)
}

function find(path: string, { content, known }: TemplateScope): unknown {
  return path.startsWith('$') ? valuesAt(known, path.slice(1))[0] : valuesAt(content, path)[0]
}

/** @returns the value as text; for a list or an object, which may be megabytes long, only `[list]` or `[object]` */
export function writeValue(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'object') return Array.isArray(value) ? '[list]' : '[object]'
  return cut(String(value), OUTPUT_MAX)
}
