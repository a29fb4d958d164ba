import { connectProgram } from '../../webhooks/program'
import { connectAct } from '../../webhooks/receive/process/program-act'
import { keepResponsesIf } from '../../webhooks/send/deliver/store'
import { MAIN_BOOK } from '../books/book'
import { findUnknownBooks, listBookTitles } from '../books/store'
import { findEntryOf } from '../moderation/events-of'
import { withModeration } from '../rules/events/moderation'
import { ENTRY_EVENTS } from '../rules/events/types'
import { addLinks } from './moderation-links'
import { planSignature, renderForOwner, requireBookOf } from './sign-act'

/** A removal may report an entry that is hidden, or one that was deleted for good. */
const IS_KNOWN = `(m.type <> 'comment.removed'
        or exists (select 1 from comments where id = m.payload ->> '$.data.comment.id'))`

/** Gives the engine of the webhooks what the guestbook knows: its events and books, and what it does with a request. */
export function connectGuestbook(): void {
  connectProgram({
    types: ENTRY_EVENTS,
    addLinks,
    removeLinks: ({ type, payload }) => withModeration(type, payload, null),
    books: { main: MAIN_BOOK, list: listBookTitles, findUnknown: findUnknownBooks },
    findSubject: findEntryOf,
  })
  connectAct({ plan: planSignature, render: renderForOwner, checkTemplate: requireBookOf })
  keepResponsesIf(IS_KNOWN)
}
