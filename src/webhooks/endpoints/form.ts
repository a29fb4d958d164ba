import type * as z from 'zod'
import { initialOf } from '../../kit/field-rows'
import { type Filled, filledForm } from '../../kit/html/controls'
import { expectRefusal, parseFields } from '../../kit/http/form'
import { Refusal } from '../../kit/http/problem'
import { seenIn } from '../../kit/http/seen-form'
import { atTextInput } from './condition-and-texts'
import { DIGEST_SWITCH, ENDPOINT_FIELDS, type EndpointValues } from './fields'
import { BY_URL, OF_ENTRIES } from './inputs'
import { endpointIn } from './schemas'
import type { EndpointRow } from './store'

/* The form of an endpoint: its fields. */

function fill(values: EndpointValues): Filled {
  const digest = values.digest_hour === null ? 'off' : 'daily'
  return { ...ENDPOINT_FIELDS.fill(values), ...DIGEST_SWITCH.control.fill(digest, 'digest') }
}

/** @returns what the form of a new endpoint contains */
export function newEndpointForm(): URLSearchParams {
  return filledForm({ ...fill({ ...initialOf(ENDPOINT_FIELDS.rows), event_types: [OF_ENTRIES] }), format: BY_URL })
}

/** @returns what the form of an endpoint contains */
export function formOfEndpoint(row: EndpointRow): URLSearchParams {
  return filledForm({ ...fill(ENDPOINT_FIELDS.valuesIn(row)), ...seenOfEndpoint(row) })
}

/** @returns what tells whether the form was filled with the endpoint as it is */
export const seenOfEndpoint = (row: EndpointRow): { seen: string } => ({
  seen: seenIn(fill(ENDPOINT_FIELDS.valuesIn(row))),
})

/** @returns the fields as the API takes them, not yet checked. @throws Refusal 422 */
export function readEndpointForm(form: URLSearchParams): Record<string, unknown> {
  return { ...ENDPOINT_FIELDS.read(form), digest: DIGEST_SWITCH.control.read(form, 'digest') }
}

/** @returns a new endpoint as the API takes it, not yet checked. @throws Refusal 422 */
export function readNewEndpointForm(form: URLSearchParams): Record<string, unknown> {
  const { event_types = [OF_ENTRIES], ...fields } = readEndpointForm(form)
  return { ...fields, event_types }
}

/** @throws Refusal 422 */
export function parseNewForm(form: URLSearchParams): z.infer<typeof endpointIn> {
  return parseFields(endpointIn, readNewEndpointForm(form))
}

/** Returns a refusal whose errors have the names of the form's inputs. Rethrows any other error. */
export function expectFormRefusal(cause: unknown, form: URLSearchParams): Refusal {
  const { status, code, detail, errors, headers } = expectRefusal(cause)
  return new Refusal(status, code, detail, { errors: errors.map((error) => atTextInput(error, form)), headers })
}
