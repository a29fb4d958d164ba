import type * as z from 'zod'
import type { Publishing } from '../../../kit/context'
import { freshId } from '../../../kit/db/ids'
import { configuredOrigin } from '../../../kit/http/origin'
import { listOwnTypes, ownType } from '../../event-types/store'
import {
  EVENT_TYPES,
  exampleAt,
  isAboutRegistration,
  parsePayload,
  serializePayload,
} from '../../rules/events/catalogue'
import { wantsType } from '../../rules/events/filter'
import { type Format, formatOf } from '../../rules/events/formats'
import { renderOwnText } from '../../rules/events/own-text'
import { renderPayload } from '../../rules/events/render'
import { summarize } from '../../rules/events/summary'
import { wanting } from '../../rules/events/when'
import type { previewOut, previewRequest } from './schemas'

/** What an endpoint does with an event. `sent`: its condition is true. `text`: for people; null if there is none. */
export type Previewed = z.infer<typeof previewOut>

/** The settings that a preview depends on. */
export type Draft = Pick<z.infer<typeof previewRequest>, 'url' | 'format' | 'when' | 'texts'>

/** How many event types the preview in the form shows. */
const MAX_SHOWN = 30

/** Shows what an endpoint does with the example of each event type that it subscribes to. Nothing is sent. */
export async function previewExamples(context: Publishing, draft: Draft & { event_types: string[] }) {
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
  { url, format, when, texts }: Draft,
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
