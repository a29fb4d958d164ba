import { UserBlock } from '../../../kit/html/user-text'
import { MAX_EVENT_TYPE_LENGTH } from '../../rules/events/filter'
import { TEXT_MAX, TEXTS_MAX } from '../../rules/events/own-text'
import { WHEN_MAX } from '../../rules/events/when'
import type { TextField } from './form'
import type { Previewed } from './preview'

/** The condition and the owner's own texts. There is always one empty text, to add another one. */
export function TextInputs({ when, texts }: { when: string; texts: TextField[] }) {
  const rows = texts.length < TEXTS_MAX ? [...texts, { type: '', text: '' }] : texts
  return (
    <details open={when !== '' || texts.length > 0}>
      <summary>Condition and your own texts…</summary>
      <label for="when">Send only if</label>
      <input
        id="when"
        name="when"
        class="code"
        maxlength={WHEN_MAX}
        value={when}
        placeholder={'data.comment.book == "main" and not data.comment.website'}
        aria-describedby="when-hint"
      />
      <p class="hint" id="when-hint">
        Paths start at the message, as receivers get it: <code>type</code>, <code>data.comment.name</code>. Leave this
        field empty to send every event.
      </p>
      {rows.map((row, i) => (
        <TextInput row={row} i={i} />
      ))}
      <p class="hint" id="texts-hint">
        A text replaces ours in messages for people; the first of several lines is the title. In Standard Webhooks, it
        is added as <code>text</code>. <code>{'{{data.comment.name}}'}</code> inserts a value, and{' '}
        <code>{'{{$title}}'}</code>, <code>{'{{$text}}'}</code> and <code>{'{{$url}}'}</code> insert our words. Empty a
        text to remove it.
      </p>
    </details>
  )
}

function TextInput({ row: { type, text }, i }: { row: TextField; i: number }) {
  return (
    <fieldset>
      <legend>{type === '' ? 'Your own text for an event type' : `Your own text for ${type}`}</legend>
      <label for={`text-type-${i}`}>Event type</label>
      <input id={`text-type-${i}`} name="text_type" maxlength={MAX_EVENT_TYPE_LENGTH} value={type} />
      <label for={`text-${i}`}>Text</label>
      <textarea id={`text-${i}`} name="text" rows={3} maxlength={TEXT_MAX} class="code" aria-describedby="texts-hint">
        {`\n${text}`}
      </textarea>
    </fieldset>
  )
}

/** The daily digest. */
export function DigestInputs({ digest, hour }: { digest: string; hour: string }) {
  const isDaily = digest === 'daily'
  return (
    <details open={isDaily}>
      <summary>Daily digest…</summary>
      <label class="check">
        <input type="checkbox" name="digest" value="daily" checked={isDaily} /> One message a day instead of one for
        each event, in formats that people read
      </label>
      <label for="digest_hour">Hour, in UTC</label>
      <input id="digest_hour" name="digest_hour" type="number" min={0} max={23} value={hour} />
    </details>
  )
}

/** Submits the form to a route that shows the preview and saves nothing. It follows the primary button. */
export function PreviewButton({ path }: { path: string }) {
  return (
    <button type="submit" formaction={`${path}/preview#preview`}>
      Preview
    </button>
  )
}

/** What the endpoint would do with the example of each event type. */
export function PreviewTable({ events }: { events: Previewed[] }) {
  return (
    <section id="preview" class="card" role="status">
      <h2>Preview</h2>
      <p class="hint">Nothing is saved yet. Each row shows the example of an event type.</p>
      {events.length === 0 && <p>No known event type matches.</p>}
      {events.map(({ type, sent, text }) => (
        <div>
          <h3>
            <code>{type}</code> {sent ? 'is sent' : 'is not sent'}
          </h3>
          {sent && text !== null && <UserBlock text={text} />}
        </div>
      ))}
    </section>
  )
}
