import type { Child, PropsWithChildren } from '#jsx'
import { Help } from '../../kit/html/help'
import { Check, Input, Select, TextArea } from '../../kit/html/parts/fields'
import { Fold } from '../../kit/html/parts/form'
import { HEADERS_MAX, REDACTED } from '../rules/delivering/custom-headers'
import { MAX_INTERVAL } from '../rules/delivering/pace'
import { EVENT_TYPES, findEventType, isAboutRegistration } from '../rules/events/catalogue'
import { FORMATS, type Format, formatOf } from '../rules/events/formats'
import type { FormatDefinition } from '../rules/events/formats/format'
import { BY_URL, type EndpointFields, NO_FIELDS, typesIn } from './form'
import { MAX_RATE } from './schemas'
import { DigestInputs, TextInputs } from './texts/views'

/** The inputs for an endpoint. Collapsed sections contain the rarely used ones. */
export function EndpointInputs({ fields }: { fields: EndpointFields }) {
  return (
    <>
      <UrlInput value={fields.url} />
      <FormatInput value={fields.format} />
      <EventTypeInputs chosen={typesIn(fields.event_types)} />
      <Input
        name="description"
        label="Description"
        counted={200}
        value={fields.description}
        hint={<Help of="endpoint.named" />}
      />
      <Fold summary="More: books, headers, rate limit…" open={hasMore(fields)}>
        <MoreInputs fields={fields} />
      </Fold>
      <TextInputs when={fields.when} texts={fields.texts} />
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

/** Checkboxes for what exists, and a field for everything else. All have the same name, so the form adds them up. */
function EventTypeInputs({ chosen }: { chosen: string[] }) {
  const listed = EVENT_TYPES.map(({ name }) => name).filter((name) => !isAboutRegistration(name))
  const others = chosen.filter((type) => type !== '*' && !listed.includes(type))
  return (
    <fieldset>
      <legend>Which events?</legend>
      <Check
        name="event_types"
        value="*"
        checked={chosen.includes('*')}
        label={
          <>
            All, <Help of="types.all" />
          </>
        }
      />
      {listed.map((type) => (
        <TypeCheck {...{ type, chosen }} />
      ))}
      <Input
        name="event_types"
        label="Other event types, separated by spaces"
        value={others.join(' ')}
        placeholder="comment.* order.paid"
        hint={<Help of="endpoint.types" />}
      />
    </fieldset>
  )
}

/** A box for one type of event, with what it means. */
export function TypeCheck({ type, chosen }: { type: string; chosen: readonly string[] }) {
  const label = (
    <>
      {findEventType(type)?.description} <code>{type}</code>
    </>
  )
  return <Check name="event_types" value={type} checked={chosen.includes(type)} label={label} />
}

/** @param hint what the field says about the URL */
export function UrlInput({ value, hint }: { value: string; hint?: Child }) {
  return (
    <Input
      name="url"
      label="URL"
      type="url"
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

function MoreInputs({ fields }: { fields: EndpointFields }) {
  return (
    <>
      <Input name="books" label="Books" value={fields.books} hint={<Help of="endpoint.books" />} />
      <OfFormats has={({ isEmail }) => !isEmail}>
        <TextArea
          name="headers"
          label="Headers"
          rows={3}
          value={fields.headers}
          hint={<Help of="endpoint.headers" max={HEADERS_MAX} redacted={REDACTED} />}
        />
      </OfFormats>
      <OfFormats has={({ isForPrograms, isPaced }) => isForPrograms && !isPaced}>
        <Check
          name="legacy_signature"
          value="hub"
          checked={fields.legacy_signature === 'hub'}
          label={<Help of="endpoint.hub" or="X-Hub-Signature-256" />}
        />
      </OfFormats>
      <OfFormats has={({ hasNoTexts }) => !hasNoTexts}>
        <Check
          name="no_moderation_links"
          checked={fields.no_moderation_links !== ''}
          label={<Help of="endpoint.no_links" or="No moderation links" />}
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
          hint={<Help of="endpoint.rate" />}
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
          hint={<Help of="endpoint.interval" />}
        />
      </OfFormats>
    </>
  )
}
