import type { FC } from 'hono/jsx'
import type { BreakerState } from '../../core/delivering/breaker'
import { isSlow } from '../../core/delivering/endpoint-health'
import type { EndpointRow } from '../../endpoints/store'
import { RelativeTime } from '../../ui/time'
import type { Count } from '../messages/queries'

interface HealthProps {
  endpoint: EndpointRow
  parked: Count
  now: number
  /** Whether there is a button for it on the page. */
  canRetry?: boolean
}

/** How an endpoint is, in words: what was seen, what is done about it, and what can be done. Nothing, when it is well. */
export function HealthNotice({ endpoint, parked, now, canRetry = true }: HealthProps) {
  if (endpoint.status === 'disabled') return <Disabled endpoint={endpoint} parked={parked} />
  const Notice = NOTICES[endpoint.breaker]
  return <Notice endpoint={endpoint} parked={parked} now={now} canRetry={canRetry} />
}

const NOTICES: Record<BreakerState, FC<HealthProps>> = {
  closed: Closed,
  open: Open,
  probing: Probing,
  held: Held,
  draining: Draining,
}

function Open({ endpoint, parked, now, canRetry }: HealthProps) {
  const { resume_at: resumeAt, probes } = endpoint
  const when = <When at={resumeAt ?? now} now={now} />
  return (
    <p class="notice bad">
      <Failures endpoint={endpoint} now={now} />, so the breaker is open
      {probes > 0 && ` (${probes} ${probes === 1 ? 'probe' : 'probes'} in vain)`}.{' '}
      <Waiting parked={parked} />.{' '}
      {parked.count > 0 ? (
        <>
          The next probe, one of them, goes {when}; when it is answered, all go, oldest first.
          {canRetry && (
            <>
              {' '}
              Mended? <b>Retry now</b> on any delivery below asks at once.
            </>
          )}
        </>
      ) : (
        <>What comes next goes {when}.</>
      )}
    </p>
  )
}

function Probing({ endpoint, parked, now }: HealthProps) {
  return (
    <p class="notice bad">
      <Failures endpoint={endpoint} now={now} />, so the breaker is open. A probe is under way.{' '}
      <Waiting parked={parked} />.
    </p>
  )
}

function Held({ endpoint, parked, now }: HealthProps) {
  return (
    <p class="notice wait">
      It asked to be left alone for a while (429, or Retry-After). <Waiting parked={parked} />,
      until that is over <When at={endpoint.resume_at ?? now} now={now} />.
    </p>
  )
}

function Draining({ endpoint, parked }: HealthProps) {
  return (
    <p class="notice wait">
      What waited goes, oldest first, at most {endpoint.rate_limit} a minute.{' '}
      <Waiting parked={parked} />; what is new joins the end.
    </p>
  )
}

function Closed({ endpoint, now }: HealthProps) {
  if (endpoint.failing_since !== null) {
    return (
      <p class="notice bad">
        <Failures endpoint={endpoint} now={now} />. What is due is retried by itself. Open a
        delivery below to see why.
      </p>
    )
  }
  return isSlow(endpoint, now) ? (
    <p class="notice">
      It answers slowly, so it waits on a lane of its own until it is quick again.
    </p>
  ) : null
}

/** What is due is done when the clock comes. */
function When({ at, now }: { at: number; now: number }) {
  return at > now ? <RelativeTime at={at} now={now} /> : <>within a minute</>
}

function Failures({ endpoint, now }: Omit<HealthProps, 'parked'>) {
  const { failing_since: failingSince, consecutive_failures: failures } = endpoint
  if (failingSince === null) return <>It failed too often</>
  return (
    <>
      {failures === 1
        ? 'The last attempt failed, '
        : `${failures} attempts in a row failed, the first `}
      <RelativeTime at={failingSince} now={now} />
    </>
  )
}

function Waiting({ parked }: { parked: Count }) {
  const { count, counted_all: countedAll } = parked
  if (count === 0) return <>Nothing waits</>
  return (
    <b>
      {countedAll ? count : `More than ${count}`}{' '}
      {count === 1 ? 'delivery waits' : 'deliveries wait'}
    </b>
  )
}

const DISABLED: Record<string, string> = {
  manual:
    'Disabled by you: nothing is sent. What happens meanwhile can be sent when you enable it.',
  gone: 'Disabled because it answered 410 Gone.',
  paused: 'Paused by whoever registered it.',
  awaiting_approval: 'Registered by an integrator, and waits for you to enable it.',
  failing: 'Disabled because it failed for five days without one success.',
}

const BROKEN = new Set(['gone', 'failing'])

function Disabled({ endpoint, parked }: Pick<HealthProps, 'endpoint' | 'parked'>) {
  return (
    <p class="notice bad">
      {DISABLED[endpoint.disabled_reason ?? ''] ?? DISABLED.manual}{' '}
      {parked.count > 0 && (
        <>
          <Waiting parked={parked} /> from before.{' '}
        </>
      )}
      <a href="#switch">Enable it</a>
      {BROKEN.has(endpoint.disabled_reason ?? '') ? ' when it is back.' : ' below.'}
    </p>
  )
}
