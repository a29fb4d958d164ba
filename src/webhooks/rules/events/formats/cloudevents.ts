import { parseUrl } from '../../../../kit/lib/url'
import { dataText, type EventPayload, ownPart } from '../catalogue'
import { defineFormat } from './format'

export const cloudevents = defineFormat({
  name: 'cloudevents',
  label: 'CloudEvents',
  isForPrograms: true,
  hasNoOwnText: true,
  asksPermission: true,
  contentType: 'application/cloudevents+json; charset=utf-8',
  render: ({ event, payload }) => toCloudEvent(event(), payload),
})

/**
 * CloudEvents 1.0.2, structured. Source and subject come from the data only if the program wrote it.
 * https://github.com/cloudevents/spec/blob/main/cloudevents/formats/json-format.md
 */
function toCloudEvent({ id, type, timestamp, data }: EventPayload, payload: string): string {
  const head = { specversion: '1.0', id, ...originOf(type, data), type, time: timestamp }
  const before = JSON.stringify({ ...head, datacontenttype: 'application/json' })
  return data === undefined ? before : `${before.slice(0, -1)},"data":${dataText(payload)}}`
}

const GUESTHOOK = 'urn:guesthook'

function originOf(type: string, data: unknown): { source: string; subject?: string } {
  const about = ownPart(type)?.about(data)
  if (!about) return { source: GUESTHOOK }
  const { source, subject } = about
  return { source: isUriReference(source) ? source : GUESTHOOK, ...(subject && { subject }) }
}

/** Checks for the characters that RFC 3986 allows. The address of a book has no others. */
function isUriReference(url: string): boolean {
  return parseUrl(url) !== null && /^https?:\/\/[\w.:[\]-]+(\/[\w./~-]*)?$/.test(url)
}
