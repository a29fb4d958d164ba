import * as z from 'zod'
import { randomBytes } from '../../kit/db/ids'
import { invalid, Refusal } from '../../kit/http/problem'
import { toHex } from '../../kit/lib/bytes'
import { catching } from '../../kit/lib/result'
import { cut } from '../../kit/lib/text/shorten'
import type { EndpointRow } from '../endpoints/store'
import { callDirectly, explainCall, VERIFY } from './registration-events'

const pairs = z.array(z.tuple([z.string(), z.string()]))

/** What was sent to a URL, and what came back. It is shown once. */
export const challengeShown = z.object({
  url: z.string(),
  headers: pairs,
  body: z.string(),
  /** Null if there was no response. */
  status: z.number().nullable(),
  response: z.string(),
})
export type ChallengeShown = z.infer<typeof challengeShown>

/** The URL did not answer its challenge. */
export class Unanswered extends Refusal {
  constructor(
    message: string,
    readonly challenge: ChallengeShown
  ) {
    const { status, code, detail, errors } = invalid([{ path: 'url', message }])
    super(status, code, detail, { errors })
  }
}

/**
 * Sends `endpoint.verify` and expects its challenge in the response, so that nobody can register somebody else's URL. A
 * server that echoes the whole request fails. @throws Unanswered 422, which says what happened and what to do
 */
export async function challengeEndpoint(env: Env, endpoint: EndpointRow, now: number): Promise<ChallengeShown> {
  const challenge = toHex(randomBytes(16))
  const data = { challenge, event_types: JSON.parse(endpoint.event_types) }
  const { request, called } = await callDirectly(env, endpoint, VERIFY, data, now)
  const failure =
    (await explainCall(env, endpoint, called, true)) ?? whyNoAnswer(called.response_excerpt ?? '', challenge)
  const shown = {
    url: request.url,
    headers: Object.entries(request.headers),
    body: request.body,
    status: called.status_code,
    response: cut(called.response_excerpt ?? '', MAX_SHOWN),
  }
  if (failure !== null) throw new Unanswered(`The URL could not be verified. ${failure}`, shown)
  return shown
}

/** An address contains what is shown after a success. */
const MAX_SHOWN = 500

/** @returns null if the text answers the challenge */
function whyNoAnswer(text: string, challenge: string): string | null {
  if (answers(text, challenge)) return null
  const but = text.includes(challenge) ? 'with more than the challenge' : 'without the challenge'
  const how = 'Respond to endpoint.verify with the value of data.challenge, as text or as {"challenge": "..."}.'
  return `It responded ${text.trim() === '' ? 'with nothing' : but}. ${how}`
}

function answers(text: string, challenge: string): boolean {
  return text.trim() === challenge || catching(SyntaxError, () => JSON.parse(text))?.challenge === challenge
}
