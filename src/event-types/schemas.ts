import { z } from '@hono/zod-openapi'
import { type EventType, isReserved } from '../core/events/catalogue'
import { EVENT_TYPE, MAX_EVENT_TYPE_LENGTH } from '../core/events/filter'

/** As JSON. */
const MAX_LETTERS = 16_000

const name = z
  .string()
  .max(MAX_EVENT_TYPE_LENGTH)
  .regex(EVENT_TYPE, 'An event type is dotted words of letters, digits and underscores.')
  .refine((name) => !isReserved(name), 'That name is for an event of the guestbook itself.')
  .openapi({ example: 'invoice.paid' })

const description = z.string().max(500).openapi({ example: 'An invoice was paid.' })

const object = z
  .record(z.string(), z.unknown())
  .refine((value) => JSON.stringify(value).length <= MAX_LETTERS, {
    error: `It has up to ${MAX_LETTERS} letters as JSON.`,
  })

const schema = object.openapi({
  description:
    'JSON Schema (2020-12) of `data`. References within it only; a field that it does not name is allowed unless it says otherwise.',
  example: { type: 'object', required: ['invoice'], properties: { invoice: { type: 'integer' } } },
})
const example = object.openapi({ description: 'What a test sends.', example: { invoice: 42 } })

export const eventTypeIn = z
  .strictObject({ name, description: description.default(''), schema, example })
  .openapi('EventTypeIn')

export const eventTypeChange = z
  .strictObject({
    description: description.optional(),
    schema: schema.optional(),
    example: example.optional(),
  })
  .openapi('EventTypeChange')

export const eventTypeOut = z
  .object({
    name: z.string(),
    description: z.string(),
    schema: z.record(z.string(), z.unknown()).openapi({ description: 'JSON Schema of `data`.' }),
    example: z.record(z.string(), z.unknown()),
    own: z.boolean().openapi({ description: 'Whether the owner defined it.' }),
  })
  .openapi('EventType')

export function toEventType(type: EventType, own: boolean): z.infer<typeof eventTypeOut> {
  const { name, description, schema, example } = type
  return { name, description, schema, example, own }
}
