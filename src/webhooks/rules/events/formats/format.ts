import type { EventPayload } from '../catalogue'
import type { Summary } from '../summary'

/* What a format is. Each one is an object in a file of its own, and index.ts lists them. */

/** What a body is made of. */
export interface FormattedMessage {
  /** The stored payload. */
  payload: string
  /** @returns the payload, parsed */
  event(): EventPayload
  /** The owner's own text, or null. */
  own: string | null
  /** @returns the event in words; with the owner's own text, if there is one */
  summary(): Summary
  /** The endpoint. Its URL contains the ntfy topic, the Telegram chat or the address. */
  endpoint: { id: string; url: string }
  /** The address that e-mails are sent from. */
  from: string
}

/** Where a request goes. */
export type Target = { method: 'POST' | 'PUT'; url: string }

/** The ids of a delivery. They are the same for every attempt, so that a service recognizes a repeat. */
export type DeliveryIds = { message_id: string; endpoint_id: string }

export interface FormatDefinition<Name extends string = string> {
  name: Name
  /** In the form. */
  label: string
  /** The service that gets the messages and checks no signature, as pages name it. */
  service?: string
  /** The URLs of the service. It accepts only its own format, and rejects others with vague errors. */
  urls?: readonly RegExp[]
  /** Programs read the messages, so there is no digest. */
  isForPrograms?: boolean
  /** Its body says that something happened, and nothing of what guests or the owner wrote. */
  hasNoTexts?: boolean
  /** The owner's own text cannot be part of it. */
  hasNoOwnText?: boolean
  /** It is called at most once in an interval, because one call covers all events until then. */
  isPaced?: boolean
  /** It is sent as an e-mail, not as a request. */
  isEmail?: boolean
  /** The receiver can be asked for permission, with the CloudEvents handshake. */
  asksPermission?: boolean
  /** What the owner must add if there is no `Authorization` header. */
  needsAuthorization?: string
  /** Which parts of the path of its URL are secrets. By default, those that look random. */
  secretPath?: 'all' | 'random' | 'none'
  contentType?: string
  /** @returns what is wrong with the URL of an endpoint, and what to do; null if it can be used */
  check?(url: string): string | null
  /** @returns the method, and a URL at the endpoint's origin. Formats without this POST to the endpoint's URL */
  target?(url: string, ids: DeliveryIds): Target
  /** The same message always gives the same body. */
  render(message: FormattedMessage): string
}

export const defineFormat = <Name extends string>(format: FormatDefinition<Name>): FormatDefinition<Name> => format

/** A format for people: the words of an event as JSON for a service. */
export function asJson(write: (summary: Summary, url: string) => object) {
  return (message: FormattedMessage): string => JSON.stringify(write(message.summary(), message.endpoint.url))
}
