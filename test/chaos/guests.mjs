import { setTimeout as sleep } from 'node:timers/promises'

const PAUSE_MS = 200

/**
 * Posts a comment at its planned time, and retries until there is a response. The Idempotency-Key prevents duplicates
 * if a response was lost.
 * @returns {Promise<{comment: object, isRepeat: boolean, tries: number}>} the response. `isRepeat` means that an
 *   earlier response was lost
 * @throws Error if the comment is rejected
 */
export async function sign(program, { number, atMs, body }, signal) {
  await sleep(atMs)
  for (let tries = 1; ; tries++) {
    signal.throwIfAborted()
    const response = await tryToPost(program, number, body)
    if (response?.status === 201) return { ...response, tries }
    if (response && response.status < 500)
      throw new Error(`A comment was rejected: ${response.status} ${JSON.stringify(response)}`)
    await sleep(PAUSE_MS)
  }
}

/** @returns null if the connection failed */
async function tryToPost(program, number, body) {
  const headers = { 'Idempotency-Key': `guest-${number}` }
  try {
    const response = await program.fetch('POST', '/api/comments', {
      headers,
      body: { name: `Guest ${number}`, body },
    })
    const isRepeat = response.headers.get('Idempotent-Replayed') === 'true'
    return { status: response.status, isRepeat, comment: await response.json() }
  } catch (cause) {
    if (isConnectionFailure(cause)) return null
    throw cause
  }
}

/** TypeError: connection lost. SyntaxError: incomplete response. TimeoutError: no response. */
function isConnectionFailure(cause) {
  return ['TypeError', 'SyntaxError', 'TimeoutError'].includes(cause.name)
}
