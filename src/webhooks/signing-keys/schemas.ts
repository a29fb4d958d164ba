import * as z from 'zod'
import { bodyOf } from '../../kit/body-schema'
import { DAY_MS } from '../../kit/lib/time'

const MAX_GRACE_SECONDS = (7 * DAY_MS) / 1_000

export const graceSeconds = z
  .int()
  .min(0)
  .max(MAX_GRACE_SECONDS)
  .default(DAY_MS / 1_000)
  .describe('How long the old secret or key remains valid alongside the new one.')

export const keyRotation = bodyOf('KeyRotation', { grace_seconds: graceSeconds })
