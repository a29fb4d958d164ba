import { decodeUtf8, equalBytes } from '../../../kit/lib/bytes'
import { comparePairs, type Difference, jsonPairs } from '../../../kit/lib/compare'
import type { LoadedInbound } from '../messages/load'
import { shownBody } from '../messages/stored-request'
import { shownQuery, shownRequestHeaders } from './curl'

/** What is different between two requests. */
export interface Comparison {
  request: Difference[]
  headers: Difference[]
  /** The values of JSON bodies; null if the bodies are not JSON, or have too many values. */
  body: Difference[] | null
  isSameBody: boolean
}

/** A secret that is different shows as different, but is not shown. */
const HIDDEN = '(hidden)'

export function compareRequests(before: LoadedInbound, after: LoadedInbound): Comparison {
  const [first, second] = [bodyPairs(before), bodyPairs(after)]
  return {
    request: comparePairs(lineOf(before), lineOf(after)),
    headers: comparePairs(headersOf(before), headersOf(after)),
    body: first && second && comparePairs(first, second),
    isSameBody: equalBytes(before.request.body, after.request.body),
  }
}

function lineOf(loaded: LoadedInbound): [string, string][] {
  return [
    ['method', loaded.row.method],
    ['query', shownQuery(loaded, HIDDEN)],
    ['size', String(loaded.row.size)],
  ]
}

function headersOf(loaded: LoadedInbound): [string, string][] {
  return shownRequestHeaders(loaded, loaded.request.headers, HIDDEN).map(([name, value]) => [name.toLowerCase(), value])
}

function bodyPairs(loaded: LoadedInbound) {
  const text = decodeUtf8(shownBody(loaded, HIDDEN))
  return text === null ? null : jsonPairs(text)
}
