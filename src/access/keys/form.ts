import { SCOPES } from '../../kit/actor'
import { iso } from '../../kit/http/pagination'
import { invalidField } from '../../kit/http/problem'
import { DAY_MS } from '../../kit/lib/time'

/** The form for a new key, as it was typed. */
export interface KeyFields {
  name: string
  scopes: string[]
  /** In days, or `never`. */
  expires: string
}

export const NO_KEY: KeyFields = { name: '', scopes: ['read'], expires: '90' }

/** The value `never` is another choice. */
export const EXPIRES_DAYS = [7, 30, 90, 365] as const

export function readKeyFields(form: URLSearchParams): KeyFields {
  return {
    name: form.get('name')?.trim() ?? '',
    scopes: form.getAll('scopes').filter((scope) => SCOPES.some((one) => one === scope)),
    expires: form.get('expires') ?? '',
  }
}

/** @returns the fields as the API takes them, not yet checked. @throws Refusal 422 if no time is chosen */
export function inputFrom({ name, scopes, expires }: KeyFields, now: number) {
  const days = EXPIRES_DAYS.find((one) => String(one) === expires)
  if (days === undefined && expires !== 'never') throw invalidField('expires', 'Choose when the key expires.')
  return { name, scopes, expires_at: days === undefined ? null : iso(now + days * DAY_MS) }
}
