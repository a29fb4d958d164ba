import { HEADERS_MAX, REDACTED } from '../rules/delivering/custom-headers'
import { MAX_INTERVAL } from '../rules/delivering/pace'
import { EVENT_TYPES, isAboutRegistration } from '../rules/events/catalogue'
import { FORMATS, formatOf } from '../rules/events/formats'
import { BY_URL, type EndpointFields, NO_FIELDS } from './form'
import { MAX_RATE } from './schemas'
import { DigestInputs, TextInputs } from './texts/views'

const listed = () => EVENT_TYPES.map(({ name }) => name).filter((name) => !isAboutRegistration(name))

/** The inputs for an endpoint. A collapsed section contains the rarely used ones. */
export function EndpointInputs({ fields }: { fields: EndpointFields }) {
  return (
    <>
      <UrlInput value={fields.url} />
      <EventTypeInputs chosen={fields.event_types.split(/[\s,]+/).filter(Boolean)} />
      <FormatSelect format={fields.format} />
      <label for="description">Description</label>
      <input
        id="description"
        name="description"
        maxlength={200}
        value={fields.description}
        aria-describedby="description-hint"
        data-counted
      />
      <p class="hint" id="description-hint">
        For you: lists show it below the URL. Up to 200 characters.
      </p>
      <details open={hasMore(fields)}>
        <summary>More: books, headers, rate limit…</summary>
        <MoreInputs fields={fields} />
      </details>
      <TextInputs when={fields.when} texts={fields.texts} />
      <DigestInputs digest={fields.digest} hour={fields.digest_hour} />
    </>
  )
}

/** Checkboxes for what exists, and a field for everything else. All have the same name, so the form adds them up. */
function EventTypeInputs({ chosen }: { chosen: string[] }) {
  const others = chosen.filter((type) => type !== '*' && !listed().includes(type))
  return (
    <fieldset>
      <legend>Which events?</legend>
      <EventTypeBox name="*" label="All, also those that will be added" chosen={chosen} />
      <div class="boxes">
        {listed().map((name) => (
          <EventTypeBox name={name} chosen={chosen} />
        ))}
      </div>
      <label for="event_types">Other event types, separated by spaces</label>
      <input
        id="event_types"
        name="event_types"
        value={others.join(' ')}
        placeholder="comment.* order.paid"
        aria-describedby="types-hint"
      />
      <p class="hint" id="types-hint">
        Your own event types, or groups: <code>comment.*</code> means all that begin with <code>comment</code>.
      </p>
    </fieldset>
  )
}

function EventTypeBox({ name, label, chosen }: { name: string; label?: string; chosen: string[] }) {
  return (
    <label class="check">
      <input type="checkbox" name="event_types" value={name} checked={chosen.includes(name)} />{' '}
      {label ?? <code>{name}</code>}
    </label>
  )
}

/** @param hint the id of the element that contains the hint for this input */
export function UrlInput({ value, hint }: { value: string; hint?: string }) {
  return (
    <>
      <label for="url">URL</label>
      <input
        id="url"
        name="url"
        type="url"
        required
        value={value}
        placeholder="https://example.com/webhooks"
        aria-describedby={hint}
      />
    </>
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

function FormatSelect({ format }: { format: string }) {
  return (
    <>
      <label for="format">Format</label>
      <select id="format" name="format">
        <option value={BY_URL} selected={format === BY_URL}>
          Choose automatically from the URL
        </option>
        {FORMATS.map((value) => (
          <option value={value} selected={value === format}>
            {formatOf(value).label}
          </option>
        ))}
      </select>
    </>
  )
}

function MoreInputs({ fields }: { fields: EndpointFields }) {
  return (
    <>
      <label for="books">Books</label>
      <input id="books" name="books" value={fields.books} aria-describedby="books-hint" />
      <p class="hint" id="books-hint">
        The slugs of books, separated by spaces. Leave this field empty for all books.
      </p>
      <label for="headers">Headers</label>
      <textarea id="headers" name="headers" rows={3} aria-describedby="headers-hint">
        {fields.headers}
      </textarea>
      <p class="hint" id="headers-hint">
        Added to each request. Write one <code>Name: value</code> per line, up to {HEADERS_MAX}. Values that look like
        secrets are shown as {REDACTED}. Leave that text unchanged to keep the value.
      </p>
      <label class="check">
        <input type="checkbox" name="legacy_signature" value="hub" checked={fields.legacy_signature === 'hub'} /> Also
        sign with <code>X-Hub-Signature-256</code>, for receivers written for GitHub webhooks
      </label>
      <label class="check">
        <input type="checkbox" name="no_moderation_links" checked={fields.no_moderation_links !== ''} /> Leave the
        moderation links out of <code>comment.held</code>: anyone who gets this event can publish entries with them
      </label>
      <label for="rate_limit">Rate limit, in deliveries per minute</label>
      <input
        id="rate_limit"
        name="rate_limit"
        type="number"
        min={1}
        max={MAX_RATE}
        required
        value={fields.rate_limit}
        aria-describedby="rate-hint"
      />
      <p class="hint" id="rate-hint">
        Applies to parked and replayed deliveries. New messages are sent immediately.
      </p>
      <IntervalInput value={fields.min_interval_minutes} />
    </>
  )
}

function IntervalInput({ value }: { value: string }) {
  return (
    <>
      <label for="min_interval_minutes">Minutes between calls, for a build hook</label>
      <input
        id="min_interval_minutes"
        name="min_interval_minutes"
        type="number"
        min={0}
        max={MAX_INTERVAL}
        value={value}
        aria-describedby="interval-hint"
      />
      <p class="hint" id="interval-hint">
        A build hook is called at most once in this time. One call covers all events until then. Use the event types{' '}
        <code>comment.published comment.updated comment.removed</code>, so that other events do not start a build.
      </p>
    </>
  )
}
