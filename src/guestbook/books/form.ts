import { type BookRow, toBook } from './book'
import { FIELDS } from './settings'
import { listRows } from './settings/setting'

/** @returns what the inputs of the form contain */
export function fillBookForm(row: BookRow): URLSearchParams {
  const book: Record<string, unknown> = toBook(row)
  const inputs = listRows(FIELDS).map(([name, { control }]) => control.fill(book[name], name))
  return new URLSearchParams(Object.assign({}, ...inputs))
}

/** @returns what was entered in the form, not yet checked */
export function readBookForm(form: URLSearchParams): Record<string, unknown> {
  return Object.fromEntries(listRows(FIELDS).map(([name, { control }]) => [name, control.read(form, name)]))
}

/** Each dashboard page of a book is below this path. */
export function settingsPath(slug: string): string {
  return `/admin/books/${slug}`
}
