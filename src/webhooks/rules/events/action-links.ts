import { DASHBOARD } from '../../../kit/lib/paths'
import { parseUrl } from '../../../kit/lib/url'
import { type EventPayload, type Link, ownPart } from './catalogue'
import { textAt } from './value-at-path'

/** Where the owner acts, at most three pages; the last one shows what it is about. Only for built-in events. */
export function linksFor(event: EventPayload, origin: string | null): Link[] {
  return candidates(event, origin).filter(({ url }) => LINK.test(url) && parseUrl(url) !== null)
}

/** Printable ASCII, and short enough that three links leave room for a text in the smallest message. */
const LINK = /^https?:\/\/[\x21-\x7e]{1,700}$/

function candidates({ type, data }: EventPayload, origin: string | null): Link[] {
  const own = ownPart(type)
  if (own) return own.links(data)
  return origin === null ? [] : dashboardLinks(type, data, origin)
}

export const link = (label: string, url: string): Link => ({ label, url })

function dashboardLinks(type: string, data: unknown, origin: string): Link[] {
  const idAt = (path: string) => segment(data, path)
  const endpoint = `${DASHBOARD.endpoints}/${idAt('endpoint.id')}`
  switch (type) {
    case 'endpoint.failing':
    case 'endpoint.disabled':
    case 'endpoint.recovered':
      return [link('Open the endpoint', origin + endpoint)]
    case 'delivery.failed': {
      const delivery = `${DASHBOARD.messages}/${idAt('message.id')}/deliveries/${idAt('endpoint.id')}`
      return [link('Open the endpoint', origin + endpoint), link('Retry the delivery', origin + delivery)]
    }
    case 'inbound.received':
      return [link('Open the request', `${origin}${DASHBOARD.requests}/${idAt('inbound_id')}`)]
    case 'storage.warning':
      return [link('Open the storage page', `${origin}${DASHBOARD.storage}`)]
    default:
      return []
  }
}

/** @returns a value as a segment of a path. Half a character cannot be encoded */
export const segment = (data: unknown, path: string): string => encodeURIComponent(textAt(data, path).toWellFormed())
