import { Confirm } from '../../kit/html/confirm'
import { Dashboard } from '../../kit/html/dashboard'
import { ActLink, EmptyList } from '../../kit/html/list'
import { Card, Section } from '../../kit/html/parts/card'
import { Input, TextArea } from '../../kit/html/parts/fields'
import { Form, Hidden, Submit } from '../../kit/html/parts/form'
import { UserBlock, UserText } from '../../kit/html/user-text'
import { DASHBOARD } from '../../kit/lib/paths'
import { EVENT_TYPES, type EventType, exampleAt } from '../rules/events/catalogue'

export const pretty = (value: object): string => JSON.stringify(value, null, 2)

/** The form fields with their initial values. `schema` and `example` contain JSON. */
export const NEW_TYPE = {
  name: '',
  description: '',
  schema: pretty({ type: 'object', required: ['invoice'], properties: { invoice: { type: 'integer' } } }),
  example: pretty({ invoice: 42 }),
  seen: '',
}
export type TypeFields = typeof NEW_TYPE
type TypesProps = { own: EventType[]; fields: TypeFields; origin: string }

export function EventTypesPage({ own, fields, origin }: TypesProps) {
  return (
    <Dashboard title="Event types" section={DASHBOARD.eventTypes}>
      <Section title="Your event types">
        {own.length === 0 && (
          <EmptyList
            title="None yet."
            act={<ActLink href="#new">Define an event type</ActLink>}
            help={
              <>
                Your own programs can also send events through this guestbook. If you define an event type, receivers
                know what to expect, and wrong data is rejected.
              </>
            }
          />
        )}
        <TypeList {...{ origin }} types={own} own />
      </Section>
      <Section title="Built-in event types">
        <TypeList {...{ origin }} types={EVENT_TYPES} />
      </Section>
      <Card id="new" title="Define an event type">
        <p>
          Publish events of this type with <code>POST /api/messages</code>. Data that does not match the schema is
          rejected, so receivers can rely on the schema. Events of types that you have not defined may contain any data.
        </p>
        <Form action={DASHBOARD.eventTypes}>
          <Input name="name" label="Name" required maxlength={128} value={fields.name} placeholder="invoice.paid" />
          <TypeInputs fields={fields} />
          <Submit kind="primary" label="Define" />
        </Form>
      </Card>
    </Dashboard>
  )
}

type ListProps = { types: readonly EventType[]; origin: string; own?: boolean }

function TypeList({ types, origin, own = false }: ListProps) {
  return types.map(({ name, description, schema, example }) => (
    <details class="type">
      <summary>
        <code>{name}</code> <UserText text={description} />
      </summary>
      {own && (
        <p>
          <ActLink href={`${DASHBOARD.eventTypes}/${name}`}>Edit</ActLink>
        </p>
      )}
      <h3>Example data</h3>
      <UserBlock text={pretty(exampleAt({ example }, origin))} />
      <h3>Schema</h3>
      <UserBlock text={pretty(schema)} />
    </details>
  ))
}

export function EventTypePage({ fields }: { fields: TypeFields }) {
  const path = `${DASHBOARD.eventTypes}/${fields.name}`
  return (
    <Dashboard title={fields.name} section={DASHBOARD.eventTypes}>
      <Card action={path}>
        <TypeInputs fields={fields} />
        <Hidden fields={{ seen: fields.seen }} />
        <Submit kind="primary" label="Save" /> <ActLink href={DASHBOARD.eventTypes}>Cancel</ActLink>
      </Card>
      <Confirm
        action={`${path}/delete`}
        label="Delete this event type"
        summary="Delete"
        isCard
        help={<>Published events are kept. After the deletion, new events of this type may contain any data.</>}
      />
    </Dashboard>
  )
}

function TypeInputs({ fields }: { fields: TypeFields }) {
  const json = { required: true, class: 'code' }
  return (
    <>
      <Input name="description" label="Description" counted={500} value={fields.description} />
      <TextArea {...json} name="schema" label="JSON Schema" rows={8} value={fields.schema} />
      <TextArea {...json} name="example" label="Example data, sent by tests" rows={5} value={fields.example} />
    </>
  )
}
