/* What the JSON Schemas (2020-12) of the `data` of events consist of, and what several events of endpoints share. */

export type EventData = { schema: Record<string, unknown>; example: Record<string, unknown> }

export const textSchema = { type: 'string' }
export const textOrNull = { type: ['string', 'null'] }
export const integer = { type: 'integer' }
export const timeData = { type: 'string', format: 'date-time' }
export const timeOrNull = { type: ['string', 'null'], format: 'date-time' }

/** The schema for an object whose properties are all required. */
export function object(properties: Record<string, unknown>) {
  return { type: 'object', required: Object.keys(properties), properties }
}

/** Leaves out the endpoint's URL, because some receivers' URLs are credentials. */
const endpointSchema = {
  endpoint: object({ id: textSchema, host: textSchema, description: textSchema }),
  last_attempt: object({
    message_id: textSchema,
    outcome: { enum: ['delivered', 'refused', 'timed_out', 'unreachable', 'blocked'] },
    status_code: { type: ['integer', 'null'] },
    error_class: textOrNull,
    started_at: timeData,
  }),
}

const endpointExample = {
  endpoint: { id: 'ep_01JD9Z6Y3T8W5Q7R2K4M6N8P0B', host: 'example.com', description: 'The newsletter' },
  last_attempt: {
    message_id: 'msg_01JD9Z6Y3T8W5Q7R2K4M6N8P0C',
    outcome: 'refused',
    status_code: 500,
    error_class: 'http_5xx',
    started_at: '2026-11-24T10:00:00.000Z',
  },
}

export function endpointData(properties: Record<string, unknown>, example: Record<string, unknown>): EventData {
  return { schema: object({ ...endpointSchema, ...properties }), example: { ...endpointExample, ...example } }
}

export const failing = { failing_since: timeData, consecutive_failures: integer }
export const failingExample = { failing_since: '2026-11-21T22:00:00.000Z', consecutive_failures: 68 }
