import { optionalFile } from '../kit/http/paths/public-file'

type Texts = Record<string, string>

/** What public/explanations.json contains: what reasons and failures mean, and what to do about them. */
export interface Explanations {
  /** By the `reason` of a delivery. */
  reasons: Texts
  /** What to add to a server error whose response asks for a pause. */
  retry_after: string
  /** By status codes, if they say more than their error class. */
  statuses: Texts
  /** By status codes: instead, for a challenge. */
  challenge: Texts
  /** By status codes: what only the owner can do about it. */
  owner: Texts
  /** By status codes or error class: instead, if the receiver is a service for people, which checks no signature. */
  service: Texts
  /** By status codes or error class: instead, for an integrator, who can do less than the owner. */
  integrator: Texts
  classes: Texts
  /** By error class, for responses that were cut off after their status. */
  broken_off: Texts
  /** By the `reason` of a refused or failed request. */
  inbound: Texts
  /** The same for a provider that does not sign, but sends the secret itself: `{proof}` is what it calls the secret. */
  inbound_tokens: Texts
}

/** If the file cannot be read, a reason is shown by its name, and a failure without an explanation. */
export const readExplanations = optionalFile<Explanations>('explanations.json', {
  reasons: {},
  retry_after: '',
  statuses: {},
  challenge: {},
  owner: {},
  service: {},
  integrator: {},
  classes: {},
  broken_off: {},
  inbound: {},
  inbound_tokens: {},
})
