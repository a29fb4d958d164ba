import type { Component } from '#jsx'
import { RelativeTime, SweepTime } from '../../../kit/html/time'
import { spanOf } from '../../../kit/lib/time'
import type { BreakerState } from '../../rules/delivering/breaker'
import { DISABLE_AFTER_MS, isSlow } from '../../rules/delivering/endpoint-health'
import { isPaced, isPausing } from '../../rules/delivering/pace'
import type { Count } from '../../send/messages/queries'
import { countText } from '../../send/messages/views'
import type { EndpointRow } from '../store'

interface HealthProps {
  endpoint: EndpointRow
  parked: Count
  now: number
  /** False for an integrator, who has other buttons. */
  isOwner: boolean
}

/** Says how an endpoint is doing, what will happen next, and what to do. Shows nothing for a healthy endpoint. */
export function HealthNotice(props: HealthProps) {
  const { status, breaker } = props.endpoint
  const Notice = status === 'disabled' ? Disabled : NOTICES[breaker]
  return <Notice {...props} />
}

const NOTICES: Record<BreakerState, Component<HealthProps>> = {
  closed: Closed,
  open: Open,
  probing: Probing,
  held: Held,
  draining: Draining,
}

function Open({ endpoint, parked, now, isOwner }: HealthProps) {
  const { resume_at, probes } = endpoint
  const when = <SweepTime at={resume_at ?? now} now={now} />
  return (
    <p class="notice bad">
      <Failures endpoint={endpoint} now={now} />, so the breaker is open
      {probes > 0 && ` (${probes} ${probes === 1 ? 'probe' : 'probes'} failed)`}. <Parked parked={parked} />{' '}
      {parked.count > 0 ? (
        <>We will try one delivery {when}. If it succeeds, the rest will follow, oldest first.</>
      ) : (
        <>New messages will be sent {when}.</>
      )}
      {parked.count > 0 && isOwner && (
        <>
          {' '}
          Fixed it? Open any delivery and press <b>Retry now</b>.
        </>
      )}
    </p>
  )
}

function Probing({ endpoint, parked, now }: HealthProps) {
  return (
    <p class="notice bad">
      <Failures endpoint={endpoint} now={now} />, so the breaker is open. We are trying one delivery now.{' '}
      <Parked parked={parked} />
    </p>
  )
}

function Held(props: HealthProps) {
  const { endpoint, parked, now } = props
  if (isPausing(endpoint)) return <Pausing {...props} />
  if (isPaced(endpoint) && endpoint.consecutive_failures > 0) return <RetryingCall {...props} />
  return (
    <p class="notice wait">
      The receiver asked for a pause (429, or a Retry-After header). <Parked parked={parked} /> Deliveries will resume{' '}
      <SweepTime at={endpoint.resume_at ?? now} now={now} />.
    </p>
  )
}

function Pausing({ endpoint, parked, now }: HealthProps) {
  if (endpoint.digest_hour !== null) return <WaitingDigest endpoint={endpoint} parked={parked} now={now} />
  const minutes = endpoint.min_interval_minutes === 1 ? 'minute' : `${endpoint.min_interval_minutes} minutes`
  const when = <SweepTime at={endpoint.resume_at ?? now} now={now} />
  return (
    <p class="notice wait">
      {parked.count > 0 ? (
        <>
          We will call this build hook again {when}. It is called at most once every {minutes}.
        </>
      ) : (
        <>
          The last call succeeded. The next event can start a call {when} at the earliest, because this build hook is
          called at most once every {minutes}.
        </>
      )}
    </p>
  )
}

function WaitingDigest({ endpoint, parked, now }: Pick<HealthProps, 'endpoint' | 'parked' | 'now'>) {
  return (
    <p class="notice wait">
      The next daily digest is due <SweepTime at={endpoint.resume_at ?? now} now={now} />. <Parked parked={parked} />
    </p>
  )
}

function RetryingCall({ endpoint, now }: HealthProps) {
  return (
    <p class="notice bad">
      <Failures endpoint={endpoint} now={now} />. The next attempt is automatic:{' '}
      <SweepTime at={endpoint.resume_at ?? now} now={now} />. Open a delivery below to see why it failed.
    </p>
  )
}

function Draining({ endpoint, parked }: HealthProps) {
  if (isPaced(endpoint)) return <p class="notice wait">The call or digest is being sent now.</p>
  return (
    <p class="notice wait">
      Sending parked deliveries, oldest first, up to {endpoint.rate_limit} per minute. <Parked parked={parked} /> New
      messages join the end of the queue.
    </p>
  )
}

function Closed({ endpoint, now }: HealthProps) {
  if (endpoint.failing_since !== null) {
    return (
      <p class="notice bad">
        <Failures endpoint={endpoint} now={now} />. Retries are automatic. Open a delivery below to see why it failed.
      </p>
    )
  }
  return isSlow(endpoint, now) ? (
    <p class="notice">
      The receiver is responding slowly, so its deliveries use a separate queue until it is fast again.
    </p>
  ) : null
}

function Failures({ endpoint, now }: Pick<HealthProps, 'endpoint' | 'now'>) {
  const { failing_since, consecutive_failures: failures } = endpoint
  if (failing_since === null) return <>Too many attempts failed</>
  return (
    <>
      {failures === 1 ? 'The last attempt failed ' : `${failures} attempts in a row failed, the first `}
      <RelativeTime at={failing_since} now={now} />
    </>
  )
}

function Parked({ parked }: { parked: Count }) {
  if (parked.count === 0) return <>Nothing is parked.</>
  return (
    <>
      Parked: <b>{countText(parked, 'delivery')}</b>.
    </>
  )
}

const DISABLED: Record<string, string> = {
  manual: 'You disabled this endpoint. Nothing is being sent. You can replay missed messages when you enable it.',
  gone: 'Disabled because the receiver returned 410 Gone.',
  paused: 'Paused by the integrator who registered it.',
  awaiting_approval: 'An integrator registered this endpoint. It needs your approval.',
  failing: `Disabled because every attempt failed for ${spanOf(DISABLE_AFTER_MS)}.`,
}

/** What an integrator reads instead. */
const SWITCHED_OFF: Record<string, string> = {
  awaiting_approval: 'The owner of the guestbook must approve this endpoint. Nothing will be sent until then.',
  manual: 'The owner of the guestbook disabled this endpoint.',
  paused: 'You paused this endpoint. You can resume it below.',
}

const BROKEN = new Set(['gone', 'failing'])

function Disabled({ endpoint, parked, isOwner }: HealthProps) {
  const reason = endpoint.disabled_reason ?? 'manual'
  if (!isOwner && reason in SWITCHED_OFF) return <p class="notice wait">{SWITCHED_OFF[reason]}</p>
  return (
    <p class="notice bad">
      {DISABLED[reason] ?? DISABLED.manual} {parked.count > 0 && <Parked parked={parked} />}{' '}
      <a href="#switch">{isOwner ? 'Enable it' : 'Resume it'}</a>
      {BROKEN.has(reason) ? ' when the receiver is back.' : ' below.'}
    </p>
  )
}
