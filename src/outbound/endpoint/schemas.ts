import { z } from '@hono/zod-openapi'
import type { Handshake } from './cloudevents-handshake'

export const handshakeOut = z
  .object({
    allowed: z.boolean(),
    origin: z.string().openapi({ description: 'The host name that asked for permission.' }),
    allowed_rate: z.int().nullable().openapi({
      description: 'Requests a minute that the receiver allows; null for no limit.',
    }),
    status_code: z.int().nullable(),
    error_class: z.string().nullable(),
  })
  .openapi('Handshake')

export function toHandshake(handshake: Handshake): z.infer<typeof handshakeOut> {
  const { isAllowed, origin, allowedRate, status_code, error_class } = handshake
  return { allowed: isAllowed, origin, allowed_rate: allowedRate, status_code, error_class }
}
