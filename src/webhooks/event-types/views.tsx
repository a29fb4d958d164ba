import { Confirm } from '../../kit/html/confirm'
import { Dashboard } from '../../kit/html/dashboard'
import { ActLink, EmptyList } from '../../kit/html/list'
import { Card, Section } from '../../kit/html/parts/card'
import { Input, TextArea } from '../../kit/html/parts/fields'
import { Form, Submit } from '../../kit/html/parts/form'
import { UserBlock, UserText } from '../../kit/html/user-text'
import { EVENT_TYPES, type EventType, exampleAt } from '../rules/events/catalogue'

const SECTION = '/admin/event-types' as const

/** The form fields with their initial values. `schema` and `example` contain JSON. */
export const NEW_TYPE = {
  name: '',
  description: '',
  schema: pretty({ type: 'object', required: ['invoice'], properties: { invoice: { type: 'integer' } } }),
  example: pretty({ invoice: 42 }),
}
export type TypeFields = typeof NEW_TYPE

export function pretty(value: object): string {
  return JSON.stringify(value, null, 2)
}

interface TypesProps {
  own: EventType[]
  fields: TypeFields
  origin: string
}

const DONE: Record<string, string> = {
  defined: 'Event type defined. Events of this type must now match its schema.',
  saved: 'Event type saved.',
  deleted: 'Event type deleted. Events of this type may now contain any data.',
}

export function EventTypesPage({ own, fields, origin }: TypesProps) {
  return (
    <Dashboard title="Event types" section={SECTION} notices={DONE}>
      <Section title="Your event types">
        {own.length > 0 ? <TypeList {...{ origin }} types={own} own /> : <NoTypes />}
      </Section>
      <Section title="Built-in event types">
        <TypeList {...{ origin }} types={EVENT_TYPES} />
      </Section>
      <Card id="new" title="Define an event type">
        <p>
          Publish events of this type with <code>POST /api/messages</code>. Data that does not match the schema is
          rejected, so receivers can rely on the schema. Events of types that you have not defined may contain any data.
        </p>
        <Form action={SECTION}>
          <Input name="name" label="Name" required maxlength={128} value={fields.name} placeholder="invoice.paid" />
          <TypeInputs fields={fields} />
          <Submit kind="primary" label="Define" />
        </Form>
      </Card>
    </Dashboard>
  )
}

function NoTypes() {
  return (
    <EmptyList title="None yet." act={<ActLink href="#new">Define an event type</ActLink>}>
      Your own programs can also send events through this guestbook. With a definition, receivers know what to expect,
      and wrong data is rejected.
    </EmptyList>
  )
}

interface ListProps {
  types: readonly EventType[]
  origin: string
  own?: boolean
}

function TypeList({ types, origin, own = false }: ListProps) {
  return (
    <>
      {types.map(({ name, description, schema, example }) => (
        <details class="type">
          <summary>
            <code>{name}</code> <UserText text={description} />
          </summary>
          {own && (
            <p>
              <a class="button" href={`${SECTION}/${name}`}>
                Edit
              </a>
            </p>
          )}
          <h3>Example data</h3>
          <UserBlock text={pretty(exampleAt({ example }, origin))} />
          <h3>Schema</h3>
          <UserBlock text={pretty(schema)} />
        </details>
      ))}
    </>
  )
}

export function EventTypePage({ fields }: { fields: TypeFields }) {
  const path = `${SECTION}/${fields.name}`
  return (
    <Dashboard title={fields.name} section={SECTION}>
      <Card action={path}>
        <TypeInputs fields={fields} />
        <Submit kind="primary" label="Save" />{' '}
        <a class="button" href={SECTION}>
          Cancel
        </a>
      </Card>
      <Confirm action={`${path}/delete`} label="Delete this event type" summary="Delete" isCard>
        Published events are kept. After the deletion, new events of this type may contain any data.
      </Confirm>
    </Dashboard>
  )
}

function TypeInputs({ fields }: { fields: TypeFields }) {
  const json = { required: true, class: 'code' }
  return (
    <>
      <Input name="description" label="Description" maxlength={500} value={fields.description} />
      <TextArea {...json} name="schema" label="JSON Schema" rows={8} value={fields.schema} />
      <TextArea {...json} name="example" label="Example data, sent by tests" rows={5} value={fields.example} />
    </>
  )
}
