import { type Child, useContext } from '#jsx'
import { Status, statusWord } from '../../../kit/html/dashboard'
import { ButtonForm, Kept } from '../../../kit/html/parts/form'
import { RelativeTime, SweepTime } from '../../../kit/html/time'
import { UserBlock } from '../../../kit/html/user-text'
import { keepFlash } from '../../../kit/http/flash'
import { shorten } from '../../../kit/lib/text/shorten'
import { MINUTE_MS } from '../../../kit/lib/time'
import type { BreakerState } from '../../rules/delivering/breaker'
import { isSlow, isUnstable, STABLE_AFTER_MS } from '../../rules/delivering/endpoint-health'
import { isPaced, minutesOf } from '../../rules/delivering/pace'
import { isBetweenCalls } from '../../rules/delivering/waiting'
import { WhyFailed } from '../../send/messages/delivery-views'
import type { LastAttempt } from '../last-answers'
import { nothingUntil, shownEndpointStatus, WhyDisabled, waitingText } from '../views'
import { ApprovalForms, EnableForm } from './cards'
import { type Health, mainAct } from './read-health'
import { tabAt, type Viewed } from './viewer'

type HealthProps = Viewed & { health: Health }

/** Each look at an endpoint for which much waits counts up to 1,000 rows. */
const MANY = 100
const SECONDS = { few: 3, many: 10 }

/** Whether an integrator waits for the owner. */
const isAwaiting = ({ endpoint, viewer }: Viewed) => !viewer.isOwner && endpoint.disabled_reason === 'awaiting_approval'

/**
 * How an endpoint is doing, and what to do. dashboard.js keeps this up to date while it is enabled, or while an integrator
 * waits. For another disabled one, each update would count again what was missed.
 */
export function HealthBanner(props: HealthProps) {
  const { endpoint, viewer, health } = props
  const part = `${viewer.page}?part=health&of=${health.watch.of}&at=${health.watch.at}`
  const live = keepFlash(part, useContext(Kept))
  return (
    <div
      data-live={isAwaiting(props) || endpoint.status === 'enabled' ? live : undefined}
      data-live-seconds={health.parked.count > MANY ? SECONDS.many : SECONDS.few}
    >
      <HealthState {...props} />
    </div>
  )
}

/** The banner alone, which dashboard.js keeps up to date. */
export function HealthState(props: HealthProps) {
  const { endpoint, viewer, health } = props
  const { title, next } = stateOf(props)
  const act = mainAct(props, health)
  const answer = health.test ?? health.last
  const state = shownEndpointStatus(endpoint)
  return (
    <section id="health" class="card health" data-state={statusWord(state)} data-answer={health.last?.started_at}>
      <div class="heading">
        <h2>
          <Status value={state} /> {title}
        </h2>
        {act === 'try' && <ButtonForm action={viewer.may.try} label="Try now" kind="primary" />}
      </div>
      {endpoint.breaker === 'draining' && <CatchingUp {...props} />}
      <p>
        {health.parked.count > 0 && <Waiting {...props} />} {next}
      </p>
      {answer && <LastAnswer {...props} last={answer} />}
      {act === 'enable' && <EnableForm {...props} missed={health.missed} />}
      {act === 'approve' && <ApprovalForms {...props} parked={props.health.parked} />}
    </section>
  )
}

/**
 * How much has been sent since the viewer began to watch. Released deliveries neither wait nor are sent for up to a
 * minute, so they are named (`sending`), and the numbers add up.
 */
function CatchingUp({ endpoint, health: { parked, sent, watch } }: HealthProps) {
  if (!parked.counted_all) return null
  const known = sent + parked.count
  const sending = Math.min(Math.max(watch.of - known, 0), endpoint.rate_limit)
  const all = known + sending
  if (all === 0) return null
  return (
    <p>
      <progress max={all} value={sent} aria-label="Sent" /> {sent} of {all} sent
      {sending > 0 && `, ${sending} being sent`}.
    </p>
  )
}

function Waiting({ viewer: { may }, health: { parked } }: HealthProps) {
  const text = waitingText(parked)
  const list = keepFlash(`${may.filter}?status=waiting`, useContext(Kept))
  return <>{may.filter ? <a href={`${list}#deliveries`}>{text}</a> : <b>{text}</b>}.</>
}

/** How many lines and characters of a response are shown. The page of its delivery shows the rest. */
const LINES = 6
const CHARACTERS = 500

/** Of a test, only a line: its tab shows the rest. */
function LastAnswer({ endpoint, viewer, health, last, now }: HealthProps & { last: LastAttempt }) {
  const { isOwner, may } = viewer
  const isTest = last === health.test
  const tested = keepFlash(`${tabAt(viewer, 'test')}&tested=${last.message_id}`, useContext(Kept))
  const said =
    last.outcome !== 'delivered' &&
    shorten((last.response_excerpt ?? '').trim().split('\n').slice(0, LINES).join('\n'), CHARACTERS)
  return (
    <div class="answer">
      <p>
        Last {isTest ? 'test' : 'response'}: <Status value={last.outcome} />{' '}
        {last.status_code !== null && <code>{last.status_code}</code>} in {last.duration_ms} ms,{' '}
        <RelativeTime at={last.started_at} now={now} />.{' '}
        <a href={isTest && may.test ? `${tested}#test` : viewer.pathTo(last)}>
          See this {isTest ? 'test' : 'delivery'}
        </a>
      </p>
      {!isTest && (
        <WhyFailed
          attempt={last}
          explanations={health.explanations}
          isOwner={isOwner}
          format={endpoint.format}
          check={`${tested}#signature`}
        />
      )}
      {!isTest && said && <UserBlock text={said} />}
    </div>
  )
}

/** A state in words: what it is, and what happens next. */
type State = { title: Child; next?: Child }

function stateOf(props: HealthProps): State {
  const { status, breaker } = props.endpoint
  return status === 'disabled' ? disabled(props) : STATES[breaker](props)
}

const STATES: Record<BreakerState, (props: HealthProps) => State> = {
  closed,
  open: ({ endpoint, health, now }) => ({
    title: <Failures endpoint={endpoint} now={now} />,
    next: (
      <>
        {health.parked.count > 0 ? 'We try one delivery' : 'New events are sent'}{' '}
        <SweepTime at={endpoint.resume_at ?? now} now={now} />
        {health.parked.count > 0
          ? ', or as soon as you press Try now. If it succeeds, the rest follow, oldest first. While the endpoint is down, failed manual attempts are not counted among these'
          : '. While the endpoint is down, failed manual attempts are not counted among these'}
        .
      </>
    ),
  }),
  probing: ({ endpoint, now }) => ({
    title: <Failures endpoint={endpoint} now={now} />,
    next: 'We are trying one delivery now.',
  }),
  held,
  draining: ({ endpoint }) => {
    if (isPaced(endpoint)) return { title: 'The call or digest is being sent now' }
    return {
      title: 'Sending the backlog',
      next: (
        <>
          Deliveries are sent oldest first, up to {endpoint.rate_limit} a minute. New deliveries join the end of the
          queue.
        </>
      ),
    }
  },
}

const STABLE_MINUTES = STABLE_AFTER_MS / MINUTE_MS

function closed({ endpoint, viewer, health: { last, test }, now }: HealthProps): State {
  const retry_at = last?.retry_at ?? null
  const retry = retry_at !== null && (
    <>
      The next attempt is automatic: <SweepTime at={retry_at} now={now} />.
    </>
  )
  if (endpoint.failing_since !== null) return { title: <Failures endpoint={endpoint} now={now} />, next: retry }
  if (last && last.outcome !== 'delivered') return { title: 'The last attempt failed', next: retry }
  if (isUnstable(endpoint))
    return {
      title: 'It works again',
      next: <>It works again after an outage. If nothing fails for {STABLE_MINUTES} minutes, the outage is over.</>,
    }
  if (isSlow(endpoint, now))
    return {
      title: 'The receiver responds slowly',
      next: 'Its deliveries use a separate queue until it responds quickly again.',
    }
  if (last)
    return {
      title: 'The last delivery succeeded',
      next: test && 'The last test failed. Tests do not change the state of the endpoint.',
    }
  const act = viewer.may.test && <a href={keepFlash(tabAt(viewer, 'test'), useContext(Kept))}>Send a test</a>
  if (test?.outcome === 'delivered')
    return { title: 'The last test was delivered', next: 'Events are sent when somebody signs the guestbook.' }
  if (test)
    return {
      title: 'The last test failed',
      next: 'No event has been sent yet. Tests do not change the state of the endpoint.',
    }
  return { title: 'No event has been sent yet', next: act }
}

function held(props: HealthProps): State {
  const { endpoint, now } = props
  if (isBetweenCalls(endpoint)) return pausing(props)
  const when = <SweepTime at={endpoint.resume_at ?? now} now={now} />
  if (isPaced(endpoint) && endpoint.consecutive_failures > 0)
    return { title: <Failures endpoint={endpoint} now={now} />, next: <>The next attempt is automatic: {when}.</> }
  const title = 'The receiver asked for a pause'
  return { title, next: <>Deliveries continue {when}, oldest first.</> }
}

function pausing({ endpoint, health: { parked }, now }: HealthProps): State {
  const when = <SweepTime at={endpoint.resume_at ?? now} now={now} />
  if (endpoint.digest_hour !== null) return { title: <>The next daily digest is due {when}</> }
  const minutes = minutesOf(endpoint.min_interval_minutes ?? 0)
  return {
    title: parked.count > 0 ? <>The next call is due {when}</> : 'The last call succeeded',
    next: (
      <>
        {parked.count === 0 && <>The next event can start a call {when} at the earliest. </>}
        This build hook is called at most once every {minutes}.
      </>
    ),
  }
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

function disabled(props: HealthProps): State {
  const { endpoint, viewer } = props
  const { isOwner } = viewer
  const next = [
    nothingUntil(endpoint, isOwner),
    ' ',
    isAwaiting(props) && 'This page says so by itself: leave it open, or come back.',
  ]
  return { title: <WhyDisabled {...endpoint} isOwner={isOwner} />, next }
}
