import * as z from 'zod'
import { bodyOf } from '../../kit/body-schema'
import type { Publishing } from '../../kit/context'
import { freshId } from '../../kit/db/ids'
import { Card } from '../../kit/html/parts/card'
import { Submit } from '../../kit/html/parts/form'
import { UserBlock } from '../../kit/html/user-text'
import { configuredOrigin } from '../../kit/http/origin'
import { typeName } from '../event-types/schemas'
import { listOwnTypes, ownType } from '../event-types/store'
import { URL_MAX } from '../rules/delivering/url-policy'
import { EVENT_TYPES, exampleAt, isAboutRegistration, parsePayload, serializePayload } from '../rules/events/catalogue'
import { wantsType } from '../rules/events/filter'
import { type Format, formatOf } from '../rules/events/formats'
import { renderOwnText } from '../rules/events/own-text'
import { renderPayload } from '../rules/events/render'
import { summarize } from '../rules/events/summary'
import { wanting } from '../rules/events/when'
import { ENDPOINT_FIELDS } from './fields'

/* What an endpoint would do with an event, before its settings are saved. Nothing is sent. */

export const previewRequest = bodyOf('PreviewRequest', {
  type: typeName.meta({ example: 'comment.published' }),
  data: z.unknown().optional().describe('The `data` of the event. The default is the example of its type.'),
  format: ENDPOINT_FIELDS.rows.format.schema.default('standard'),
  url: z.string().max(URL_MAX).default(''),
  when: ENDPOINT_FIELDS.rows.when.schema.default(null),
  texts: ENDPOINT_FIELDS.rows.texts.schema.default({}),
})

export const previewOut = z
  .object({
    type: z.string(),
    sent: z.boolean(),
    text: z
      .string()
      .nullable()
      .describe(
        'The text of the chat message or e-mail, or the `text` of a standard message. Null if there is no such text.'
      ),
    content_type: z.string(),
    body: z.string(),
  })
  .meta({ id: 'Preview' })

/** What an endpoint does with an event. `sent`: its condition is true. `text`: for people; null if there is none. */
export type Previewed = z.infer<typeof previewOut>

/** The settings that a preview depends on. */
export type EndpointDraft = Pick<z.infer<typeof previewRequest>, 'url' | 'format' | 'when' | 'texts'>

/** How many event types the preview in the form shows. */
const MAX_SHOWN = 30

/** Shows what an endpoint does with the example of each event type that it subscribes to. Nothing is sent. */
export async function previewExamples(context: Publishing, draft: EndpointDraft & { event_types: string[] }) {
  const own = (await listOwnTypes(context.env)).map(ownType)
  const known = [...EVENT_TYPES, ...own].filter(({ name }) => isListed(name, draft.event_types))
  // Types with a text come first, so that they are always shown.
  const sorted = known.toSorted(
    (a, b) => Number(Object.hasOwn(draft.texts, b.name)) - Number(Object.hasOwn(draft.texts, a.name))
  )
  return sorted.slice(0, MAX_SHOWN).map((type) => {
    return previewEvent(context, draft, type.name, exampleAt(type, context.linkOrigin()))
  })
}

const isListed = (name: string, filters: string[]): boolean => !isAboutRegistration(name) && wantsType(filters, name)

/** Shows what an endpoint does with an event. Nothing is sent. */
export function previewEvent(
  { env, now }: Publishing,
  { url, format, when, texts }: EndpointDraft,
  name: string,
  data: unknown
): Previewed {
  const payload = serializePayload(freshId('msg', now), name, now, data)
  const origin = configuredOrigin(env)
  const template = Object.hasOwn(texts, name) ? (texts[name] ?? null) : null
  const endpoint = { id: 'ep_preview', url }
  const { contentType, body } = renderPayload(format, payload, {
    text: template,
    origin,
    endpoint,
    from: env.EMAIL_FROM,
  })
  return {
    type: name,
    sent: wanting(when)(payload),
    text: formatOf(format).hasNoOwnText ? null : textOf(format, template, payload, origin),
    content_type: contentType,
    body,
  }
}

function textOf(format: Format, template: string | null, payload: string, origin: string | null): string | null {
  if (template !== null) return renderOwnText(template, payload, origin)
  if (formatOf(format).isForPrograms) return null
  const { title, text } = summarize(parsePayload(payload), origin)
  return [title, text].filter(Boolean).join('\n')
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
