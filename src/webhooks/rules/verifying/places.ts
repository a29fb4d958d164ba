import { type Content, type InboundRequest, splitPlace, textsAt, type ValuePlace } from './request'
import type { Extract, Scheme } from './scheme'

export const placesOf = (at: Extract['at']): readonly ValuePlace[] => (typeof at === 'string' ? [at] : at)

/** @returns the locations of a scheme's signature or secret, and of its timestamp */
export function proofPlaces(scheme: Scheme): ValuePlace[] {
  if (scheme.kind === 'unsigned') return []
  if (scheme.kind === 'shared-secret') return [scheme.at]
  return [...placesOf(scheme.signature.at), ...placesOf(scheme.timestamp?.at ?? [])]
}

/** @returns a description of the locations, for display: `header x-signature or header x-signature-256` */
export function describePlaces(at: Extract['at']): string {
  return placesOf(at)
    .map((place) => splitPlace(place).join(' '))
    .join(' or ')
}

/** @returns the values at the first location that has any. An empty value is no value */
export function textsAtFirst(request: InboundRequest, content: Content, at: Extract['at']): string[] {
  return (
    placesOf(at)
      .map((place) => textsAt(request, content, place).filter((text) => text.trim() !== ''))
      .find((texts) => texts.length > 0) ?? []
  )
}

/** Headers are untrusted input. The longest signature (RSA with 4,096 bits) has 1,024 characters in hex. */
const MAX_EXTRACTED_CHARACTERS = 4_096

/** @returns the matching values with the prefix removed, in order; values over the length limit are left out */
export function extract(request: InboundRequest, content: Content, place: Extract): string[] {
  const { at, list, prefix = '', optionalPrefix = '' } = place
  return textsAtFirst(request, content, at)
    .flatMap((text) => (list === undefined ? [text] : text.split(list)))
    .map((item) => item.trim())
    .filter((item) => item !== '' && item.length <= MAX_EXTRACTED_CHARACTERS)
    .filter((item) => startsWith(item, prefix))
    .map((item) => item.slice(prefix.length).trim())
    .map((item) => (startsWith(item, optionalPrefix) ? item.slice(optionalPrefix.length) : item))
}

const startsWith = (text: string, prefix: string): boolean => text.toLowerCase().startsWith(prefix.toLowerCase())
