import { filledForm } from '../../kit/html/controls'
import { DASHBOARD } from '../../kit/lib/paths'
import { hashOf } from '../../kit/lib/text/hash'
import { type Book, type BookRow, toBook } from './book'
import { FIELDS, TABS } from './settings'
import { listRows } from './settings/setting'
import { CHOSEN } from './settings/theme-gallery'

/** The field that says what the form was filled with. */
export const FILLED = 'filled'

/** @returns what the inputs of the form contain */
export function fillBookForm(row: BookRow): URLSearchParams {
  const book: Record<string, unknown> = toBook(row)
  const inputs = listRows(FIELDS).map(([name, { control }]) => control.fill(book[name], name))
  const form = filledForm(Object.assign({}, ...inputs))
  form.set(FILLED, Object.entries(readBookForm(form)).map(markOf).join(' '))
  return form
}

/** Stands for the value of a setting. */
const markOf = ([name, value]: [string, unknown]): string => `${name}:${hashOf(JSON.stringify(value ?? null))}`

/** @returns what was entered in the form, not yet checked */
export function readBookForm(form: URLSearchParams): Record<string, unknown> {
  return Object.fromEntries(listRows(FIELDS).map(([name, { control }]) => [name, control.read(form, name)]))
}

/**
 * A form may have been open for long: what was only filled in puts no setting back that was changed since.
 * @returns what was entered in the form and differs from the book, not yet checked
 */
export function readChanges(form: URLSearchParams, row: BookRow): Record<string, unknown> {
  const book: Record<string, unknown> = toBook(row)
  const filled = new Set(form.get(FILLED)?.split(' '))
  const isChanged = ([name, value]: [string, unknown]) =>
    JSON.stringify(value) !== JSON.stringify(book[name]) && !filled.has(markOf([name, value]))
  return Object.fromEntries(Object.entries(readBookForm(form)).filter(isChanged))
}

/** Each dashboard page of a book is below this path. */
export const settingsPath = (slug: string): string => `${DASHBOARD.books}/${slug}`

/**
 * @param before the book before the change @param changed names of settings
 * @returns the address that says that they were saved, and points to the last one. A theme is chosen with a button: the
 *   address points to its card, and names the old theme, to put it back
 */
export function savedPath({ slug, theme }: Book, changed: string[]): string {
  const path = `${settingsPath(slug)}?saved=${changed.join(',')}`
  if (changed.includes('theme')) return `${path}&was=${theme}#${CHOSEN}`
  const last = changed.at(-1)
  const tab = TABS.find(({ rows }) => rows.some(([name]) => name === last))
  const place = changed.length > 1 ? tab?.id : last && settingId(last)
  return place ? `${path}#${place}` : path
}

/** The id of a setting on the page, with its inputs. */
export const settingId = (name: string): string => `setting-${name}`

/** @param names from the address, where anybody can write anything. @returns the titles of those that are settings */
export function titlesOfFields(names: string): string[] {
  const saved = names.split(',')
  return listRows(FIELDS).flatMap(([name, { title }]) => (saved.includes(name) ? [title] : []))
}

/** @returns the control of a setting, if there is such a setting */
export const controlOf = (name: string) => new Map(listRows(FIELDS)).get(name)?.control
