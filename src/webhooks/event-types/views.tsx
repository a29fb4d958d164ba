import { Confirm } from '../../kit/html/confirm'
import { Dashboard } from '../../kit/html/dashboard'
import { ActLink, EmptyList } from '../../kit/html/list'
import { UserBlock, UserText } from '../../kit/html/user-text'
import { EVENT_TYPES, type EventType } from '../rules/events/catalogue'

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
  error?: string | undefined
  notice?: string | undefined
}

export function EventTypesPage({ own, fields, error, notice }: TypesProps) {
  return (
    <Dashboard title="Event types" section={SECTION} error={error} notice={notice}>
      <section>
        <h2>Your event types</h2>
        {own.length > 0 ? <TypeList types={own} own /> : <NoTypes />}
      </section>
      <section>
        <h2>Built-in event types</h2>
        <TypeList types={EVENT_TYPES} />
      </section>
      <section id="new" class="card">
        <h2>Define an event type</h2>
        <p>
          Publish messages of this type with <code>POST /api/messages</code>. Data that does not match the schema is
          rejected, so receivers can rely on the schema. Messages of types that you have not defined may contain any
          data.
        </p>
        <form method="post" action={SECTION}>
          <label for="name">Name</label>
          <input id="name" name="name" required maxlength={128} value={fields.name} placeholder="invoice.paid" />
          <TypeInputs fields={fields} />
          <button class="primary" type="submit">
            Define
          </button>
        </form>
      </section>
    </Dashboard>
  )
}

function NoTypes() {
  return (
    <EmptyList title="None yet." act={<ActLink href="#new">Define an event type</ActLink>}>
      Your own programs can also send events through this guestbook. With a definition, receivers know what to expect,
      and wrong data is refused.
    </EmptyList>
  )
}

function TypeList({ types, own = false }: { types: readonly EventType[]; own?: boolean }) {
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
          <UserBlock text={pretty(example)} />
          <h3>Schema</h3>
          <UserBlock text={pretty(schema)} />
        </details>
      ))}
    </>
  )
}

export function EventTypePage({ fields, error }: { fields: TypeFields; error?: string }) {
  const path = `${SECTION}/${fields.name}`
  return (
    <Dashboard title={fields.name} section={SECTION} error={error}>
      <form class="card" method="post" action={path}>
        <TypeInputs fields={fields} />
        <button class="primary" type="submit">
          Save
        </button>{' '}
        <a class="button" href={SECTION}>
          Cancel
        </a>
      </form>
      <Confirm action={`${path}/delete`} label="Delete this event type" summary="Delete" isCard>
        Published messages are kept. After the deletion, new messages of this type may contain any data.
      </Confirm>
    </Dashboard>
  )
}

function TypeInputs({ fields }: { fields: TypeFields }) {
  return (
    <>
      <label for="description">Description</label>
      <input id="description" name="description" maxlength={500} value={fields.description} />
      <label for="schema">JSON Schema</label>
      <textarea id="schema" name="schema" rows={8} required class="code">
        {fields.schema}
      </textarea>
      <label for="example">Example data, sent by tests</label>
      <textarea id="example" name="example" rows={5} required class="code">
        {fields.example}
      </textarea>
    </>
  )
}
