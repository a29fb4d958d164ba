import type { Scope } from './actor'

/* What each route of the owner is, and which API keys may call it. Operations list their routes when these are made. */

/** The scopes of which an API key needs one. `person`: no key may do it, only ADMIN_TOKEN and the dashboard. */
export type May = Scope | readonly Scope[] | 'person'

export interface OwnerRoute {
  /** The name in the audit log. Null if the route changes nothing, so it is not logged. Routes that only read have none. */
  act?: string | null
  /** Routes of the dashboard have none, because API keys do not open it. */
  may?: May
}

const listed: Record<string, OwnerRoute> = {}

/** @param route its method and pattern, such as `POST /api/endpoints/:id/test` */
export function listRoute(route: string, row: OwnerRoute): void {
  listed[route] = row
}

/** @returns the routes of operations */
export const listedRoutes = (): Readonly<Record<string, OwnerRoute>> => listed

/** The parameters of a path that name what an act is about, in this order. Others can be tokens. */
const SUBJECTS = ['slug', 'id', 'message_id', 'name']

/** @param route a pattern such as `/api/endpoints/:id` @returns the id, slug or name in `path`, or null */
export function subjectIn(route: string, path: string): string | null {
  const given = path.split('/')
  const parts = route.split('/')
  for (const name of SUBJECTS) {
    const at = parts.indexOf(`:${name}`)
    if (at >= 0) return given[at] ?? null
  }
  return null
}
