import { type Context, Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { notices } from '../../kit/html/notices'
import { renderForm, renderPage } from '../../kit/html/render'
import { parseJsonField } from '../../kit/http/form'
import { refuseLostNumbers } from '../../kit/http/json-body'
import { pageOrigin } from '../../kit/http/origin'
import type { Refusal } from '../../kit/http/problem'
import { seenIn } from '../../kit/http/seen-form'
import { DASHBOARD } from '../../kit/lib/paths'
import { requireOwnType } from './manage'
import { listOwnTypes, type OwnTypeRow, ownType } from './store'
import { EventTypePage, EventTypesPage, NEW_TYPE, pretty, type TypeFields } from './views'

notices(DASHBOARD.eventTypes, {
  defined: 'Event type defined. Events of this type must now match its schema.',
  saved: 'Event type saved.',
  deleted: 'Event type deleted. Events of this type may now contain any data.',
})

/** `/admin/event-types`: all types. The forms for the owner's own are in operations.ts. */
export const eventTypePages = new Hono<HonoEnv>()

eventTypePages.get('/', (c) => showTypes(c, NEW_TYPE))

async function showTypes(c: Context<HonoEnv>, fields: TypeFields, refusal?: Refusal) {
  const own = (await listOwnTypes(c.env)).map(ownType)
  return renderForm(c, <EventTypesPage own={own} fields={fields} origin={pageOrigin(c)} />, refusal)
}

eventTypePages.get('/:name', async (c) => {
  const row = await requireOwnType(c.env, c.req.param('name'))
  return renderPage(c, <EventTypePage fields={eventTypeFieldsOf(row)} />)
})

export function readTypeFields(form: URLSearchParams): TypeFields {
  const { name = '', description = '', schema = '', example = '', seen = '' } = Object.fromEntries(form)
  return { name: name.trim(), description: description.trim(), schema, example, seen }
}

/** Shows the form for a new type again, as it was sent. */
export function showTypesAgain(c: Context<HonoEnv>, refusal: Refusal, form: URLSearchParams): Promise<Response> {
  return showTypes(c, readTypeFields(form), refusal)
}

/** Shows the form of a type again, as it was sent. */
export async function showTypeAgain(c: Context<HonoEnv>, refusal: Refusal, form: URLSearchParams): Promise<Response> {
  const { name } = await requireOwnType(c.env, c.req.param('name') ?? '')
  const view = <EventTypePage fields={{ ...readTypeFields(form), name }} />
  return renderForm(c, view, refusal)
}

export function eventTypeFieldsOf({ name, description, schema, example }: OwnTypeRow): TypeFields {
  const fields = { name, description, schema: pretty(JSON.parse(schema)), example: pretty(JSON.parse(example)) }
  return { ...fields, seen: seenIn(fields) }
}

/** @returns the fields as the API takes them, not yet checked. @throws Refusal 422 for what is no JSON, or would change */
export function readType({ description, schema, example }: TypeFields) {
  return { description, schema: readJson('schema', schema), example: readJson('example', example) }
}

function readJson(path: string, text: string): unknown {
  const value = parseJsonField(path, text)
  refuseLostNumbers(text, path)
  return value
}
