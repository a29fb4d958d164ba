import type { Child, PropsWithChildren } from '#jsx'
import { Check, Input, Select, TextArea } from '../../kit/html/parts/fields'
import { Fold } from '../../kit/html/parts/form'
import { UserCode, UserText } from '../../kit/html/user-text'
import { HEADERS_MAX, REDACTED } from '../rules/delivering/custom-headers'
import { MAX_INTERVAL } from '../rules/delivering/pace'
import { EVENT_TYPES, type EventType, isAboutRegistration } from '../rules/events/catalogue'
import { FORMATS, type Format, formatOf } from '../rules/events/formats'
import type { FormatDefinition } from '../rules/events/formats/format'
import { BY_URL, type EndpointFields, listed, NO_FIELDS, typesIn } from './form'
import { MAX_RATE } from './schemas'
import { DigestInputs, TextInputs } from './texts/views'

export interface InputsProps {
  fields: EndpointFields
  /** The owner's event types. */
  own: Named[]
  books: Book[]
}

type Named = Pick<EventType, 'name' | 'description'>
type Book = { slug: string; title: string }

/** The inputs for an endpoint. Collapsed sections contain the rarely used ones. */
export function EndpointInputs({ fields, own, books }: InputsProps) {
  const types = [...EVENT_TYPES.filter(({ name }) => !isAboutRegistration(name)), ...own]
  return (
    <>
      <UrlInput
        value={fields.url}
        type="text"
        hint={
          <>
            Where the events go: a URL or an e-mail address. How to get messages on your phone or in a chat:{' '}
            <a href="/docs/notifications">Notifications</a>.
          </>
        }
      />
      <FormatInput value={fields.format} />
      <EventTypeInputs types={types} chosen={typesIn(fields.event_types)} />
      <Input
        name="description"
        label="Description"
        counted={200}
        value={fields.description}
        hint="The name in lists and titles. By default, the host and path."
      />
      <Fold summary="More: books, headers, rate limit…" open={hasMore(fields)}>
        <MoreInputs fields={fields} books={books} />
      </Fold>
      <TextInputs when={fields.when} texts={fields.texts} types={types.map(({ name }) => name)} />
      <OfFormats has={({ isForPrograms }) => !isForPrograms}>
        <DigestInputs digest={fields.digest} hour={fields.digest_hour} />
      </OfFormats>
    </>
  )
}

const CHOICES = {
  [BY_URL]: 'Choose automatically from the URL',
  ...Object.fromEntries(FORMATS.map((format) => [format, formatOf(format).label])),
}

/** By which URLs dashboard.js recognizes a format, in the order of `proposeFormat`. */
const DETECTED = JSON.stringify(
  FORMATS.map((name) => ({ name, urls: (formatOf(name).urls ?? []).map(({ source }) => source) }))
)

function FormatInput({ value }: { value: string }) {
  return (
    <>
      <Select name="format" label="Format" choices={CHOICES} value={value} />
      <p class="hint" role="status" data-detect={DETECTED} />
    </>
  )
}

/** Fields that only some formats have. dashboard.js hides them if another format is chosen. */
function OfFormats({ has, children }: PropsWithChildren<{ has: (format: FormatDefinition) => unknown }>) {
  const names: Format[] = FORMATS.filter((name) => has(formatOf(name)))
  return <div data-formats={names.join(' ')}>{children}</div>
}

/** What a new endpoint gets, unless its form says otherwise. */
const OF_ENTRIES = 'comment.*'

/** Checkboxes for what exists, and a field for everything else. All have the same name, so the form adds them up. */
function EventTypeInputs({ types, chosen }: { types: Named[]; chosen: string[] }) {
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

const RARE = [
  'books',
  'headers',
  'legacy_signature',
  'no_moderation_links',
  'rate_limit',
  'min_interval_minutes',
] as const

const hasMore = (fields: EndpointFields): boolean => RARE.some((name) => fields[name] !== NO_FIELDS[name])

/** A book that has been deleted since keeps its box, without a title. */
function BookInputs({ books, chosen }: { books: Book[]; chosen: string[] }) {
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

function MoreInputs({ fields, books }: Pick<InputsProps, 'fields' | 'books'>) {
  return (
    <>
      <BookInputs books={books} chosen={listed(fields.books)} />
      <OfFormats has={({ isEmail }) => !isEmail}>
        <TextArea
          name="headers"
          label="Headers"
          rows={3}
          value={fields.headers}
          hint={
            <>
              These headers are added to each request. Write one <code>Name: value</code> per line, up to {HEADERS_MAX}.
              Values that look like secrets are shown as {REDACTED}. Leave that text unchanged to keep the value.
            </>
          }
        />
      </OfFormats>
      <OfFormats has={({ isForPrograms, isPaced }) => isForPrograms && !isPaced}>
        <Check
          name="legacy_signature"
          value="hub"
          checked={fields.legacy_signature === 'hub'}
          label={
            <>
              Also sign with <code>X-Hub-Signature-256</code>, for receivers written for GitHub webhooks
            </>
          }
        />
      </OfFormats>
      <OfFormats has={({ hasNoTexts }) => !hasNoTexts}>
        <Check
          name="no_moderation_links"
          checked={fields.no_moderation_links !== ''}
          label={
            <>
              Leave the moderation links out of <code>comment.held</code>. Anyone who gets these links can publish
              entries
            </>
          }
        />
      </OfFormats>
      <OfFormats has={({ isPaced }) => !isPaced}>
        <Input
          name="rate_limit"
          label="Rate limit, in deliveries per minute"
          type="number"
          min={1}
          max={MAX_RATE}
          required
          value={fields.rate_limit}
          hint={
            <>
              This limit applies to replays, and to deliveries that had to wait, for example because the endpoint was
              down. New messages are sent immediately.
            </>
          }
        />
      </OfFormats>
      <OfFormats has={({ isPaced }) => isPaced}>
        <Input
          name="min_interval_minutes"
          label="Minutes between calls, for a build hook"
          type="number"
          min={0}
          max={MAX_INTERVAL}
          value={fields.min_interval_minutes}
          hint={
            <>
              We call a build hook at most once in this interval. One call covers all events in the interval. Use the
              event types <code>comment.published comment.updated comment.removed</code>, so that other events do not
              start a build.
            </>
          }
        />
      </OfFormats>
    </>
  )
}
