import { HEADERS_MAX, REDACTED } from '../core/delivering/custom-headers'
import { EVENT_TYPES } from '../core/events/catalogue'
import { BY_URL, type EndpointFields, NO_FIELDS } from './form'
import { MAX_RATE } from './schemas'

/** A challenge is for a URL that is no endpoint yet. */
const LISTED = EVENT_TYPES.map(({ name }) => name).filter((name) => name !== 'endpoint.verify')

/** The inputs of an endpoint: what everybody needs, then what some do. */
export function EndpointInputs({ fields }: { fields: EndpointFields }) {
  return (
    <>
      <label for="url">URL</label>
      <input
        id="url"
        name="url"
        type="url"
        required
        maxlength={2048}
        value={fields.url}
        placeholder="https://example.com/webhooks"
      />
      <label for="event_types">Event types</label>
      <input
        id="event_types"
        name="event_types"
        required
        value={fields.event_types}
        aria-describedby="types-hint"
      />
      <p class="hint" id="types-hint">
        <code>*</code> is all of them, <code>comment.*</code> a family. Separate several by spaces.
        There are {LISTED.join(', ')}, and those that you publish yourself.
      </p>
      <FormatSelect format={fields.format} />
      <label for="description">Description</label>
      <input id="description" name="description" maxlength={200} value={fields.description} />
      <details open={hasMore(fields)}>
        <summary>More: books, headers, pace…</summary>
        <MoreInputs fields={fields} />
      </details>
    </>
  )
}

function hasMore({ books, headers, legacy_signature, rate_limit }: EndpointFields): boolean {
  return [books, headers, legacy_signature].some(Boolean) || rate_limit !== NO_FIELDS.rate_limit
}

const FORMATS = {
  [BY_URL]: 'What fits the URL',
  standard: 'Standard Webhooks',
  slack: 'Slack message',
  discord: 'Discord message',
  teams: 'Teams message',
  cloudevents: 'CloudEvents',
}

function FormatSelect({ format }: { format: string }) {
  return (
    <>
      <label for="format">Format</label>
      <select id="format" name="format">
        {Object.entries(FORMATS).map(([value, label]) => (
          <option value={value} selected={value === format}>
            {label}
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
        Their short names, separated by spaces; all of them, if empty.
      </p>
      <label for="headers">Headers</label>
      <textarea id="headers" name="headers" rows={3} aria-describedby="headers-hint">
        {fields.headers}
      </textarea>
      <p class="hint" id="headers-hint">
        Added to each request: <code>Name: value</code>, a line each, up to {HEADERS_MAX}. Values
        that look like secrets are shown as {REDACTED}; left so, they stay what they are.
      </p>
      <label class="check">
        <input
          type="checkbox"
          name="legacy_signature"
          value="hub"
          checked={fields.legacy_signature === 'hub'}
        />{' '}
        Also sign as GitHub does (<code>X-Hub-Signature-256</code>), for receivers written for it
      </label>
      <label for="rate_limit">Pace, in deliveries a minute</label>
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
        Of what waited for it, or is sent again. What is new goes at once.
      </p>
    </>
  )
}
