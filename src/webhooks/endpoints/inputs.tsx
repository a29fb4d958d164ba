import { type Child, createContext, type PropsWithChildren, useContext } from '#jsx'
import { Check, Input, Select } from '../../kit/html/parts/fields'
import { UserCode, UserText } from '../../kit/html/user-text'
import type { BookChoice } from '../program'
import { EVENT_TYPES, type EventType, isAboutRegistration } from '../rules/events/catalogue'
import { FORMATS, type Format, formatOf } from '../rules/events/formats'
import type { FormatDefinition } from '../rules/events/formats/format'

/* The larger inputs of the form of an endpoint, and of the form with which integrators register. */

type Named = Pick<EventType, 'name' | 'description'>

export interface EndpointChoices {
  /** The owner's event types. */
  own: Named[]
  books: BookChoice[]
}

/** What the form of an endpoint offers. */
export const Offered = createContext<EndpointChoices>({ own: [], books: [] })

/** @param type `text` if it may be an e-mail address. @param hint what the field says about the URL */
export function UrlInput({ value, type = 'url', hint }: { value: string; type?: 'text' | 'url'; hint?: Child }) {
  return (
    <Input
      name="url"
      label="URL"
      type={type}
      inputmode="url"
      required
      value={value}
      placeholder="https://example.com/webhooks"
      hint={hint}
    />
  )
}

/** The value of the form's `format` that chooses by the URL. */
export const BY_URL = 'by_url'

const FORMAT_CHOICES = {
  [BY_URL]: 'Choose automatically from the URL',
  ...Object.fromEntries(FORMATS.map((format) => [format, formatOf(format).label])),
}

/** By which URLs dashboard.js recognizes a format, in the order of `proposeFormat`. */
const DETECTED = JSON.stringify(
  FORMATS.map((name) => ({ name, urls: (formatOf(name).urls ?? []).map(({ source }) => source) }))
)

export function FormatInput({ value }: { value: string }) {
  return (
    <>
      <Select name="format" label="Format" choices={FORMAT_CHOICES} value={value} />
      <p class="hint" role="status" data-detect={DETECTED} />
    </>
  )
}

/** Inputs that only some formats have. dashboard.js hides them if another format is chosen. */
export function OfFormats({ has, children }: PropsWithChildren<{ has: (format: FormatDefinition) => unknown }>) {
  const names: Format[] = FORMATS.filter((name) => has(formatOf(name)))
  return <div data-formats={names.join(' ')}>{children}</div>
}

/** What a new endpoint gets, unless its form says otherwise: not what tells about other endpoints, which few want. */
export const OF_ENTRIES = 'comment.*'

/** @returns the event types that the form of an endpoint offers */
export function useTypes(): Named[] {
  const { own } = useContext(Offered)
  return [...EVENT_TYPES.filter(({ name }) => !isAboutRegistration(name)), ...own]
}

/** Checkboxes for what exists, and a field for everything else. All have the same name, so the form adds them up. */
export function EventTypeInputs({ form }: { form: URLSearchParams }) {
  const types = useTypes()
  const chosen = typesIn(form)
  const boxes = ['*', OF_ENTRIES, ...types.map(({ name }) => name)]
  const others = chosen.filter((type) => !boxes.includes(type))
  return (
    <fieldset>
      <legend>Which events?</legend>
      <Check
        name="event_types"
        value="*"
        checked={chosen.includes('*')}
        label="All, also about endpoints, and future types"
      />
      <Check
        name="event_types"
        value={OF_ENTRIES}
        checked={chosen.includes(OF_ENTRIES)}
        label="All about entries, including future types. To choose single events, uncheck this"
      />
      {types.map((type) => (
        <TypeCheck {...type} chosen={chosen} />
      ))}
      <Input
        name="event_types"
        label="Other event types, separated by spaces"
        value={others.join(' ')}
        placeholder="order.*"
        hint={
          <>
            Groups, or event types that you have not defined: <code>comment.*</code> means all event types that begin
            with <code>comment.</code>
          </>
        }
      />
    </fieldset>
  )
}

/** A box for a group may stay ticked without scripts. It includes each single type of the group. */
export function typesIn(form: URLSearchParams): string[] {
  const types = listed(form.getAll('event_types').join(' '))
  if (types.includes('*')) return ['*']
  const groups = types.filter((type) => type.endsWith('.*'))
  return types.filter((type) => !groups.some((group) => type !== group && type.startsWith(group.slice(0, -1))))
}

/** A box for one type of event, with what it means. */
export function TypeCheck({ name, description, chosen }: Named & { chosen: readonly string[] }) {
  return <NamedCheck name="event_types" {...{ chosen }} value={name} text={description} />
}

type NamedProps = { name: string; value: string; text: string; chosen: readonly string[] }

/** A box for what people know by a text, and programs by a name. */
function NamedCheck({ name, value, text, chosen }: NamedProps) {
  const label = (
    <>
      <UserText text={text} /> <UserCode text={value} />
    </>
  )
  return <Check {...{ name, value, label }} checked={chosen.includes(value)} />
}

/** A book that has been deleted since keeps its box, without a title. */
export function BookInputs({ form }: { form: URLSearchParams }) {
  const { books } = useContext(Offered)
  const chosen = listed(form.getAll('books').join(' '))
  const gone = chosen.filter((slug) => !books.some((book) => book.slug === slug)).map((slug) => ({ slug, title: '' }))
  return (
    <fieldset>
      <legend>Books</legend>
      {[...books, ...gone].map(({ slug, title }) => (
        <NamedCheck name="books" value={slug} text={title} chosen={chosen} />
      ))}
      <p class="hint">
        Events about other books are not sent. If you tick none, the endpoint gets the events of all books, also of
        books that you create later.
      </p>
    </fieldset>
  )
}

/** @returns null for all books */
export function booksIn(text: string): string[] | null {
  const slugs = listed(text)
  return slugs.length > 0 ? slugs : null
}

/** @returns what was entered with spaces or commas between */
const listed = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean)
