import { log } from '../../log'
import { isSignedBy, parseAssertion, readAccessSettings, readPerson } from '../rules/assertion'
import { findAccessKey } from './certs'

/** @param token the assertion that Access added. @returns the person's e-mail address; null if it is not valid */
export async function readAssertion(env: Env, token: string | undefined, now: number): Promise<string | null> {
  const app = readAccessSettings(env.ACCESS_TEAM_DOMAIN, env.ACCESS_AUD)
  if (token === undefined || !app.ok || app.value === null) return null
  const assertion = parseAssertion(token)
  // Check the claims first, because this is cheap. Trust nothing until the signature is verified, too.
  const email = assertion && readPerson(assertion.claims, app.value, now)
  const key = assertion && email ? await findAccessKey(env, app.value.issuer, assertion.kid, now) : null
  if (assertion && key && (await isSignedBy(key, assertion))) return email
  log('access.refused', { reason: refusedBecause(assertion !== null, email !== null, key !== null) })
  return null
}

function refusedBecause(isReadable: boolean, isForUs: boolean, isKnown: boolean): string {
  if (!isReadable) return 'malformed'
  if (!isForUs) return 'claims'
  return isKnown ? 'signature' : 'unknown_key'
}
