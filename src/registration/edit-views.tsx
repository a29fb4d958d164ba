import type { RegistrationFields } from './register'
import { IntegratorPage, RegistrationInputs } from './views'

interface EditProps {
  /** The path of the endpoint's page. */
  path: string
  fields: RegistrationFields
  error?: string | undefined
}

export function EditManagedPage({ path, fields, error }: EditProps) {
  return (
    <IntegratorPage title="Edit your endpoint" error={error}>
      <form class="card" method="post" action={`${path}/edit`}>
        <RegistrationInputs fields={fields} />
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
