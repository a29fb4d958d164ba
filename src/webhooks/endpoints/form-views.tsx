import type { Child } from '#jsx'
import { Check, Input, Select, TextArea } from '../../kit/html/parts/fields'
import { Fold } from '../../kit/html/parts/form'
import { HEADERS_MAX, REDACTED } from '../rules/delivering/custom-headers'
import { MAX_INTERVAL } from '../rules/delivering/pace'
import { EVENT_TYPES, isAboutRegistration } from '../rules/events/catalogue'
import { FORMATS, formatOf } from '../rules/events/formats'
import { BY_URL, type EndpointFields, NO_FIELDS } from './form'
import { MAX_RATE } from './schemas'
import { DigestInputs, TextInputs } from './texts/views'

/** The inputs for an endpoint. A collapsed section contains the rarely used ones. */
export function EndpointInputs({ fields }: { fields: EndpointFields }) {
  return (
    <>
      <UrlInput value={fields.url} />
      <EventTypeInputs chosen={fields.event_types.split(/[\s,]+/).filter(Boolean)} />
      <Select name="format" label="Format" choices={CHOICES} value={fields.format} />
      <Input
        name="description"
        label="Description"
        counted={200}
        value={fields.description}
        hint="For you: lists show it below the URL."
      />
      <Fold summary="More: books, headers, rate limit…" open={hasMore(fields)}>
        <MoreInputs fields={fields} />
      </Fold>
      <TextInputs when={fields.when} texts={fields.texts} />
      <DigestInputs digest={fields.digest} hour={fields.digest_hour} />
    </>
  )
}

const CHOICES = {
  [BY_URL]: 'Choose automatically from the URL',
  ...Object.fromEntries(FORMATS.map((format) => [format, formatOf(format).label])),
}

/** Checkboxes for what exists, and a field for everything else. All have the same name, so the form adds them up. */
function EventTypeInputs({ chosen }: { chosen: string[] }) {
  const listed = EVENT_TYPES.map(({ name }) => name).filter((name) => !isAboutRegistration(name))
  const others = chosen.filter((type) => type !== '*' && !listed.includes(type))
  const box = (value: string) => ({ name: 'event_types', value, checked: chosen.includes(value) })
  return (
    <fieldset>
      <legend>Which events?</legend>
      <Check {...box('*')} label="All, also those that will be added" />
      <div class="boxes">
        {listed.map((type) => (
          <Check {...box(type)} label={<code>{type}</code>} />
        ))}
      </div>
      <Input
        name="event_types"
        label="Other event types, separated by spaces"
        value={others.join(' ')}
        placeholder="comment.* order.paid"
        hint="Your own event types, or groups: `comment.*` means all that begin with `comment`."
      />
    </fieldset>
  )
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

function hasMore(fields: EndpointFields): boolean {
  const { books, headers, legacy_signature, no_moderation_links } = fields
  const isChanged = (name: 'rate_limit' | 'min_interval_minutes') => fields[name] !== NO_FIELDS[name]
  return (
    [books, headers, legacy_signature, no_moderation_links].some(Boolean) ||
    isChanged('rate_limit') ||
    isChanged('min_interval_minutes')
  )
}

function MoreInputs({ fields }: { fields: EndpointFields }) {
  return (
    <>
      <Input
        name="books"
        label="Books"
        value={fields.books}
        hint="The slugs of books, separated by spaces. Leave this field empty for all books."
      />
      <TextArea name="headers" label="Headers" rows={3} value={fields.headers} hint={HEADERS_HINT} />
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
      <Check
        name="no_moderation_links"
        checked={fields.no_moderation_links !== ''}
        label={
          <>
            Leave the moderation links out of <code>comment.held</code>: anyone who gets this event can publish entries
            with them
          </>
        }
      />
      <Input
        name="rate_limit"
        label="Rate limit, in deliveries per minute"
        type="number"
        min={1}
        max={MAX_RATE}
        required
        value={fields.rate_limit}
        hint="Applies to parked and replayed deliveries. New messages are sent immediately."
      />
      <Input
        name="min_interval_minutes"
        label="Minutes between calls, for a build hook"
        type="number"
        min={0}
        max={MAX_INTERVAL}
        value={fields.min_interval_minutes}
        hint={INTERVAL_HINT}
      />
    </>
  )
}

const HEADERS_HINT =
  `Added to each request. Write one \`Name: value\` per line, up to ${HEADERS_MAX}. Values that look like secrets are ` +
  `shown as ${REDACTED}. Leave that text unchanged to keep the value.`
const INTERVAL_HINT =
  'A build hook is called at most once in this time. One call covers all events until then. Use the event types ' +
  '`comment.published comment.updated comment.removed`, so that other events do not start a build.'
