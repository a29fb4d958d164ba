import type { Page } from '../../../kit/db/sql/scanned'
import type { UnknownFilter } from '../../rules/events/suggest'
import type { ShownAttempt } from '../../send/messages/delivery-views'
import type { TypedDeliveryFilter } from '../../send/messages/filter'
import type { Count, DeliveryRow } from '../../send/messages/queries'
import type { ReplayFields } from '../../send/replay/form'
import type { ShownJob } from '../../send/replay/progress'
import type { CandidateCount } from '../../send/replay/select-messages'
import type { EndpointRow } from '../store'
import type { Snippet } from './snippets'

/*
 * Who looks at an endpoint: the owner, or an integrator with the private link of this endpoint. Both have the same
 * page, with those cards and forms that the viewer may use. Each form checks again what its sender may do.
 */

/** What only the owner does. */
type Owned = 'handshake' | 'reveal' | 'duplicate' | 'filter' | 'pull'
type Shared = 'test' | 'rotate' | 'replay' | 'disable' | 'enable' | 'delete'

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

export function ownerOf({ id }: EndpointRow): Viewer {
  const page = `/admin/endpoints/${id}`
  return {
    isOwner: true,
    page,
    may: {
      test: `${page}/test`,
      handshake: `${page}/handshake`,
      reveal: `${page}?secret=show#secret`,
      rotate: `${page}/secret/rotate`,
      duplicate: `${page}/duplicate`,
      filter: page,
      replay: `${page}/replay#replay`,
      pull: `${page}/pull-token`,
      disable: `${page}/disable`,
      enable: `${page}/enable`,
      delete: `${page}/delete`,
    },
    pathTo: ({ message_id }) => `/admin/messages/${message_id}/deliveries/${id}`,
  }
}

/** What the page shows. What only the owner sees is missing for an integrator. */
export interface EndpointProps {
  endpoint: EndpointRow
  viewer: Viewer
  now: number
  deliveries: Page<DeliveryRow>
  /** What the list is filtered by. */
  typed: TypedDeliveryFilter
  parked: Count
  jobs: ShownJob[]
  /** The attempt of a test that was just sent. */
  test: ShownAttempt | null
  /** Event types that a test can send. An integrator sends a ping. */
  types?: string[]
  /** What the endpoint subscribes to and what matches no event type. */
  unknown?: UnknownFilter[]
  snippets: Snippet[]
  /** The signing secret in plain text, if it was requested. */
  secret?: string | undefined
  /** The deployment's public key, `whpk_...`. */
  publicKey?: string
  /** A pull token that was just created. */
  pullToken?: string | undefined
  /** The fields of a replay, and the result of its preview. An integrator has two buttons instead. */
  asked?: { fields: ReplayFields; counted: CandidateCount | null }
  /** How many messages a disabled endpoint has missed; null for an enabled one. */
  missed?: Count | null
}
