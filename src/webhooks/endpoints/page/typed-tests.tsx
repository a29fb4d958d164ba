import { Card } from '../../../kit/html/parts/card'
import { ButtonForm, Fold } from '../../../kit/html/parts/form'
import { UserBlock, UserCode, UserText } from '../../../kit/html/user-text'
import { type EventType, exampleAt } from '../../rules/events/catalogue'
import { testableTypes } from '../send-test'
import type { Viewed } from './viewer'

interface TestsProps extends Viewed {
  /** The owner's own types. An integrator sees those that the endpoint gets. */
  own: EventType[]
  /** The origin for the links in the examples. */
  origin: string
}

/** A test for each event type, with the example that it sends. */
export function TypedTests({ endpoint, viewer: { may, isOwner }, own, origin }: TestsProps) {
  const { wanted, others } = testableTypes(endpoint, own, isOwner)
  const show = (types: EventType[]) => types.map((type) => <TypedTest {...{ type, origin }} action={may.test} />)
  return (
    <Card id="tests" title="Test each event type">
      <p>Open an event type to see its example, and send the example to the URL now.</p>
      {show(wanted)}
      {others.length > 0 && <Fold summary="Types that this endpoint does not get">{show(others)}</Fold>}
    </Card>
  )
}

function TypedTest({ type, action, origin }: { type: EventType; action: string | undefined; origin: string }) {
  const { name, description } = type
  return (
    <details class="type" name="test">
      <summary>
        <UserCode text={name} />
      </summary>
      <p class="hint">
        <UserText text={description} />
      </p>
      <UserBlock text={JSON.stringify(exampleAt(type, origin), null, 2)} />
      <ButtonForm action={action} hidden={{ type: name }} label={`Send ${name}`} />
    </details>
  )
}
