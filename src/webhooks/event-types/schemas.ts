import * as z from 'zod'
import { bodyOf, changeOf, wellFormed } from '../../kit/body-schema'
import { type EventType, isReserved } from '../rules/events/catalogue'
import { EVENT_TYPE, MAX_EVENT_TYPE_LENGTH } from '../rules/events/filter'

/** The maximum length of a schema or an example as JSON. */
const MAX_CHARACTERS = 16_000

/** The name of any event type. */
export const typeName = z
  .string()
  .max(MAX_EVENT_TYPE_LENGTH)
  .regex(EVENT_TYPE, 'Use letters, digits, underscores and dots, for example "invoice.paid".')
  .meta({ example: 'invoice.paid' })

const name = typeName.refine((name) => !isReserved(name), 'This name is reserved for built-in event types.')

const description = wellFormed.max(500).meta({ example: 'An invoice was paid.' })

/** @param what the name of the field in the error message */
function jsonObject(what: string) {
  return z.record(z.string(), z.unknown()).refine((value) => JSON.stringify(value).length <= MAX_CHARACTERS, {
    error: `The ${what} may have at most ${MAX_CHARACTERS} characters when it is written as JSON.`,
  })
}

const schema = jsonObject('schema').meta({
  description:
    'JSON Schema (2020-12) for `data`. References must point to locations within the schema. `pattern` and `patternProperties` are not supported. Fields that the schema does not name are allowed unless the schema forbids them.',
  example: { type: 'object', required: ['invoice'], properties: { invoice: { type: 'integer' } } },
})
const example = jsonObject('example').meta({
  description: 'Example `data`, which tests send.',
  example: { invoice: 42 },
})

export const eventTypeIn = bodyOf('EventTypeIn', { name, description: description.default(''), schema, example })

export const eventTypeChange = changeOf('EventTypeChange', { description, schema, example })

export const eventTypeOut = z
  .object({
    name: z.string(),
    description: z.string(),
    schema: z.record(z.string(), z.unknown()).describe('JSON Schema for `data`.'),
    example: z.record(z.string(), z.unknown()),
    own: z.boolean().describe('Whether the owner defined the event type.'),
  })
  .meta({ id: 'EventType' })

export function toEventType(type: EventType, own: boolean): z.infer<typeof eventTypeOut> {
  const { name, description, schema, example } = type
  return { name, description, schema, example, own }
}
