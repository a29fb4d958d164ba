import type { World } from '../../support/world'

export interface ApiKey {
  id: string
  key: string
}

/** Creates an API key as the owner. */
export async function aKey(world: World, scopes: string[], more: Record<string, unknown> = {}): Promise<ApiKey> {
  const input = { name: scopes.join(' and '), scopes, ...more }
  const { status, body } = await world.api<ApiKey & Record<string, unknown>>('POST', '/api/keys', input)
  if (status !== 201) throw new Error(JSON.stringify(body))
  return body
}

export function withKey({ key }: Pick<ApiKey, 'key'>, more: Record<string, string> = {}): Record<string, string> {
  return { Authorization: `Bearer ${key}`, ...more }
}

export interface AuditEntry {
  id: string
  act: string
  actor: string
  actor_name: string | null
  subject: string | null
  created_at: string
  browser: string
  country: string | null
}

/** @returns what the audit log says, newest first */
export async function auditLog(world: World, query = ''): Promise<AuditEntry[]> {
  return (await world.api<{ data: AuditEntry[] }>('GET', `/api/audit?limit=100${query}`)).body.data
}
