import type { Child } from '#jsx'
import { ActLink } from '../../../kit/html/list'
import { type Step, Steps } from '../../../kit/html/pairs'
import { Card } from '../../../kit/html/parts/card'
import { ButtonForm } from '../../../kit/html/parts/form'
import { ExactTime } from '../../../kit/html/time'
import { UserCode, UserText } from '../../../kit/html/user-text'
import { receiverSource } from '../../rules/delivering/built-in-receiver'
import { minutesOf } from '../../rules/delivering/pace'
import { wantsType } from '../../rules/events/filter'
import { formatOf } from '../../rules/events/formats'
import type { UnknownFilter } from '../../rules/events/suggest'
import type { EndpointRow } from '../store'
import { DangerCard, scopeOf } from './cards'
import type { Viewed } from './viewer'

/** What an endpoint gets, and how, and what ends it. Settings that have their usual value are left out. */
export function SettingsTab(viewed: Viewed) {
  const { endpoint, viewer } = viewed
  return (
    <>
      <Card id="settings">
        <Steps pairs={viewer.isOwner ? settingsOf(endpoint) : scopeOf(endpoint)} />
        <div class="inline">
          <ActLink href={`${viewer.page}/edit`}>Edit</ActLink>
          {viewer.may.duplicate && receiverSource(endpoint.url) === null && (
            <ButtonForm action={viewer.may.duplicate} label="Duplicate" />
          )}
        </div>
      </Card>
      <DangerCard {...viewed} />
    </>
  )
}

/** Says that a type is unknown, and which one may have been meant. @param edit the page on which it can be corrected */
export function UnknownType({ filter, suggestion, edit }: UnknownFilter & { edit?: string }) {
  return (
    <p class="notice wait">
      <code>{filter}</code> matches no event type that exists.{' '}
      {suggestion ? (
        <>
          Did you mean <code>{suggestion}</code>?{edit && ' '}
          {edit && <a href={edit}>Edit</a>}
        </>
      ) : (
        <>
          You can <a href="/admin/event-types">define it</a>, or publish it without a definition.
        </>
      )}
    </p>
  )
}

const getsHeld = ({ event_types }: EndpointRow): boolean => wantsType(JSON.parse(event_types), 'comment.held')

function settingsOf(endpoint: EndpointRow): (Step | null)[] {
  const { format, headers, when, texts, created_at, manage_token_hash } = endpoint
  return [
    ...scopeOf(endpoint),
    when === null ? null : ['Only if', <UserText text={when} />],
    ['Format', `${formatOf(format).label}${endpoint.legacy_signature ? ', also signed as GitHub does' : ''}`],
    endpoint.moderation_links === 1 || !getsHeld(endpoint) ? null : ['Moderation links', 'left out'],
    headers === null ? null : ['Headers', <Headers headers={JSON.parse(headers)} />],
    texts === null ? null : ['Own texts', `for ${Object.keys(JSON.parse(texts)).join(', ')}`],
    ['Pace', paceOf(endpoint)],
    ['Registered', <ExactTime at={created_at} />],
    ['Registered by', manage_token_hash === null ? 'you' : 'an integrator, who can also manage it'],
  ]
}

function Headers({ headers }: { headers: Record<string, string> }) {
  return (
    <>
      {Object.entries(headers).map(([name, value]) => (
        <div>
          <UserCode text={`${name}: ${value}`} />
        </div>
      ))}
    </>
  )
}

function paceOf({ rate_limit, min_interval_minutes, digest_hour }: EndpointRow): Child {
  if (digest_hour !== null) return <>one digest a day, at {String(digest_hour).padStart(2, '0')}:00 UTC</>
  if (min_interval_minutes) return <>at most one call every {minutesOf(min_interval_minutes)}</>
  return <>new events immediately; waiting and replayed events up to {rate_limit} a minute</>
}
