import { type Child, type PropsWithChildren, useContext } from '#jsx'
import { isolated } from '../lib/text/bidi'
import { cut } from '../lib/text/shorten'
import { Address, newerPage, olderPage } from './contexts/address'
import { Input, Select } from './parts/fields'
import { Form, Submit } from './parts/form'

/*
 * What every list has: filters above it, rows that stay up to date, links to other pages below it, and a text while it
 * is empty.
 */

interface PagesProps {
  /** The cursor of the next page; null on the last page. */
  next: string | null
  /** The name of the cursor in the query. */
  param?: string
  /** The id of the list, so that its next page starts there. */
  at?: string
}

/** The id of a list that is the only one of its page. */
export const LIST = 'list'

/** Where a list starts. The links to its other pages and its filter lead here, so that people keep their place. */
export function ListStart() {
  return <div id={LIST} class="list-start" />
}

export function Pages({ next, param = 'cursor', at = LIST }: PagesProps) {
  const address = useContext(Address)
  const newer = newerPage(address, param)
  const hash = `#${at}`
  if (next === null && newer === null) return null
  return (
    <nav class="pages" aria-label="Pages">
      {newer !== null && (
        <a rel="prev" href={newer + hash}>
          « Newer
        </a>
      )}
      {next !== null && (
        <a rel="next" href={olderPage(address, param, next) + hash}>
          Older »
        </a>
      )}
    </nav>
  )
}

/** The details before and after this one in the list. */
export function Neighbors({ newer, older }: { newer: string | null; older: string | null }) {
  return (
    <nav class="pages" aria-label="Neighbors">
      {newer && (
        <a rel="prev" href={newer}>
          « Newer
        </a>
      )}
      {older && (
        <a rel="next" href={older}>
          Older »
        </a>
      )}
    </nav>
  )
}

export type Choice = [value: string, label: string]

export interface FilterField<Name extends string> {
  name: Name
  label: string
  type?: 'search' | 'datetime-local'
  placeholder?: string
  maxlength?: number
  /** What is suggested, in a list with the id `list`. */
  suggestions?: readonly string[]
  list?: string
  /** Offered besides "All", or what `none` calls the list without a choice. */
  choices?: Choice[]
  none?: string
}

interface FilterFormProps<Name extends string> {
  /** The path of the list. */
  action: string
  fields: FilterField<Name>[]
  typed: Record<Name, string>
  /** The id of the list. */
  at?: string
}

/** The form above a list. The filter is in the URL, so a filtered list can be reloaded, bookmarked and sent. */
export function FilterForm<Name extends string>({ action, fields, typed, at = LIST }: FilterFormProps<Name>) {
  return (
    <Form class="filters" method="get" action={`${action}#${at}`}>
      {fields.map((field) => (
        <div>
          <FilterInput {...field} id={`filter-${field.name}`} value={typed[field.name]} />
        </div>
      ))}
      <Submit label="Filter" />
      {Object.values(typed).some((text) => text !== '') && (
        <a class="button" href={`${action}#${at}`}>
          Clear
        </a>
      )}
      <p class="hint keys" data-keys hidden>
        Keys: <kbd>j</kbd> and <kbd>k</kbd> go down and up, <kbd>Enter</kbd> opens, <kbd>/</kbd> searches.
      </p>
    </Form>
  )
}

const MAX_LENGTH = 255

function FilterInput({ choices, none = 'All', ...field }: FilterField<string> & { id: string; value: string }) {
  if (!choices) return <Input maxlength={MAX_LENGTH} {...field} />
  const isolating = choices.map(([value, label]): Choice => [value, isolated(label)])
  return <Select {...field} choices={[['', none], ...isolating]} />
}

/** @returns what was typed into the filter, by name; empty if nothing was */
export function readTyped<Name extends string>(query: URLSearchParams, names: readonly Name[]): Record<Name, string> {
  const typed = names.map((name) => [name, cut((query.get(name) ?? '').trim(), MAX_LENGTH)])
  return Object.fromEntries(typed) as Record<Name, string>
}

/**
 * Reads the value of a datetime-local input, such as `2026-11-24T10:00`, as UTC.
 * @returns epoch milliseconds; undefined for any other value, which sets no limit
 */
export function readTime(text: string): number | undefined {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(`${text.slice(0, 16)}Z`) : -1
  return at >= 0 ? at : undefined
}

interface EmptyListProps {
  /** What is missing, as a sentence. */
  title: string
  /** The one action that fills the list: a link or a form. */
  act?: Child
}

/** A list in which there is nothing at all. The children say what will be here, and what it is good for. */
export function EmptyList({ title, act, children }: PropsWithChildren<EmptyListProps>) {
  return (
    <div class="empty">
      <p>
        <b>{title}</b> {children}
      </p>
      {act}
    </div>
  )
}

/** A filter that matches nothing. @param href the list without filters */
export function NoMatches({ what, href }: { what: string; href: string }) {
  return (
    <p class="empty">
      No {what} match the filter. <a href={href}>Show all</a>
    </p>
  )
}

/** The usual action of an empty list. */
export function ActLink({ href, children }: PropsWithChildren<{ href: string }>) {
  return (
    <a class="button" href={href}>
      {children}
    </a>
  )
}
