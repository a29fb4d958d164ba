import { Refusal } from '../kit/http/problem'
import { equalBytes, utf8 } from '../kit/lib/bytes'
import { isPlaceholder } from '../kit/lib/example-secret'

/** @returns what is wrong with ADMIN_TOKEN, for the owner, or null */
export function explainAdminToken({ ADMIN_TOKEN: token }: Env): string | null {
  const what = token ? 'is a placeholder that everybody knows' : 'is missing'
  if (token && !isPlaceholder(token)) return null
  return `ADMIN_TOKEN ${what}. Choose a long random value, for example with "openssl rand -base64 24", and set it with "npx wrangler secret put ADMIN_TOKEN".`
}

/** @throws Refusal 503 if nobody can log in, because ADMIN_TOKEN is missing or is a placeholder */
export function requireAdminToken(env: Env): void {
  const fault = explainAdminToken(env)
  if (fault !== null) throw new Refusal(503, 'admin_token_unusable', fault)
}

/** Compares in constant time if the lengths are equal. The token's length is not secret. */
export function isOwnerToken(env: Env, token: string): boolean {
  return explainAdminToken(env) === null && equalBytes(utf8(token), utf8(env.ADMIN_TOKEN))
}
