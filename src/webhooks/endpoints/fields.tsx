import * as z from 'zod'
import { wellFormed } from '../../kit/body-schema'
import {
  asFlag,
  asItIs,
  type FieldRow,
  fieldRows,
  newSchemasOf,
  type Stored,
  schemasOf,
  type ValuesOf,
} from '../../kit/field-rows'
import type { Control, Filled } from '../../kit/html/controls'
import { Check, Input, TextArea } from '../../kit/html/parts/fields'
import { UserCode, UserText } from '../../kit/html/user-text'
import { fromPairs, readPairs, wholeNumber } from '../../kit/http/form'
import { checkHeaders, HEADERS_MAX, REDACTED } from '../rules/delivering/custom-headers'
import { DEFAULT_DIGEST_HOUR, DEFAULT_INTERVAL, MAX_INTERVAL, minutesOf } from '../rules/delivering/pace'
import { URL_MAX } from '../rules/delivering/url-policy'
import { EVENT_FILTER, MAX_EVENT_TYPE_LENGTH, wantsType } from '../rules/events/filter'
import { FORMATS, formatOf, proposeFormat } from '../rules/events/formats'
import type { FormatDefinition } from '../rules/events/formats/format'
import { isAddress } from '../rules/events/formats/lib/mail'
import { WHEN_MAX } from '../rules/events/when'
import type { endpoints } from '../tables/outgoing'
import { ownTextsIn, TextInputs, texts, textsFrom, when } from './condition-and-texts'
import { BookInputs, BY_URL, booksIn, EventTypeInputs, FormatInput, typesIn, UrlInput } from './inputs'
import { shownCustomHeaders } from './secrets'

/*
 * What can be changed about an endpoint. A new field needs a row here and a column in webhooks/tables/outgoing.ts.
 * manage.ts decides what a row cannot: what depends on the format, on other fields, and on who asks.
 */

/** The deliveries that are released each minute must fit into one queue call: see webhooks/work/send-orders.ts. */
export const MAX_RATE = 1_200
const DEFAULT_RATE = 300
const DESCRIPTION_MAX = 200
const NOTE_MAX = 500

type Row = typeof endpoints.$inferSelect

interface EndpointField<S extends z.ZodType, C> extends FieldRow<S, C, Row> {
  /** Which formats have it. The form hides it from others. */
  isOf?: (format: FormatDefinition) => boolean
}

/** Checks the types of a row. */
const field = <S extends z.ZodType, C>(row: EndpointField<S, C>): EndpointField<S, C> => row

/** A list without repeats, as JSON. */
const asSet: Stored<string[], string> = {
  write: (list) => JSON.stringify([...new Set(list)]),
  read: (column) => JSON.parse(column),
}

/** Where the events go, which, and in what form. */
const ABOUT = {
  url: field({
    schema: z.string().min(1).max(URL_MAX).meta({ example: 'https://example.com/webhooks' }),
    initial: '',
    /** The column has the URL as `requireEndpointUrl` returns it. */
    stored: asItIs<string>(),
    control: {
      fill: (url, name) => ({ [name]: url }),
      read: urlIn,
      show: (form) => (
        <UrlInput
          value={form.get('url') ?? ''}
          type="text"
          hint={
            <>
              Where the events go: a URL or an e-mail address. How to get messages on your phone or in a chat:{' '}
              <a href="/docs/notifications">Notifications</a>.
            </>
          }
        />
      ),
    },
  }),
  format: field({
    schema: z
      .enum(FORMATS)
      .describe(
        'The format of the request body. `standard`: the payload, byte for byte. `cloudevents`: CloudEvents 1.0 in structured ' +
          'JSON. `build-hook`: a call to the deploy hook of a static site, without any text from guests. `email`: an e-mail to a ' +
          '`mailto:` address. The other formats have the names of services, such as `slack`: a readable message, sent to a URL of the service. Every request is signed.'
      ),
    initial: 'standard',
    stored: asItIs<(typeof FORMATS)[number]>(),
    control: {
      fill: (format, name) => ({ [name]: format }),
      read: formatIn,
      show: (form, name) => <FormatInput value={form.get(name) ?? BY_URL} />,
    },
    said: { label: 'Format', show: (format) => formatOf(format).label },
  }),
  event_types: field({
    schema: z
      .array(
        z
          .string()
          .max(MAX_EVENT_TYPE_LENGTH)
          .regex(EVENT_FILTER, {
            error: ({ input }) =>
              `"${input}" is not an event type. Use "*", a type such as "comment.published", or a group such as "comment.*".`,
          })
      )
      .min(1, 'Choose at least one event type.')
      .max(50)
      .meta({ example: ['comment.*'] }),
    initial: ['*'],
    stored: asSet,
    control: {
      fill: (types, name) => ({ [name]: types.join(' ') }),
      read: (form, name) => (form.has(name) ? typesIn(form) : undefined),
      show: (form) => <EventTypeInputs form={form} />,
    },
    said: {
      label: 'Event types',
      show: (types) => (types.includes('*') ? 'All events' : <code>{types.join(' ')}</code>),
      isForIntegrators: true,
    },
  }),
  description: field({
    schema: z
      .string()
      .max(DESCRIPTION_MAX, `A description may have at most ${DESCRIPTION_MAX} characters.`)
      .refine(
        (text) => text.isWellFormed() && !/\p{Cc}/u.test(text),
        'A description may not contain control characters.'
      ),
    initial: '',
    stored: asItIs<string>(),
    control: {
      fill: (text, name) => ({ [name]: text }),
      read: (form, name) => form.get(name)?.trim(),
      show: (form, name) => (
        <Input
          name={name}
          label="Description"
          counted={DESCRIPTION_MAX}
          value={form.get(name) ?? ''}
          hint="The name in lists and titles. By default, the host and path."
        />
      ),
    },
  }),
}

/** What few endpoints need. */
const MORE = {
  books: field({
    schema: z
      .array(z.string().max(100))
      .min(1, 'List at least one book. To include all books, omit the field.')
      .max(50)
      .nullable()
      .describe('Send only messages about these books, and messages that belong to no book. Null means all books.'),
    initial: null,
    stored: {
      write: (books) => books && asSet.write(books),
      read: (column: string | null) => (column === null ? null : asSet.read(column)),
    },
    control: {
      fill: (books, name) => ({ [name]: books?.join(' ') ?? [] }),
      read: (form, name) => booksIn(form.getAll(name).join(' ')),
      show: (form) => <BookInputs form={form} />,
    },
    said: { label: 'Books', show: (books) => books?.join(' ') ?? 'all', isForIntegrators: true },
  }),
  headers: field({
    schema: z
      .record(z.string(), z.string())
      .superRefine((given, context) => {
        const checked = checkHeaders(given)
        for (const { name, fault } of checked.ok ? [] : checked.error)
          context.addIssue({ code: 'custom', path: name ? [name] : [], message: fault })
      })
      .meta({
        description: `Headers to add to each request. Values that look like secrets are returned as "${REDACTED}". Send that text unchanged to keep the stored value.`,
        example: { 'X-Site': 'blog' },
      }),
    initial: {},
    /** The column has what may be shown. The values are sealed with the secrets: see secrets.ts. */
    stored: { write: shownCustomHeaders, read: (column: string | null) => JSON.parse(column ?? '{}') },
    isOf: ({ isEmail }) => !isEmail,
    control: {
      fill: (headers, name) => ({
        [name]: Object.entries(headers)
          .map(([header, value]) => `${header}: ${value}`)
          .join('\n'),
      }),
      read: (form, name) => fromPairs(readPairs(form.get(name) ?? '', name, explainHeader), name),
      show: (form, name) => (
        <TextArea
          name={name}
          label="Headers"
          rows={3}
          value={form.get(name) ?? ''}
          hint={
            <>
              These headers are added to each request. Write one <code>Name: value</code> per line, up to {HEADERS_MAX}.
              Values that look like secrets are shown as {REDACTED}. Leave that text unchanged to keep the value.
            </>
          }
        />
      ),
    },
    said: { label: 'Headers', show: (headers) => listHeaders(headers) },
  }),
  legacy_signature: field({
    schema: z
      .enum(['hub'])
      .nullable()
      .describe(
        '`hub` adds `X-Hub-Signature-256`, for receivers written for GitHub webhooks. Those receivers use the entire string as the secret, including `whsec_`.'
      ),
    initial: null,
    stored: asItIs<'hub' | null>(),
    isOf: ({ isForPrograms, isPaced }) => isForPrograms === true && !isPaced,
    control: {
      fill: (kind, name) => ({ [name]: kind ?? [] }),
      read: (form, name) => (form.get(name) === 'hub' ? 'hub' : null),
      show: (form, name) => (
        <Check
          name={name}
          value="hub"
          checked={form.get(name) === 'hub'}
          label={
            <>
              Also sign with <code>X-Hub-Signature-256</code>, for receivers written for GitHub webhooks
            </>
          }
        />
      ),
    },
    said: { label: 'Signature', show: (kind) => kind && <>also in X-Hub-Signature-256, as GitHub signs</> },
  }),
  moderation_links: field({
    schema: z
      .boolean()
      .describe(
        'Whether `comment.held` contains links that let the receiver moderate the entry. Only ADMIN_TOKEN and keys with the scope ' +
          '`moderate` can set this to true; if they omit it, it is true. If a key without this scope changes where events go or what they contain, this becomes false.'
      ),
    initial: true,
    stored: asFlag,
    isOf: ({ hasNoTexts }) => !hasNoTexts,
    control: withoutLinksBox('no_moderation_links'),
    said: {
      label: 'Moderation links',
      show: (hasLinks, { event_types }) =>
        hasLinks || !wantsType(JSON.parse(event_types), 'comment.held') ? null : 'left out',
    },
  }),
  rate_limit: field({
    schema: z
      .int()
      .min(1)
      .max(MAX_RATE)
      .describe('The maximum number of waiting or replayed deliveries sent per minute. New messages are not limited.'),
    initial: DEFAULT_RATE,
    stored: asItIs<number>(),
    isOf: ({ isPaced }) => !isPaced,
    control: {
      fill: (rate, name) => ({ [name]: String(rate) }),
      read: (form, name) => (form.has(name) ? Number(form.get(name)) : undefined),
      show: (form, name) => (
        <Input
          name={name}
          label="Rate limit, in deliveries per minute"
          type="number"
          min={1}
          max={MAX_RATE}
          required
          value={form.get(name) ?? ''}
          hint={
            <>
              This limit applies to replays, and to deliveries that had to wait, for example because the endpoint was
              down. New messages are sent immediately.
            </>
          }
        />
      ),
    },
    said: {
      label: 'Pace',
      show: (rate, { min_interval_minutes }) =>
        min_interval_minutes ? null : <>new events immediately; waiting and replayed events up to {rate} a minute</>,
    },
  }),
  min_interval_minutes: field({
    schema: z
      .int()
      .min(0)
      .max(MAX_INTERVAL)
      .nullable()
      .describe(
        'Only for the format `build-hook`: the shortest time, in minutes, from a successful call to the next call. ' +
          `0 means one call for each event. The default is ${DEFAULT_INTERVAL}. Null for other formats.`
      ),
    initial: null,
    stored: asItIs<number | null>(),
    isOf: ({ isPaced }) => isPaced === true,
    control: {
      fill: (minutes, name) => ({ [name]: String(minutes ?? DEFAULT_INTERVAL) }),
      // An empty field means the default, not 0.
      read: (form, name) => {
        const typed = form.get(name)?.trim()
        return formatOf(formatIn(form)).isPaced && typed ? Number(typed) : null
      },
      show: (form, name) => (
        <Input
          name={name}
          label="Minutes between calls, for a build hook"
          type="number"
          min={0}
          max={MAX_INTERVAL}
          value={form.get(name) ?? ''}
          hint={
            <>
              We call a build hook at most once in this interval. One call covers all events in the interval. Use the
              event types <code>comment.published comment.updated comment.removed</code>, so that other events do not
              start a build.
            </>
          }
        />
      ),
    },
    said: {
      label: 'Pace',
      show: (minutes, { digest_hour }) =>
        minutes && digest_hour === null ? <>at most one call every {minutesOf(minutes)}</> : null,
    },
  }),
}

const WORDING = {
  when: field({
    schema: when,
    initial: null,
    stored: asItIs<string | null>(),
    control: {
      fill: (condition, name) => ({ [name]: condition ?? '' }),
      read: (form, name) => form.get(name) ?? undefined,
      show: (form, name) => (
        <TextArea
          name={name}
          label="Send only if"
          class="code"
          rows={2}
          maxlength={WHEN_MAX}
          value={form.get(name) ?? ''}
          placeholder={'data.comment.book == "main" and not data.comment.website'}
          hint={
            <>
              A path starts at the top level of the message: <code>type</code>, <code>data.comment.name</code>. Leave
              this field empty to send every event.
            </>
          }
        />
      ),
    },
    said: { label: 'Only if', show: (condition) => condition && <UserText text={condition} /> },
  }),
  texts: field({
    schema: texts,
    initial: {},
    stored: {
      write: (all) => (Object.keys(all).length === 0 ? null : JSON.stringify(all)),
      read: ownTextsIn,
    },
    isOf: ({ hasNoOwnText }) => !hasNoOwnText,
    control: {
      fill: (all) => ({ text_type: Object.keys(all), text: Object.values(all) }),
      read: textsFrom,
      show: (form) => <TextInputs form={form} />,
    },
    said: {
      label: 'Own texts',
      show: (all) => (Object.keys(all).length === 0 ? null : `for ${Object.keys(all).join(', ')}`),
    },
  }),
}

/** Its hour says whether there is a digest, so it has no column. */
export const DIGEST_SWITCH = {
  schema: z
    .enum(['off', 'daily'])
    .describe(
      '`daily`: one message a day reports everything that happened, instead of a message for each event. ' +
        'Only for formats that people read. A digest does not use `texts`.'
    ),
  initial: 'off' as const,
  isOf: ({ isForPrograms }: FormatDefinition) => !isForPrograms,
  control: {
    fill: (digest: 'off' | 'daily', name: string): Filled => ({ [name]: digest === 'daily' ? digest : [] }),
    read: (form: URLSearchParams, name: string) => (form.get(name) === 'daily' ? 'daily' : 'off'),
    show: (form: URLSearchParams, name: string) => (
      <Check
        name={name}
        value="daily"
        checked={form.get(name) === 'daily'}
        label={
          <>
            Send one message a day instead of one for each event. Only for chats, e-mail and other formats that people
            read
          </>
        }
      />
    ),
  },
}

const DIGEST = {
  digest_hour: field({
    schema: z
      .int()
      .min(0)
      .max(23)
      .nullable()
      .describe(`The hour of a daily digest, in UTC. The default is ${DEFAULT_DIGEST_HOUR}. Null without a digest.`),
    initial: null,
    stored: asItIs<number | null>(),
    isOf: DIGEST_SWITCH.isOf,
    control: {
      fill: (hour, name) => ({ [name]: String(hour ?? DEFAULT_DIGEST_HOUR) }),
      read: (form, name) =>
        form.get('digest') === 'daily' && form.has(name) ? wholeNumber(form.get(name) ?? '') : undefined,
      show: (form, name) => (
        <Input name={name} label="Hour, in UTC" type="number" min={0} max={23} value={form.get(name) ?? ''} />
      ),
    },
    said: {
      label: 'Pace',
      show: (hour) => (hour === null ? null : <>one digest a day, at {String(hour).padStart(2, '0')}:00 UTC</>),
    },
  }),
}

const NOTES = {
  note: field({
    schema: wellFormed
      .trim()
      .max(NOTE_MAX)
      .meta({ description: 'Your own note about the endpoint. Nobody else reads it.', example: 'Ask Ada.' }),
    initial: '',
    stored: asItIs<string>(),
    control: {
      fill: (text, name) => ({ [name]: text }),
      read: (form, name) => form.get(name) ?? undefined,
      show: (form, name) => (
        <TextArea
          name={name}
          label="Note"
          rows={3}
          counted={NOTE_MAX}
          value={form.get(name) ?? ''}
          hint="Only you can read it."
        />
      ),
    },
    said: {
      label: 'Note',
      show: (text) =>
        text === '' ? null : (
          <div class="words" dir="auto">
            <UserText text={text} />
          </div>
        ),
    },
  }),
}

/** The fields in the groups of the form. */
export const ENDPOINT_GROUPS = {
  about: ABOUT,
  more: MORE,
  wording: WORDING,
  digest: { digest: DIGEST_SWITCH, ...DIGEST },
  notes: NOTES,
}

export const ENDPOINT_FIELDS = fieldRows({ ...ABOUT, ...MORE, ...WORDING, ...DIGEST, ...NOTES })
const { rows } = ENDPOINT_FIELDS

/** The values as the columns have them: `min_interval_minutes` also has the interval of a digest. */
export type EndpointValues = ValuesOf<typeof rows>

export const NEW_SCHEMAS = { ...newSchemasOf(rows), digest: DIGEST_SWITCH.schema.default(DIGEST_SWITCH.initial) }
export const SCHEMAS = { ...schemasOf(rows), digest: DIGEST_SWITCH.schema }

/** @returns the URL in the form. An address means an e-mail */
function urlIn(form: URLSearchParams): string {
  const typed = form.get('url')?.trim() ?? ''
  return isAddress(typed) ? `mailto:${typed}` : typed
}

/** @returns the format that was chosen, or that the URL has */
function formatIn(form: URLSearchParams) {
  const chosen = form.get('format')
  return FORMATS.find((known) => known === chosen) ?? proposeFormat(urlIn(form))
}

/** The box takes the links away, because a box that is not checked is missing from a form: the usual state is unchecked. */
function withoutLinksBox(box: string): Control<boolean> {
  return {
    fill: (hasLinks) => ({ [box]: hasLinks ? [] : ['on'] }),
    read: (form) => !form.has(box),
    show: (form) => (
      <Check
        name={box}
        checked={form.has(box)}
        label={
          <>
            Leave the moderation links out of <code>comment.held</code>. Anyone who gets these links can publish entries
          </>
        }
      />
    ),
  }
}

function listHeaders(headers: Record<string, string>) {
  const all = Object.entries(headers)
  if (all.length === 0) return null
  return (
    <>
      {all.map(([name, value]) => (
        <div>
          <UserCode text={`${name}: ${value}`} />
        </div>
      ))}
    </>
  )
}

function explainHeader(line: string): string {
  if (line.startsWith(':')) return `"${line}" needs a name before the colon.`
  const corrected = /\s/.test(line) ? line.replace(/\s+/, ': ') : `${line}: value`
  return `"${line}" needs a colon: \`${corrected}\`.`
}
