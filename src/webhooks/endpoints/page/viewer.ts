import * as z from 'zod'
import { DASHBOARD } from '../../../kit/lib/paths'
import { challengeShown } from '../../registration/challenge'
import type { EndpointRow } from '../store'

/* Who looks at an endpoint: its owner, or an integrator with its private link. Each form checks its sender again. */

/** What only the owner does. */
type Owned = 'handshake' | 'reveal' | 'duplicate'
type Shared = 'filter' | 'test' | 'try' | 'rotate' | 'replay' | 'pull' | 'disable' | 'enable' | 'delete'

/** The tabs of the page, and their labels. */
const TABS = {
  deliveries: 'Deliveries',
  test: 'Test',
  replay: 'Replay',
  secret: 'Secret',
  pull: 'Pull',
  settings: 'Settings',
}
export type TabName = keyof typeof TABS

export interface Viewer {
  /** An integrator sees less, in other words. */
  isOwner: boolean
  /** The path of the page. */
  page: string
  /** Where each form is sent. If a path is missing, the viewer may not use that form now. */
  may: { readonly [Act in Owned | Shared]?: string | undefined }
  /** @returns the path of the page of a delivery */
  pathTo(delivery: { message_id: string }): string
}

export function ownerOf({ id }: Pick<EndpointRow, 'id'>): Viewer {
  const page = `${DASHBOARD.endpoints}/${id}`
  return {
    isOwner: true,
    page,
    may: {
      test: `${page}/test`,
      try: `${page}/try`,
      handshake: `${page}/handshake`,
      reveal: `${page}?tab=secret&secret=show`,
      rotate: `${page}/secret/rotate`,
      duplicate: `${page}/duplicate`,
      filter: page,
      replay: `${page}/replay`,
      pull: `${page}/pull-token`,
      disable: `${page}/disable`,
      enable: `${page}/enable`,
      delete: `${page}/delete`,
    },
    pathTo: ({ message_id }) => `${DASHBOARD.messages}/${message_id}/deliveries/${id}`,
  }
}

/** The tabs, with their labels. */
export const TAB_LABELS = Object.entries(TABS) as [TabName, string][]

/** @returns the address of a tab. The first one is the page itself */
export function tabAt({ page }: Pick<Viewer, 'page'>, name: TabName): string {
  return name === 'deliveries' ? page : `${page}?tab=${name}`
}

/** The tabs of the forms, by the end of their paths: a form that is refused is shown again. */
const OF_FORMS: Record<string, TabName> = {
  test: 'test',
  handshake: 'test',
  replay: 'replay',
  rotate: 'secret',
  'pull-token': 'pull',
  revoke: 'pull',
  duplicate: 'settings',
  delete: 'settings',
}

/** @returns the tab that a request asks for. @param path of the page, or of the form that was refused */
export function tabOf(path: string, query: URLSearchParams): TabName {
  const wanted = query.get('tab') ?? OF_FORMS[path.split('/').at(-1) ?? ''] ?? 'deliveries'
  return TAB_LABELS.find(([name]) => name === wanted)?.[0] ?? 'deliveries'
}

/** What everything on the page depends on. */
export type Viewed = { endpoint: EndpointRow; viewer: Viewer; now: number }

/** What is new is shown once, above all tabs. `is_new_link`: the private link of an integrator is shown, too. */
export const shownOnce = z.object({
  secret: z.string().optional(),
  /** Until when the secret before it is valid; 0 if it is not. */
  old_until: z.number().optional(),
  pull_token: z.string().optional(),
  is_new_link: z.boolean().optional(),
  challenge: challengeShown.nullish(),
  until: z.record(z.string(), z.number()),
})

/** `kept`: all of it, as in the address. */
export type ShownOnce = z.infer<typeof shownOnce> & { kept: string | undefined; origin: string }
