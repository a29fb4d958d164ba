import { Card } from '../../../kit/html/parts/card'
import { ButtonForm } from '../../../kit/html/parts/form'
import { UserBlock, UserText } from '../../../kit/html/user-text'
import { findEventType } from '../../rules/events/catalogue'
import { type Subscribed, testableTypes } from './test-types'

/** A test for each event type, with the example that it sends. @param action where the tests are sent */
export function TypedTests({ endpoint, action }: { endpoint: Subscribed; action: string | undefined }) {
  if (action === undefined) return null
  return (
    <Card id="tests" title="Test each event type">
      <p>Open an event type to see its example, and send that to your URL now.</p>
      <div class="examples">
        {testableTypes(endpoint).map((type) => (
          <TypedTest {...{ type, action }} />
        ))}
      </div>
    </Card>
  )
}

function TypedTest({ type, action }: { type: string; action: string }) {
  const known = findEventType(type)
  return (
    <details name="test">
      <summary>
        <code>
          <UserText text={type} />
        </code>
      </summary>
      {known && <p class="hint">{known.description}</p>}
      {known && <UserBlock text={JSON.stringify(known.example, null, 2)} />}
      <ButtonForm action={action} hidden={{ type }} label={`Send ${type}`} />
    </details>
  )
}
