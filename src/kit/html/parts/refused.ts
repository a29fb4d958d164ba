import { createContext, useContext } from '#jsx'
import type { FieldProblem } from '../../http/problem'

/** What is wrong with the form that was sent, while its page is rendered. */
export interface Refused {
  /** What the top of the page says about it. */
  detail?: string
  /** The errors that no field has shown yet. */
  left: FieldProblem[]
  /** Whether a field has the focus: the first one with an error. */
  hasFocus: boolean
}

/** Null if no form was refused. */
export const Refused = createContext<Refused | null>(null)

export interface FieldName {
  name: string
  /** The path of the field in the parsed form, such as `options.header`. Defaults to the name. */
  path?: string | undefined
  /** How many fields with the same name and a path of their own stand before this one. */
  nth?: number | undefined
}

/** Takes out a field's errors: another form of the page may have a field of this name. Null if there are none. */
export function takeErrors(field: FieldName): { message: string; hasFocus: boolean } | null {
  const refused = useContext(Refused)
  const mine = refused?.left.filter(({ path }) => isAbout(path, field)) ?? []
  if (!refused || mine.length === 0) return null
  const hasFocus = !refused.hasFocus
  refused.hasFocus = true
  refused.left = refused.left.filter((problem) => !mine.includes(problem))
  const messages = new Set(mine.map(({ message }) => message))
  return { message: [...messages].join(' '), hasFocus }
}

/** An error is about a field or about something in it: `template.name` about `template_name`, or about `template`. */
function isAbout(errorPath: string, { name, path = name, nth = 0 }: FieldName): boolean {
  const [, list = errorPath, index = 0] = /^(.*)\[(\d+)\]$/.exec(errorPath) ?? []
  const parts = list.split('.')
  const names = parts.map((_, i) => parts.slice(0, i + 1).join('_'))
  return Number(index) === nth && names.includes(path.replaceAll('.', '_'))
}
