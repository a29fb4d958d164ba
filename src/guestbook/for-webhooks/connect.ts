import { connectEvents } from '../../webhooks/events'
import { connectAct } from '../../webhooks/receive/process/own-act'
import { withModeration } from '../rules/events/moderation'
import { ENTRY_EVENTS } from '../rules/events/types'
import { addLinks } from './moderation-links'
import { planSignature, requireBookOf } from './sign-act'

/** Gives the engine of the webhooks what the guestbook knows: its events, and what it does with a request. */
export function connectGuestbook(): void {
  connectEvents({
    types: ENTRY_EVENTS,
    addLinks,
    removeLinks: ({ type, payload }) => withModeration(type, payload, null),
  })
  connectAct({ plan: planSignature, checkTemplate: requireBookOf })
}
