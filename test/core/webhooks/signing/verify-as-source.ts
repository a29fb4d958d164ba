import { type Bytes, utf8 } from '../../../../src/kit/lib/bytes'
import { ADDRESS, providerOf, verifyFor } from '../verifying/samples'

/**
 * Verifies a request the way a source with the provider `standard-webhooks` does.
 * @param secrets `whsec_...` or `whpk_...`
 * @param now seconds since the epoch
 * @returns `verified`, or why not
 */
export async function verifyAsSource(
  secrets: string[],
  headers: object,
  body: string | Bytes,
  now: number
): Promise<string | null> {
  const request = {
    method: 'POST',
    address: ADDRESS,
    query: '',
    headers: Object.entries(headers),
    body: typeof body === 'string' ? utf8(body) : body,
  }
  const { verified, reason } = await verifyFor(providerOf('standard-webhooks'), secrets, request, now * 1_000)
  return verified ? 'verified' : reason
}
