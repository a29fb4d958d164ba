import { perDatabase } from '../../env'
import { inKib } from '../../kit/lib/amounts'
import { decodeUtf8, readAll } from '../../kit/lib/bytes'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../kit/lib/time'
import { logFault } from '../../log'
import { importKeys } from '../rules/assertion'

/* The keys with which Cloudflare Access signs. Each isolate remembers them. */

/** The owner is waiting. */
const DEADLINE_MS = 3_000
/** Cloudflare lists two keys, in about 4 KB. */
const MAX_BYTES = 64 * 1_024
/** Cloudflare rotates its keys every six weeks, and accepts the previous key for a week. */
const FRESH_MS = HOUR_MS
/** If the keys cannot be fetched, known ones are used for this long. */
const STALE_MS = DAY_MS
/** An assertion with an unknown key cannot cause more fetches than this. */
const FETCH_EVERY_MS = MINUTE_MS
const POLL_MS = 25

interface Known {
  keys: Map<string, CryptoKey>
  /** When the keys were fetched; 0 if never. */
  fetchedAt: number
  /** When the last fetch started. */
  triedAt: number
  isFetching: boolean
}

const knownFor = perDatabase((): Known => ({ keys: new Map(), fetchedAt: 0, triedAt: 0, isFetching: false }))

/** @param issuer `https://<team>.cloudflareaccess.com`. @returns null if Cloudflare does not list or send the key */
export async function findAccessKey(env: Env, issuer: string, kid: string, now: number): Promise<CryptoKey | null> {
  const known = knownFor(env.DB)
  const isFresh = now - known.fetchedAt < FRESH_MS && known.keys.has(kid)
  if (!isFresh) await refresh(env, known, issuer, now)
  return now - known.fetchedAt < STALE_MS ? (known.keys.get(kid) ?? null) : null
}

/** Fetches the keys, or waits for another request that is fetching them. */
async function refresh(_env: Env, known: Known, issuer: string, now: number): Promise<void> {
  if (now - known.triedAt < FETCH_EVERY_MS) return waitFor(known, now)
  known.triedAt = now
  known.isFetching = true
  try {
    known.keys = await fetchKeys(`${issuer}/cdn-cgi/access/certs`)
    known.fetchedAt = now
  } catch (cause) {
    // Whatever went wrong, known keys are still used for a while, and ADMIN_TOKEN opens the dashboard.
    logFault('access.fault', cause)
  } finally {
    known.isFetching = false
  }
}

/** A request cannot await the fetch of another request, which may also be canceled, so it looks again and again. */
async function waitFor(known: Known, now: number): Promise<void> {
  const end = known.triedAt + DEADLINE_MS - now
  for (let waited = 0; known.isFetching && waited < end; waited += POLL_MS) await scheduler.wait(POLL_MS)
}

/** @throws an error if there is no usable response within the deadline */
async function fetchKeys(url: string): Promise<Map<string, CryptoKey>> {
  const response = await fetch(url, { signal: AbortSignal.timeout(DEADLINE_MS), redirect: 'manual' })
  if (response.status !== 200) throw new Error(`The keys of Access: HTTP ${response.status}`)
  const body = await readAll(response.body, MAX_BYTES)
  if (!body) throw new Error(`The keys of Access: more than ${inKib(MAX_BYTES)}`)
  const keys = await importKeys(decodeUtf8(body) ?? '')
  if (keys.size === 0) throw new Error('The keys of Access: no RSA key')
  return keys
}
