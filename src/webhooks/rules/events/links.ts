import { parseUrl } from '../../../kit/lib/url'
import { isAboutComment, type Payload } from './catalogue'
import { textAt } from './text-at'

export interface Link {
  label: string
  url: string
}

/**
 * The pages on which the owner acts on an event, at most three. The last one shows what the event is about. Only the
 * guestbook's own events have links: anybody may have written the data of others.
 * @param origin the guestbook's public origin, or null
 */
export function linksFor(event: Payload, origin: string | null): Link[] {
  return candidates(event, origin).filter(({ url }) => LINK.test(url) && parseUrl(url) !== null)
}

/** Printable ASCII, and short enough that three links leave room for a text in the smallest message. */
const LINK = /^https?:\/\/[\x21-\x7e]{1,700}$/

function candidates({ type, data }: Payload, origin: string | null): Link[] {
  if (type === 'comment.held') return moderation(data)
  if (isAboutComment(type)) return type === 'comment.removed' ? [] : [link('View entry', textAt(data, 'comment.url'))]
  return origin === null ? [] : dashboardLinks(type, data, origin)
}

function link(label: string, url: string): Link {
  return { label, url }
}

/** An entry that waits is on no public page, so it is shown in the dashboard, where the owner can also reply. */
function moderation(data: unknown): Link[] {
  const entry = parseUrl(textAt(data, 'comment.url'))
  const reply = entry ? `${entry.origin}/admin/comments/${segment(data, 'comment.id')}#reply` : ''
  return [
    link('Approve', textAt(data, 'moderation.approve_url')),
    link('Hide', textAt(data, 'moderation.hide_url')),
    link('Reply', reply),
  ]
}

function dashboardLinks(type: string, data: unknown, origin: string): Link[] {
  const idAt = (path: string) => segment(data, path)
  const endpoint = `/admin/endpoints/${idAt('endpoint.id')}`
  switch (type) {
    case 'endpoint.failing':
    case 'endpoint.disabled':
    case 'endpoint.recovered':
      return [link('Open the endpoint', origin + endpoint)]
    case 'delivery.failed': {
      const delivery = `/admin/messages/${idAt('message.id')}/deliveries/${idAt('endpoint.id')}`
      return [link('Open the endpoint', origin + endpoint), link('Retry the delivery', origin + delivery)]
    }
    case 'inbound.received':
      return [link('Open the webhook', `${origin}/admin/inbound/${idAt('inbound_id')}`)]
    case 'storage.warning':
      return [link('Open the storage page', `${origin}/admin/storage`)]
    default:
      return []
  }
}

/** @returns a value as a segment of a path. Half a character cannot be encoded */
function segment(data: unknown, path: string): string {
  return encodeURIComponent(textAt(data, path).toWellFormed())
}
