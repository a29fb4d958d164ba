/** What is kept of an answer, in bytes. */
export const EXCERPT_BYTES = 1_024
/** What is read of an answer, headers and body together, in bytes; then the connection is dropped. */
const ANSWER_CAP_BYTES = 64 * 1_024

export interface ReadBody {
  excerpt: string | null
  /** What broke off the body before its end: the deadline, or the connection. */
  failure: Error | null
}

/**
 * Reads a receiver's answer as far as it is worth reading. An endless body ends at the cap, which is no failure: the status has
 * already said what the receiver wanted to say. A body that stalls ends at the deadline, which is one.
 * @param signal the deadline of the whole exchange
 */
export async function readExcerpt(response: Response, signal: AbortSignal): Promise<ReadBody> {
  const reader = response.body?.getReader()
  if (!reader) return { excerpt: null, failure: null }
  const kept: Uint8Array[] = []
  let budget = ANSWER_CAP_BYTES - headerBytes(response.headers)
  try {
    while (budget > 0) {
      const { done, value } = await untilAborted(reader.read(), signal)
      if (done) return { excerpt: toExcerpt(kept), failure: null }
      budget -= value.length
      kept.push(value.slice(0, EXCERPT_BYTES - sizeOf(kept)))
    }
    return { excerpt: toExcerpt(kept), failure: null }
  } catch (cause) {
    return { excerpt: toExcerpt(kept), failure: toError(cause) }
  } finally {
    // Lets go of the connection; what cancelling itself runs into no longer matters to the outcome.
    reader.cancel().catch(() => undefined)
  }
}

/** The runtime aborts a body together with its fetch; racing as well keeps the deadline ours. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', onAbort))
}

function headerBytes(headers: Headers): number {
  let bytes = 0
  for (const [name, value] of headers) bytes += name.length + value.length + 4
  return bytes
}

function sizeOf(chunks: Uint8Array[]): number {
  return chunks.reduce((size, chunk) => size + chunk.length, 0)
}

/** For people, so lenient: broken UTF-8 and control characters become visible replacements; D1 text never holds NUL. */
function toExcerpt(chunks: Uint8Array[]): string | null {
  if (chunks.length === 0) return null
  const decoder = new TextDecoder()
  const text = chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('')
  return text.toWellFormed().replace(/[\p{Cc}--[\t\r\n]]/gv, '\uFFFD') || null
}

function toError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause))
}
