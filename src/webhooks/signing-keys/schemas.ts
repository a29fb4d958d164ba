import { described } from '#doc'
import * as z from '../../zod'

const MAX_GRACE_SECONDS = 7 * 24 * 60 * 60

export const graceSeconds = z
  .int()
  .min(0)
  .max(MAX_GRACE_SECONDS)
  .default(24 * 60 * 60)
  .openapi(described('How long the old secret or key remains valid alongside the new one.'))

export const keyRotation = z.strictObject({ grace_seconds: graceSeconds }).openapi('KeyRotation')
