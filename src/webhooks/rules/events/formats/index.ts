import { buildHook } from './build-hook'
import { cloudevents } from './cloudevents'
import { discord } from './discord'
import { email } from './email'
import type { DeliveryIds, FormatDefinition, Target } from './format'
import { googleChat } from './google-chat'
import { matrix } from './matrix'
import { ntfy } from './ntfy'
import { slack } from './slack'
import { standard } from './standard'
import { teams } from './teams'
import { telegram } from './telegram'

/* The formats in which an event can be sent, in the order of the form. */

const DEFINITIONS = [
  standard,
  slack,
  discord,
  teams,
  googleChat,
  ntfy,
  telegram,
  matrix,
  email,
  cloudevents,
  buildHook,
] as const

export type Format = (typeof DEFINITIONS)[number]['name']

export const FORMATS = DEFINITIONS.map(({ name }) => name) as [Format, ...Format[]]
const BY_NAME = new Map<string, FormatDefinition>(DEFINITIONS.map((format) => [format.name, format]))
export const formatOf = (name: Format): FormatDefinition => BY_NAME.get(name) ?? standard

/** @returns the format to suggest for a receiver's URL; `standard` if the URL is not that of a known service */
export function proposeFormat(url: string): Format {
  const isOf = ({ urls = [] }: FormatDefinition) => urls.some((pattern) => pattern.test(url))
  return DEFINITIONS.find(isOf)?.name ?? 'standard'
}

/** @param url one that `checkTarget` and the URL policy have accepted */
export function targetOf(format: Format, url: string, ids: DeliveryIds): Target {
  return formatOf(format).target?.(url, ids) ?? { method: 'POST', url }
}

/** @returns what is wrong with the URL of an endpoint with this format, and what to do; null if it can be used */
export function checkTarget(format: Format, url: string): string | null {
  const { check } = formatOf(format)
  if (check) return check(url)
  return /^mailto:/i.test(url) ? 'A mailto: address needs the format email.' : null
}
