import { Card } from '../../../kit/html/parts/card'
import { Check, Input, TextArea } from '../../../kit/html/parts/fields'
import { Fold, Submit } from '../../../kit/html/parts/form'
import { UserBlock } from '../../../kit/html/user-text'
import { MAX_EVENT_TYPE_LENGTH } from '../../rules/events/filter'
import { FORMATS, formatOf } from '../../rules/events/formats'
import { TEXT_MAX, TEXTS_MAX } from '../../rules/events/own-text'
import { WHEN_MAX } from '../../rules/events/when'
import type { TextField } from './form'
import type { Previewed } from './preview'

const TEXT_FORMATS = FORMATS.filter((name) => !formatOf(name).hasNoOwnText).join(' ')

/** The condition and the owner's own texts. There is always one empty text, to add another one. */
export function TextInputs({ when, texts, types }: { when: string; texts: TextField[]; types: string[] }) {
  const rows = texts.length < TEXTS_MAX ? [...texts, { type: '', text: '' }] : texts
  return (
    <Fold summary="Condition and your own texts…" open={when !== '' || texts.length > 0}>
      <TextArea
        name="when"
        label="Send only if"
        class="code"
        rows={2}
        maxlength={WHEN_MAX}
        value={when}
        placeholder={'data.comment.book == "main" and not data.comment.website'}
        hint={
          <>
            A path starts at the top level of the message: <code>type</code>, <code>data.comment.name</code>. Leave this
            field empty to send every event.
          </>
        }
      />
      <div data-formats={TEXT_FORMATS}>
        {rows.map((row, i) => (
          <TextInput row={row} i={i} types={types} />
        ))}
        <p class="hint" id="texts-hint">
          In chat messages and e-mails, your text replaces the default text. Its first line is the title. In Standard
          Webhooks, your text is added as <code>text</code>. <code>{'{{data.comment.name}}'}</code> inserts a value, and{' '}
          <code>{'{{$title}}'}</code>, <code>{'{{$text}}'}</code> and <code>{'{{$url}}'}</code> insert the default
          title, text and link. To remove your own text, clear its field.
        </p>
      </div>
    </Fold>
  )
}

/** The first field has the suggestions for all. */
function TextInput({ row: { type, text }, i, types }: { row: TextField; i: number; types: string[] }) {
  return (
    <fieldset>
      <legend>{type === '' ? 'Your own text for an event type' : `Your own text for ${type}`}</legend>
      <Input
        id={`text-type-${i}`}
        name="text_type"
        nth={i}
        label="Event type"
        maxlength={MAX_EVENT_TYPE_LENGTH}
        value={type}
        list="text-types"
        {...(i === 0 && { suggestions: types })}
      />
      <TextArea
        id={`text-${i}`}
        name="text"
        nth={i}
        label="Text"
        rows={3}
        maxlength={TEXT_MAX}
        class="code"
        value={text}
        aria-describedby="texts-hint"
      />
    </fieldset>
  )
}

/** The daily digest. */
export function DigestInputs({ digest, hour }: { digest: string; hour: string }) {
  const isDaily = digest === 'daily'
  return (
    <Fold summary="Daily digest…" open={isDaily}>
      <Check
        name="digest"
        value="daily"
        checked={isDaily}
        label={
          <>
            Send one message a day instead of one for each event. Only for chats, e-mail and other formats that people
            read
          </>
        }
      />
      <Input name="digest_hour" label="Hour, in UTC" type="number" min={0} max={23} value={hour} />
    </Fold>
  )
}

/** Submits the form to a route that shows the preview and saves nothing. It follows the primary button. */
export function PreviewButton({ path }: { path: string }) {
  return <Submit formaction={`${path}/preview#preview`} label="Preview" />
}

/** What the endpoint would do with the example of each event type. */
export function PreviewTable({ events }: { events: Previewed[] }) {
  return (
    <Card id="preview" title="Preview" role="status">
      <p class="hint">Nothing has been saved yet. Each row shows what happens to the example of one event type.</p>
      {events.length === 0 && <p>No known event type matches.</p>}
      {events.map(({ type, sent, text }) => (
        <div>
          <h3>
            <code>{type}</code> {sent ? 'is sent' : 'is not sent'}
          </h3>
          {sent && text !== null && <UserBlock text={text} />}
        </div>
      ))}
    </Card>
  )
}
