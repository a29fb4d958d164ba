import { setTimeout as sleep } from 'node:timers/promises'

const PAUSE_MS = 200

/**
 * Posts a request at its planned time, and repeats it until there is a response. The Idempotency-Key prevents
 * duplicates if a response was lost.
 * @param {{atMs: number, path: string, key: string, body: object}} request
 * @returns {Promise<{body: object, isRepeat: boolean, tries: number}>} the response. `isRepeat` means that an earlier
 *   response was lost
 * @throws Error if the request is rejected
 */
export async function postUntilAnswered(program, { atMs, ...request }, signal) {
  await sleep(atMs)
  for (let tries = 1; ; tries++) {
    signal.throwIfAborted()
    const response = await tryToPost(program, request)
    if (response && response.status < 300) return { ...response, tries }
    if (response && response.status < 500)
      throw new Error(`${request.path} was rejected: ${response.status} ${JSON.stringify(response.body)}`)
    await sleep(PAUSE_MS)
  }
}

/** @returns null if the connection failed */
async function tryToPost(program, { path, key, body }) {
  const headers = { 'Idempotency-Key': key }
  try {
    const response = await program.fetch('POST', path, { headers, body })
    const isRepeat = response.headers.get('Idempotent-Replayed') === 'true'
    return { status: response.status, isRepeat, body: await response.json() }
  } catch (cause) {
    if (isConnectionFailure(cause)) return null
    throw cause
  }
}

/** TypeError: connection lost. SyntaxError: incomplete response. TimeoutError: no response. */
export function isConnectionFailure(cause) {
  return ['TypeError', 'SyntaxError', 'TimeoutError'].includes(cause.name)
}
