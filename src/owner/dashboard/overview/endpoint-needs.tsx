import type { Child, PropsWithChildren } from '#jsx'
import { Status } from '../../../kit/html/dashboard'
import { ButtonForm } from '../../../kit/html/parts/form'
import { RelativeTime, SweepTime } from '../../../kit/html/time'
import { UserText } from '../../../kit/html/user-text'
import { DASHBOARD } from '../../../kit/lib/paths'
import { EndpointLink } from '../../../webhooks/endpoints/built-in-views'
import { answerInWords } from '../../../webhooks/endpoints/last-answers'
import { WhyDisabled, waitingText } from '../../../webhooks/endpoints/views'
import { successRate } from '../../rules/stats/figures'
import { rangeInWords } from '../../rules/stats/periods'
import type { Stats } from '../../stats/read'
import { type Endpoint, MAX_SHOWN, type NeedyEndpoint } from './attention'

/** The list of the endpoints that need attention. */
export const NEEDY = `${DASHBOARD.endpoints}?state=attention`

/** Something that needs attention. @param act the text of a link, or a form */
export function Need({ href, act, children }: PropsWithChildren<{ href?: string | undefined; act: Child }>) {
  return (
    <li>
      <div>{children}</div>
      {href === undefined ? (
        act
      ) : (
        <a class="button" href={href}>
          {act}
        </a>
      )}
    </li>
  )
}

type EndpointNeedProps = { endpoint: NeedyEndpoint; stats: Stats; now: number }

/** An endpoint that does not work: why, since when, how many deliveries wait, and the button that helps. */
export function EndpointNeed({ endpoint, stats, now }: EndpointNeedProps) {
  const { id, url, description, shown, parked, answer } = endpoint
  const [what, since] = troubleOf(endpoint, now)
  return (
    <Need {...actOf(endpoint)}>
      <Status value={shown} /> <EndpointLink href={`${DASHBOARD.endpoints}/${id}`} {...{ url, description }} />
      {answer && (
        <div class="answer">
          <UserText text={answerInWords(answer)} />
        </div>
      )}
      <div class="small">
        {what} <RelativeTime at={since} now={now} />
        {successOf(id, stats)}
        {parked.count > 0 && ` · ${waitingText(parked)}`}
        {endpoint.status === 'enabled' && endpoint.resume_at !== null && (
          <>
            {' '}
            · next attempt <SweepTime at={endpoint.resume_at} now={now} />
          </>
        )}
      </div>
    </Need>
  )
}

/** Endpoints that wait for approval, in one row: strangers can register many. The button leads to the oldest. */
export function RegisteredNeed({ endpoints }: { endpoints: Endpoint[] }) {
  const page = ({ id }: Endpoint) => `${DASHBOARD.endpoints}/${id}`
  const [oldest] = endpoints
  return (
    <Need href={oldest && `${page(oldest)}#health`} act="Review">
      {endpoints.slice(0, MAX_SHOWN).map((one) => (
        <div>
          <Status value="awaiting_approval" /> <EndpointLink href={page(one)} {...one} />
        </div>
      ))}
      {endpoints.length > MAX_SHOWN && <a href={NEEDY}>More endpoints wait.</a>}
    </Need>
  )
}

/** Tells an endpoint that works now and then from one that never does. */
function successOf(id: string, { endpoints, range }: Stats): Child {
  const made = endpoints.find((one) => one.id === id)
  const percent = made ? Math.floor((successRate(made.attempts) ?? 0) * 100) : 0
  return percent > 0 && ` · ${percent}% succeeded in ${rangeInWords(range)}`
}

/** The page of a disabled endpoint says how much it has missed. */
function actOf({ id, status }: NeedyEndpoint) {
  const page = `${DASHBOARD.endpoints}/${id}`
  if (status === 'enabled') return { act: <ButtonForm action={`${page}/try`} label="Try now" /> }
  return { href: `${page}#health`, act: 'Enable…' }
}

/** What is the matter, and since when. */
function troubleOf(endpoint: NeedyEndpoint, now: number): [what: Child, since: number] {
  const { disabled_reason, disabled_at, failing_since, consecutive_failures, created_at, answer } = endpoint
  if (disabled_reason !== null) return [[<WhyDisabled {...endpoint} />, ' ·'], disabled_at ?? created_at]
  if (failing_since === null) return ['Last attempt', answer?.started_at ?? now]
  return [consecutive_failures === 1 ? 'Failed' : `${consecutive_failures} failures in a row, the first`, failing_since]
}
