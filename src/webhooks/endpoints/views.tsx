import type { Tone } from '../../kit/html/dashboard'
import { DASHBOARD } from '../../kit/lib/paths'
import { spanOf } from '../../kit/lib/time'
import { DISABLE_AFTER_MS, isUnstable, verbFor } from '../rules/delivering/endpoint-health'
import { isPaced } from '../rules/delivering/pace'
import { isBetweenCalls } from '../rules/delivering/waiting'
import type { Count } from '../send/messages/queries'
import { countText } from '../send/messages/views'
import type { EndpointRow } from './store'

/** The page with the form for a new endpoint. */
export const NEW = `${DASHBOARD.endpoints}/new` as const

const BREAKERS = {
  closed: 'enabled',
  open: 'breaker_open',
  probing: 'breaker_open',
  held: 'throttled',
  draining: 'draining',
} as const

type Shown = Pick<
  EndpointRow,
  | 'status'
  | 'disabled_reason'
  | 'breaker'
  | 'resume_at'
  | 'consecutive_failures'
  | 'probes'
  | 'min_interval_minutes'
  | 'outage_since'
  | 'stable_at'
>

export function shownEndpointStatus(endpoint: Shown): Tone {
  const { status, disabled_reason, breaker } = endpoint
  if (status === 'disabled') {
    const isWaiting = disabled_reason === 'awaiting_approval' || disabled_reason === 'paused'
    return isWaiting ? disabled_reason : status
  }
  if (status === 'deleted') return status
  const isRetrying = breaker === 'closed' || (breaker === 'held' && isPaced(endpoint))
  if (isRetrying && endpoint.consecutive_failures > 0) return isUnstable(endpoint) ? 'unstable' : 'failing'
  if (breaker === 'closed' && isUnstable(endpoint)) return 'unstable'
  return isBetweenCalls(endpoint) ? 'enabled' : BREAKERS[breaker]
}

type WhyProps = Pick<EndpointRow, 'disabled_reason'> & { isOwner?: boolean }

/** Beside a rate of success. */
export const SUCCESS_LAG = 'The last few minutes are not counted yet.'
/** Beside a secret. */
export const WHY_SECRET =
  'The receiver uses this secret to verify that requests come from this guestbook. Keep it private.'

const WHY_DISABLED = {
  manual: 'You disabled this endpoint',
  gone: 'Disabled because the receiver returned 410 Gone',
  paused: 'Paused by the integrator who registered it',
  awaiting_approval: 'An integrator registered this endpoint, and it is waiting for your approval',
  failing: `Disabled because every attempt failed for ${spanOf(DISABLE_AFTER_MS)}`,
}

const FOR_INTEGRATORS = {
  manual: 'The owner of the guestbook disabled this endpoint',
  paused: 'You paused this endpoint',
  awaiting_approval: 'The owner of the guestbook must approve this endpoint',
}

/** Why a disabled endpoint is disabled. */
export function WhyDisabled({ disabled_reason, isOwner = true }: WhyProps) {
  const reason = disabled_reason ?? 'manual'
  const texts: Record<string, string> = isOwner ? WHY_DISABLED : { ...WHY_DISABLED, ...FOR_INTEGRATORS }
  return <>{texts[reason] ?? 'Disabled'}</>
}

/** @returns what has to happen to a disabled endpoint first, in the word of the button that does it */
export function nothingUntil({ disabled_reason }: Pick<EndpointRow, 'disabled_reason'>, isOwner: boolean): string {
  const verb = verbFor({ disabled_reason })
  if (isOwner) return `No events are sent until you ${verb} it.`
  return `No events are sent until ${disabled_reason === 'paused' ? 'you resume' : `the owner ${verb}s`} it.`
}

/** @returns for example "3 deliveries wait" */
export function waitingText(parked: Count): string {
  return `${countText(parked, 'delivery')} ${parked.count === 1 ? 'waits' : 'wait'}`
}
