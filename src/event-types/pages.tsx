import { type Context, Hono } from 'hono'
import { noteSubject } from '../access/audit/record'
import { run } from '../db/statements'
import type { HonoEnv } from '../env'
import { expectRefusal, explain, parseFields, parseJson, readForm } from '../http/form'
import type { Refusal } from '../http/problem'
import { noticeOf } from '../ui/dashboard'
import { renderForm, renderPage } from '../ui/render'
import { changeType, planType, refuseIfTaken, removeType, requireOwnType } from './manage'
import { eventTypeChange, eventTypeIn } from './schemas'
import { listOwnTypes, type OwnTypeRow, ownType } from './store'
import { EventTypePage, EventTypesPage, NEW_TYPE, pretty, type TypeFields } from './views'

/** `/admin/event-types`: the built-in event types, and the types that the owner has defined. */
export const eventTypePages = new Hono<HonoEnv>()

const DONE: Record<string, string> = {
  defined: 'Event type defined. Messages of this type must now match its schema.',
  saved: 'Event type saved.',
  deleted: 'Event type deleted. Messages of this type may now contain any data.',
}

eventTypePages.get('/', (c) => showTypes(c, NEW_TYPE))

async function showTypes(c: Context<HonoEnv>, fields: TypeFields, refusal?: Refusal) {
  const own = (await listOwnTypes(c.env)).map(ownType)
  const error = refusal && explain(refusal)
  const notice = noticeOf(DONE, c.req.query('done'))
  const view = <EventTypesPage own={own} fields={fields} error={error} notice={notice} />
  return renderForm(c, view, refusal)
}

eventTypePages.post('/', async (c) => {
  const fields = readFields(await readForm(c))
  try {
    const input = parseFields(eventTypeIn, { name: fields.name, ...readType(fields) })
    const { row, statement } = planType(c.env, input, Date.now())
    await refuseIfTaken(row.name, () => run(statement))
    noteSubject(c, row.name)
    return c.redirect('/admin/event-types?done=defined', 303)
  } catch (cause) {
    return showTypes(c, fields, expectRefusal(cause))
  }
})

eventTypePages.get('/:name', async (c) => {
  const row = await requireOwnType(c.env, c.req.param('name'))
  return renderPage(c, <EventTypePage fields={fieldsOf(row)} />)
})

eventTypePages.post('/:name', async (c) => {
  const { name } = await requireOwnType(c.env, c.req.param('name'))
  const fields = { ...readFields(await readForm(c)), name }
  try {
    await changeType(c.env, name, parseFields(eventTypeChange, readType(fields)), Date.now())
    return c.redirect('/admin/event-types?done=saved', 303)
  } catch (cause) {
    const refusal = expectRefusal(cause)
    const view = <EventTypePage fields={fields} error={explain(refusal)} />
    return renderForm(c, view, refusal)
  }
})

eventTypePages.post('/:name/delete', async (c) => {
  await removeType(c.env, c.req.param('name'))
  return c.redirect('/admin/event-types?done=deleted', 303)
})

function readFields(form: URLSearchParams): TypeFields {
  const { name = '', description = '', schema = '', example = '' } = Object.fromEntries(form)
  return { name: name.trim(), description: description.trim(), schema, example }
}

function fieldsOf({ name, description, schema, example }: OwnTypeRow): TypeFields {
  return { name, description, schema: pretty(JSON.parse(schema)), example: pretty(JSON.parse(example)) }
}

function readType({ description, schema, example }: TypeFields) {
  return { description, schema: parseJson('schema', schema), example: parseJson('example', example) }
}
