import { createRoute, z } from '@hono/zod-openapi'
import { PROVIDERS } from '../../core/verifying/providers'
import type { Provider } from '../../core/verifying/scheme'
import { nameScheme, proofPlaces } from '../../core/verifying/verify'
import { apiRouter, json } from '../../http/openapi'

const providerOut = z
  .object({
    slug: z.string(),
    name: z.string(),
    secret: z.object({ what: z.string(), where: z.string(), by: z.string() }),
    headers: z
      .array(z.string())
      .openapi({ description: 'Where its signature, type and id stand.' }),
    handshake: z.array(z.object({ name: z.string(), description: z.string() })).nullable(),
    docs: z.string(),
    setup: z.string(),
    signature: z.array(z.string()),
    schemes: z.array(z.record(z.string(), z.unknown())).openapi({
      description: 'How it signs, as data: what verification goes by.',
    }),
    event_type: z.array(z.string()),
    delivery_id: z.array(z.string()),
    strict: z.boolean(),
  })
  .openapi('Provider')

/** `/api/providers`: whom webhooks can be taken from, for anyone. */
export const providersApi = apiRouter()

providersApi.openapi(
  createRoute({
    tags: ['Sources'],
    method: 'get',
    path: '/',
    summary: 'List providers and how they sign',
    responses: {
      200: json(z.object({ data: z.array(providerOut), next: z.null() }), 'All of them.'),
    },
  }),
  (c) => {
    c.header('Cache-Control', 'public, max-age=300')
    return c.json({ data: PROVIDERS.map(toProvider), next: null }, 200)
  }
)

function toProvider(provider: Provider): z.infer<typeof providerOut> {
  const { slug, name, secret, docs, setup, schemes, eventType, deliveryId } = provider
  return {
    slug,
    name,
    secret,
    headers: headersOf(provider),
    handshake: handshakesOf(provider),
    docs,
    setup,
    signature: [...new Set(schemes.map(nameScheme))],
    schemes: schemes.map((scheme) => ({ ...scheme })),
    event_type: [...eventType],
    delivery_id: [...deliveryId],
    strict: provider.strict ?? false,
  }
}

function handshakesOf({ handshakes = [] }: Provider) {
  if (handshakes.length === 0) return null
  return handshakes.map(({ name, description }) => ({ name, description }))
}

/** Every header that something is read from. */
function headersOf({ schemes, eventType, deliveryId }: Provider): string[] {
  const signed = schemes.flatMap(proofPlaces)
  const headers = [...signed, ...eventType, ...deliveryId].filter((at) => at.startsWith('header:'))
  return [...new Set(headers.map((at) => at.slice('header:'.length)))]
}
