import { toBook } from './guestbook/books/book'
import { GuestbookPage, ownLocation } from './guestbook/reading/book-views'
import { english } from './guestbook/rules/languages'
import { readEntry } from './guestbook/signing/judge'
import { EMPTY_FORM } from './guestbook/signing/sign-form'
import type { CommentRow } from './guestbook/store'
import { renderText } from './kit/html/render'
import { listQuery } from './kit/http/pagination'

/*
 * V8 compiles a function when it is first called, and formats, schemas and regular expressions get ready when they are
 * first used. In a new isolate, this takes most of the time of the first request. What is used here, at startup, is
 * ready before the request: on Cloudflare, the startup has a limit of its own, and the request has 10 ms on the Free
 * plan.
 *
 * Nothing here may need D1, random values, the time, or a response: the runtime refuses them outside of a request.
 */

const INPUT = { name: 'Ada', website: 'https://ada.example', body: 'Hello :-)\n\nSee https://ada.example/' }
/** More than a page has, so that V8 collects the garbage of the startup here. With 100, it does so in the first request. */
const ENTRIES = 400

/** Renders a page of the guestbook, as most first requests do. @returns the page */
export function rehearse(): string {
  const book = toBook({ slug: 'main', title: 'Guestbook', settings: '{"moderation":"links"}' })
  const translate = english()
  const read = readEntry({ door: 'page', input: INPUT, book, translate })
  listQuery.parse({})
  if (!read.ok) throw new Error('The entry of the rehearsal was refused.')
  const entry = { ...read.value, id: 'cmt_0', number: 1, created_at: 0, edited_at: null, edited_by: null, reply: null }
  const none = {
    newer: null,
    isByNumber: true,
    isForm: false,
    siteKey: null,
    preview: null,
    outcome: null,
    stamp: '',
    tag: '',
    countries: [],
  }
  return renderText(
    <GuestbookPage
      book={book}
      where={ownLocation(book.slug)}
      translate={translate}
      count={ENTRIES}
      comments={Array.from({ length: ENTRIES }, () => entry as CommentRow)}
      page={1}
      older={entry.id}
      isFirstPage
      hasPast
      form={EMPTY_FORM}
      own={[]}
      origin="https://guestbook.example"
      buttons={[{ host: 'ada.example', hash: '', name: INPUT.name, website: INPUT.website }]}
      {...none}
    />
  )
}
