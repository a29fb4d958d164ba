/** Who acts for the owner, as the audit log names them. */
export type Actor =
  /** ADMIN_TOKEN */
  | { kind: 'token' }
  | { kind: 'key'; id: string; name: string }
  /** `id` is the start of the session's id */
  | { kind: 'session'; id: string }
  /** A person whom Cloudflare Access has let in. */
  | { kind: 'access'; email: string }
  /** Whoever pressed the button of a moderation link. */
  | { kind: 'link' }

/** @returns a text such as `key:key_01J...`, which filters can search by prefix, and the name of the API key, if any */
export function describeActor(actor: Actor): { actor: string; actor_name: string | null } {
  if (actor.kind === 'key') return { actor: `key:${actor.id}`, actor_name: actor.name }
  if (actor.kind === 'session') return { actor: `session:${actor.id}`, actor_name: null }
  if (actor.kind === 'access') return { actor: `access:${actor.email}`, actor_name: null }
  return { actor: actor.kind, actor_name: null }
}

/** What an API key can be allowed. src/access/scopes.ts says what each scope opens. */
export const SCOPES = ['read', 'write', 'moderate', 'secrets', 'metrics'] as const
export type Scope = (typeof SCOPES)[number]
