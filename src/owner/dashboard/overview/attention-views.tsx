import type { Child } from '#jsx'
import { sharesOf } from '../../../guestbook/rules/entries/quota'
import { formatBytes } from '../../../kit/html/bytes'
import { DailyLimitText, PLANS_URL } from '../../../kit/html/contexts/daily-limit'
import { MAX_WAITING } from '../../../kit/html/contexts/waiting'
import { Section } from '../../../kit/html/parts/card'
import { UserText } from '../../../kit/html/user-text'
import { DASHBOARD } from '../../../kit/lib/paths'
import { spanInWords } from '../../../kit/lib/time'
import type { FailingSource } from '../../../webhooks/receive/messages/recent-requests'
import type { Quota } from '../../rules/stats/quotas'
import type { Stats } from '../../stats/read'
import { percentOf, type Usage } from '../../storage/database-size'
import { StorageNotice, WARN_PERCENT } from '../../storage/views'
import { type Attention, MAX_MORE, MAX_NEEDS_COUNTED, SWEEP_LATE_MS } from './attention'
import { EndpointNeed, NEEDY, Need, RegisteredNeed } from './endpoint-needs'
import { SourceNeed } from './source-needs'

interface NeedsProps {
  attention: Attention
  failing: FailingSource[]
  stats: Stats
  waiting: number
  usage: Usage
  /** Empty on the Paid plan, and while the sweep has not counted everything until now. */
  quotas: Quota[]
  now: number
}

/** What needs the owner's attention, each with the way to act. */
export function Needs(props: NeedsProps) {
  const needs = [
    ...entryNeeds(props),
    ...endpointNeeds(props),
    ...webhookNeeds(props),
    ...bookNeeds(props),
    ...limitNeeds(props),
  ].filter(Boolean)
  return (
    <Section id="needs" title="Needs your attention">
      {needs.length === 0 ? <p class="notice good">All is well.</p> : <ul class="needs">{needs}</ul>}
      <StorageNotice usage={props.usage} />
    </Section>
  )
}

/** @returns for example "3 entries", or "10+ entries" where counting stopped */
function counted(count: number, singular: string, plural: string, limit = MAX_NEEDS_COUNTED): string {
  const number = count < limit ? String(count) : `${limit - 1}+`
  return `${number} ${count === 1 ? singular : plural}`
}

function entryNeeds({ attention, waiting }: NeedsProps): Child[] {
  const faults = attention.faults.map(({ name, message }) => (
    <Need href={DASHBOARD.system} act="See the system">
      <b>{name}</b>: {message}
    </Need>
  ))
  const held = waiting > 0 && (
    <Need href={`${DASHBOARD.entries}?status=held`} act="Review">
      <b>{counted(waiting, 'entry waits', 'entries wait', MAX_WAITING)}</b> for your approval.
    </Need>
  )
  const { registered } = attention
  return [...faults, held, registered.length > 0 && <RegisteredNeed endpoints={registered} />]
}

function endpointNeeds({ attention, stats, now }: NeedsProps): Child[] {
  const { endpoints, more_endpoints } = attention
  return [
    ...endpoints.map((endpoint) => <EndpointNeed {...{ endpoint, stats, now }} />),
    more_endpoints > 0 && (
      <Need href={NEEDY} act="See all">
        <b>{counted(more_endpoints, 'more endpoint needs', 'more endpoints need', MAX_MORE)}</b> attention.
      </Need>
    ),
  ]
}

function webhookNeeds({ attention, failing, now }: NeedsProps): Child[] {
  const { failed_inbound, late } = attention
  const named = failing.reduce((sum, { failed }) => sum + failed, 0)
  // If there are many, nobody knows how many of them are of other sources than those above.
  const others = failed_inbound === MAX_NEEDS_COUNTED ? failed_inbound : failed_inbound - named
  return [
    ...failing.map((source) => <SourceNeed source={source} now={now} />),
    others > 0 && (
      <Need href={`${DASHBOARD.requests}?status=failed&range=week`} act="Review">
        <b>{counted(others, 'request', 'requests')}</b> {others < failed_inbound && 'of other sources '}
        failed in the last week.
      </Need>
    ),
    late > 0 && (
      <Need href={DASHBOARD.system} act="See the system">
        <b>{counted(late, 'webhook is', 'webhooks are')}</b> more than {spanInWords(SWEEP_LATE_MS)} late. If this number
        does not go down, the cron job may have stopped.
      </Need>
    ),
  ]
}

/** Strangers store much: in all, or from one network, whose registrations and tests the book does not count. */
function bookNeeds({ attention }: NeedsProps): Child[] {
  return attention.busy_books.map(({ book, used, networks, most, quota }) => {
    const { share, late_share } = sharesOf(quota)
    const all = `${formatBytes(used)} of ${formatBytes(quota)}`
    const from = counted(networks, 'network', 'networks', Infinity)
    return (
      <Need href={`${DASHBOARD.entries}?book=${book.slug}`} act="See entries">
        <b>
          <UserText text={book.title} />
        </b>
        :{' '}
        {used * 2 < quota ? (
          <>
            One network has stored {formatBytes(Math.min(most, share))} of its {formatBytes(share)} today. Registrations
            and tests count as well.
          </>
        ) : (
          <>
            Guests have stored {all} today, from {from}. Until midnight UTC, the daily limit for each network is only{' '}
            {formatBytes(late_share)}.
          </>
        )}
      </Need>
    )
  })
}

function limitNeeds({ quotas, attention: { daily_limit } }: NeedsProps): Child[] {
  const reached = daily_limit && (
    <Need href={PLANS_URL} act="See plans">
      <DailyLimitText limit={daily_limit} /> Until midnight UTC, nothing was accepted or sent.
    </Need>
  )
  const nearlyUsed = quotas.filter(({ used, limit }) => (used / limit) * 100 >= WARN_PERCENT)
  const nearly = nearlyUsed.map(({ name, used, limit }) => (
    <Need href={PLANS_URL} act="See plans">
      <b>
        About {percentOf(used, limit)}% of today's {name}
      </b>{' '}
      on the Free plan are used. Once this limit is reached, nothing is accepted or sent until midnight UTC.
    </Need>
  ))
  return [reached, ...nearly]
}

/** How much is used today. */
export function Limits({ quotas, usage }: Pick<NeedsProps, 'quotas' | 'usage'>) {
  return (
    <p class="small limits">
      Database: <a href={DASHBOARD.storage}>{usage.percent === 0 ? 'less than 1' : usage.percent}% full</a>.
      {quotas.map(({ name, used, limit }) => (
        <>
          {' '}
          {name[0]?.toUpperCase() + name.slice(1)} today: about {used.toLocaleString('en')} of{' '}
          {limit.toLocaleString('en')} ({percentOf(used, limit)}%).
        </>
      ))}{' '}
      {quotas.length > 0 && 'These estimates do not include page views; Cloudflare shows the exact figures.'}
    </p>
  )
}
