import type { RegistrationFields } from './register'
import { IntegratorPage, RegistrationInputs } from './views'

interface EditProps {
  /** The path of the endpoint's page. */
  path: string
  fields: RegistrationFields
  /** The event types that the owner has given to the endpoint. */
  given: string[]
  error?: string | undefined
}

export function EditManagedPage({ path, fields, given, error }: EditProps) {
  return (
    <IntegratorPage title="Edit your endpoint" error={error}>
      <form class="card" method="post" action={`${path}/edit`}>
        <RegistrationInputs fields={fields} />
        {given.length > 0 && (
          <p class="hint">
            The owner of the guestbook has added <code>{given.join(' ')}</code>. The endpoint keeps getting these
            events.
          </p>
        )}
        <button class="primary" type="submit">
          Save
        </button>
        <a class="button" href={path}>
          Cancel
        </a>
      </form>
    </IntegratorPage>
  )
}
