import { type Act, isOneOf, statesBefore } from '../../../kit/lib/states'

export const ENDPOINT_STATUSES = ['enabled', 'disabled', 'deleted'] as const
export type EndpointStatus = (typeof ENDPOINT_STATUSES)[number]

/** Why an endpoint is disabled. */
const DISABLED_STATES = ['awaiting_approval', 'manual', 'paused', 'failing', 'gone'] as const
export type DisabledReason = (typeof DISABLED_STATES)[number]

/** The status of an endpoint, or the reason if it is disabled. What it waits for while enabled: see waiting.ts. */
export const ENDPOINT_STATES = ['enabled', ...DISABLED_STATES, 'deleted'] as const
export type EndpointState = (typeof ENDPOINT_STATES)[number]

/** What each act makes of an endpoint. `endpoint.disabled` is published only for what an attempt does. */
export const ENDPOINT_ACTS = {
  created: { by: 'the owner', to: { none: ['enabled', 'manual'] } },
  registered: { by: 'an integrator', to: { none: ['enabled', 'awaiting_approval'] } },
  enabled: {
    by: 'the owner',
    to: {
      awaiting_approval: 'enabled',
      manual: 'enabled',
      paused: 'enabled',
      failing: 'enabled',
      gone: 'enabled',
    },
    also: 'a fresh start',
  },
  resumed: {
    by: 'its integrator',
    to: { paused: 'enabled', failing: 'enabled', gone: 'enabled' },
    also: 'a fresh start',
  },
  disabled: {
    by: 'the owner',
    to: { enabled: 'manual', awaiting_approval: 'manual', paused: 'manual', failing: 'manual', gone: 'manual' },
  },
  paused: { by: 'its integrator', to: { enabled: 'paused' } },
  // To a new URL. While registration is open, this changes no state.
  moved: {
    by: 'its integrator',
    to: {
      enabled: 'awaiting_approval',
      awaiting_approval: 'awaiting_approval',
      paused: 'awaiting_approval',
      failing: 'awaiting_approval',
      gone: 'awaiting_approval',
    },
  },
  failing: { by: 'an attempt', to: { enabled: 'failing' }, also: '`endpoint.disabled`' },
  gone: { by: 'an attempt (410)', to: { enabled: 'gone' }, also: '`endpoint.disabled`' },
  deleted: {
    by: 'the owner, its integrator',
    to: {
      enabled: 'deleted',
      awaiting_approval: 'deleted',
      manual: 'deleted',
      paused: 'deleted',
      failing: 'deleted',
      gone: 'deleted',
    },
  },
  expired: { by: 'the sweep', to: { awaiting_approval: 'deleted' } },
  removed: { by: 'retention', to: { deleted: 'none' } },
} as const satisfies Record<string, Act<EndpointState>>
export type EndpointAct = keyof typeof ENDPOINT_ACTS

const isDisabled = (state: EndpointState): state is DisabledReason => DISABLED_STATES.some((reason) => reason === state)

/** @returns the reasons for which an endpoint can be disabled, so that an act changes it */
export function disabledBefore(act: EndpointAct): DisabledReason[] {
  return statesBefore<EndpointState>(ENDPOINT_ACTS[act]).filter(isDisabled)
}

/** SQL: an act changes a row in `endpoints`, because of the state that it is in. */
export function endpointCanBe(act: EndpointAct): string {
  const before = statesBefore<EndpointState>(ENDPOINT_ACTS[act])
  const reasons = disabledBefore(act)
  const isAnyReason = reasons.length === DISABLED_STATES.length
  const conditions = [
    ...before.filter((state) => !isDisabled(state)).map((status) => `status = '${status}'`),
    ...(isAnyReason ? [`status = 'disabled'`] : []),
    ...(reasons.length > 0 && !isAnyReason ? [`(status = 'disabled' and ${isOneOf('disabled_reason', reasons)})`] : []),
  ]
  return conditions.length === 1 ? String(conditions[0]) : `(${conditions.join(' or ')})`
}
