import * as z from 'zod'
import { json } from '../../kit/http/openapi'
import { ApiRouter, createRoute } from '../../kit/http/router'
import { proofPlaces } from '../rules/verifying/places'
import { PROVIDERS } from '../rules/verifying/providers/index'
import { nameScheme, type Provider, type ProviderTexts } from '../rules/verifying/scheme'
import { readProviderTexts, textsAbout } from './provider-texts'

const providerOut = z
  .object({
    slug: z.string(),
    name: z.string(),
    secret: z
      .object({ what: z.string(), where: z.string(), by: z.string(), optional: z.boolean().optional() })
      .describe('What the provider calls the secret, where to find it, who creates it, and if it is optional.'),
    headers: z.array(z.string()).describe('Headers that contain the signature, the event type or the delivery ID.'),
    handshake: z.array(z.object({ name: z.string(), description: z.string() })).nullable(),
    docs: z.string(),
    setup: z.string().describe("How to add the webhook in the provider's settings."),
    signature: z.array(z.string()),
    schemes: z.array(z.record(z.string(), z.unknown())).describe('The signature schemes used for verification.'),
    event_type: z.array(z.string()),
    delivery_id: z.array(z.string()),
    strict: z.boolean(),
  })
  .meta({ id: 'Provider' })

/** `/api/providers`: the services that can be sources. This route is public. */
export const providersApi = new ApiRouter()

providersApi.openapi(
  createRoute({
    method: 'get',
    path: '/',
    tags: ['Sources'],
    summary: 'List the supported providers and how they sign webhooks',
    responses: {
      200: json(z.object({ data: z.array(providerOut), next: z.null() }), 'All providers.'),
    },
  }),
  async (c) => {
    const texts = await readProviderTexts(c.env)
    c.header('Cache-Control', 'public, max-age=300')
    return c.json({ data: PROVIDERS.map((each) => toProvider(each, textsAbout(texts, each.slug))), next: null }, 200)
  }
)

function toProvider(provider: Provider, texts: ProviderTexts): z.infer<typeof providerOut> {
  const { slug, name, secret, schemes, eventType, deliveryId, handshakes } = provider
  const { secret: what, where, docs, note } = texts
  const setup = note ? `${texts.setup} ${note}` : texts.setup
  return {
    slug,
    name,
    secret: { what, ...secret, where },
    headers: headersOf(provider),
    handshake: handshakes?.map(({ name }) => ({ name, description: texts.handshakes?.[name] ?? '' })) ?? null,
    docs,
    setup,
    signature: [...new Set(schemes.map(nameScheme))],
    schemes: schemes.map((scheme) => ({ ...scheme })),
    event_type: [...eventType],
    delivery_id: [...deliveryId],
    strict: provider.strict ?? false,
  }
}

function headersOf({ schemes, eventType, deliveryId }: Provider): string[] {
  const places = [...schemes.flatMap(proofPlaces), ...eventType, ...deliveryId]
  const headers = places.filter((place) => place.startsWith('header:'))
  return [...new Set(headers.map((place) => place.slice('header:'.length)))]
}
