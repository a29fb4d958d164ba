import type { OwnTypeRow } from '../../event-types/store'

/** What was typed into the form that publishes an event. */
export interface PublishFields {
  type: string
  data: string
}

export const NO_EVENT: PublishFields = { type: '', data: '{}' }

/** Publishes an event of the owner's. The guestbook publishes its own events by itself. */
export function PublishForm({ fields, ownTypes }: { fields: PublishFields; ownTypes: Pick<OwnTypeRow, 'name'>[] }) {
  return (
    <details class="card" id="publish" open={fields.type !== ''}>
      <summary>Publish an event…</summary>
      <form method="post" action="/admin/messages#publish">
        <label for="publish-type">Event type</label>
        <input id="publish-type" name="type" required value={fields.type} list="own-types" placeholder="order.paid" />
        <datalist id="own-types">
          {ownTypes.map(({ name }) => (
            <option value={name} />
          ))}
        </datalist>
        <p class="hint">
          Any name with dots, such as <code>order.paid</code>. If you have <a href="/admin/event-types">defined</a> it,
          the data must match its schema.
        </p>
        <label for="publish-data">Data, as a JSON object</label>
        <textarea id="publish-data" name="data" rows={6} class="code" spellcheck={false}>
          {fields.data}
        </textarea>
        <button type="submit">Publish</button>
      </form>
    </details>
  )
}
