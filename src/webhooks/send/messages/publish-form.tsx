import { Input, TextArea } from '../../../kit/html/parts/fields'
import { Form, Submit } from '../../../kit/html/parts/form'
import { DASHBOARD } from '../../../kit/lib/paths'
import type { OwnTypeRow } from '../../event-types/store'

/** What was typed into the form that publishes an event. */
export type PublishFields = { type: string; data: string }

export const NO_EVENT: PublishFields = { type: '', data: '{}' }

/** Publishes an event of the owner's. The guestbook publishes its own events by itself. */
export function PublishForm({ fields, ownTypes }: { fields: PublishFields; ownTypes: Pick<OwnTypeRow, 'name'>[] }) {
  return (
    <details class="card" id="publish" open={fields !== NO_EVENT}>
      <summary>Publish an event…</summary>
      <Form action={DASHBOARD.messages}>
        <Input
          id="publish-type"
          name="type"
          label="Event type"
          required
          value={fields.type}
          placeholder="order.paid"
          list="own-types"
          suggestions={ownTypes.map(({ name }) => name)}
          hint={
            <>
              Any name with dots, such as <code>order.paid</code>. If you have{' '}
              <a href={DASHBOARD.eventTypes}>defined</a> it, the data must match its schema.
            </>
          }
        />
        <TextArea
          id="publish-data"
          name="data"
          label="Data, as a JSON object"
          rows={6}
          class="code"
          spellcheck={false}
          value={fields.data}
        />
        <Submit label="Publish" />
      </Form>
    </details>
  )
}
