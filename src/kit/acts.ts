/* How the audit log names the acts of the owner. Each name is added when the route of its operation is made. */

const named: Record<string, string | null> = {}

/** @param route its method and pattern, such as `POST /api/endpoints/:id/test` */
export function nameAct(route: string, act: string | null): void {
  named[route] = act
}

/** @returns the name; null if the route changes nothing; undefined if no operation has this route */
export const namedAct = (route: string): string | null | undefined => named[route]

export const namedActs = (): Readonly<Record<string, string | null>> => named

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
