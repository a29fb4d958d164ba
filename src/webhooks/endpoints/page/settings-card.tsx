import { stepsOfRow } from '../../../kit/field-rows'
import { ActLink } from '../../../kit/html/list'
import { type NamedPart, Steps } from '../../../kit/html/pairs'
import { Card } from '../../../kit/html/parts/card'
import { ButtonForm } from '../../../kit/html/parts/form'
import { ExactTime } from '../../../kit/html/time'
import { DASHBOARD } from '../../../kit/lib/paths'
import { receiverSource } from '../../rules/delivering/built-in-receiver'
import type { UnknownFilter } from '../../rules/events/suggest'
import { ENDPOINT_FIELDS } from '../fields'
import type { EndpointRow } from '../store'
import { DangerCard, subscriptionOf } from './cards'
import type { Viewed } from './viewer'

/** What an endpoint gets, and how, and what ends it. Settings that have their usual value are left out. */
export function SettingsTab(viewed: Viewed) {
  const { endpoint, viewer } = viewed
  return (
    <>
      <Card id="settings">
        <Steps pairs={viewer.isOwner ? settingsOf(endpoint) : subscriptionOf(endpoint)} />
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
          You can <a href={DASHBOARD.eventTypes}>define it</a>, or publish it without a definition.
        </>
      )}
    </p>
  )
}

function settingsOf(endpoint: EndpointRow): NamedPart[] {
  return [
    ...stepsOfRow(ENDPOINT_FIELDS.rows, endpoint, true),
    ['Registered', <ExactTime at={endpoint.created_at} />],
    ['Registered by', endpoint.manage_token_hash === null ? 'you' : 'an integrator, who can also manage it'],
  ]
}
