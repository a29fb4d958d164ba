import { ENTRY_EVENTS } from '../../src/guestbook/rules/events/types'
import { addEventTypes } from '../../src/webhooks/rules/events/catalogue'

// Tests of rules load no app, which connects the guestbook with the engine.
addEventTypes(ENTRY_EVENTS)
