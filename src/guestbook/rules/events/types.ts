import { isolated } from '../../../kit/lib/text/bidi'
import { parseUrl } from '../../../kit/lib/url'
import { link, segment } from '../../../webhooks/rules/events/action-links'
import type { EventType, Link } from '../../../webhooks/rules/events/catalogue'
import { textAt } from '../../../webhooks/rules/events/value-at-path'
import { COMMENT_HELD, COMMENT_PUBLISHED, COMMENT_REMOVED } from './event-data'

/* The events about entries: what the engine of the webhooks is given. */

type Own = NonNullable<EventType['own']>

/** @param title makes the title from the name of the guest and the title of the book */
function ownOf(title: (name: string, book: string) => string, more: Partial<Own> = {}): Own {
  return {
    words: (data) => ({ title: title(nameIn(data), bookIn(data)), text: textAt(data, 'comment.body') }),
    links: (data) => [link('View entry', textAt(data, 'comment.url'))],
    about: (data) => ({
      book: textAt(data, 'book.slug'),
      source: textAt(data, 'book.url'),
      subject: textAt(data, 'comment.id'),
    }),
    ...more,
  }
}

const nameIn = (data: unknown) => isolated(textAt(data, 'comment.name'))
const bookIn = (data: unknown) => isolated(textAt(data, 'book.title'))

/** An entry that waits is on no public page, so it is shown in the dashboard, where the owner can also reply. */
function moderationLinks(data: unknown): Link[] {
  const entry = parseUrl(textAt(data, 'comment.url'))
  const reply = entry ? `${entry.origin}/admin/comments/${segment(data, 'comment.id')}#reply` : ''
  return [
    link('Approve', textAt(data, 'moderation.approve_url')),
    link('Hide', textAt(data, 'moderation.hide_url')),
    link('Reply', reply),
  ]
}

export const ENTRY_EVENTS: readonly EventType[] = [
  {
    name: 'comment.published',
    description: 'An entry was published on the page.',
    ...COMMENT_PUBLISHED,
    own: ownOf((name, book) => `${name} signed ${book}`),
  },
  {
    name: 'comment.held',
    description: 'An entry waits for approval.',
    ...COMMENT_HELD,
    own: ownOf((name, book) => `${name} signed ${book} (waiting for approval)`, {
      links: moderationLinks,
      hasLinks: true,
      waiting: (count) => `${count} ${count === 1 ? 'entry waits' : 'entries wait'} for approval`,
    }),
  },
  {
    name: 'comment.updated',
    description: 'A published entry was changed, or the owner replied to it.',
    ...COMMENT_PUBLISHED,
    own: ownOf((name, book) => `${name}’s entry in ${book} was changed`),
  },
  {
    name: 'comment.removed',
    description: 'An entry was removed from the page.',
    ...COMMENT_REMOVED,
    own: ownOf(() => '', {
      words: (data) => ({
        title: `An entry in ${bookIn(data)} was removed`,
        text: 'The entry is no longer on the page.',
      }),
      links: () => [],
    }),
  },
]
