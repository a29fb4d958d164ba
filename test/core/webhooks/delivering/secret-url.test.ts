import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hideSecretIn, isHiddenUrl } from '../../../../src/webhooks/rules/delivering/secret-url'
import { checkEndpointUrl } from '../../../../src/webhooks/rules/delivering/url-policy'
import { checkTarget, FORMATS } from '../../../../src/webhooks/rules/events/formats'

const TOKEN = 'AAH5x-k3fVbNq8_ZpLm2YtRw7UeJdGc1Sx0'

describe('the URL of an endpoint without its secret', () => {
  it.each([
    ['telegram', `https://api.telegram.org/bot123456:${TOKEN}/sendMessage?chat_id=-100123`],
    ['slack', `https://hooks.slack.com/services/T000/B000/${TOKEN}`],
    ['discord', `https://discord.com/api/webhooks/1234/${TOKEN}`],
    [
      'teams',
      `https://prod-1.westeurope.logic.azure.com/workflows/abc/triggers/manual/paths/invoke?api-version=1&sig=${TOKEN}`,
    ],
    ['ntfy', `https://ntfy.sh/${TOKEN}`],
    ['build-hook', `https://api.netlify.com/build_hooks/${TOKEN}`],
    ['standard', `https://hooks.slack.com/services/T000/B000/${TOKEN}`],
    ['standard', `https://example.com/hook?token=${TOKEN}`],
    ['standard', `https://example.com/hook?${TOKEN}`],
    ['standard', 'https://example.com/hook?apikey=short'],
    ['cloudevents', 'https://webhook.example/0f8fad5b-d9cb-469f-a165-70867728950e'],
  ] as const)('in the format %s still fits the format: %s', (format, url) => {
    const hidden = hideSecretIn(url, format)
    expect(hidden).not.toMatch(/AAH5x|apikey=short|0f8fad5b/)
    expect(new URL(hidden).origin).toBe(new URL(url).origin)
    expect(isHiddenUrl(hidden)).toBe(true)
    expect(checkTarget(format, hidden)).toBe(checkTarget(format, url))
    expect(hideSecretIn(hidden, format)).toBe(hidden)
  })

  it.each([
    ['standard', 'https://example.com/webhooks/guestbook?site=blog&lang=de'],
    ['matrix', 'https://matrix.example/_matrix/client/v3/rooms/!0f8fad5bd9cb469f:example/send/m.room.message'],
    ['email', 'mailto:owner@example.com'],
    ['standard', 'guesthook:receiver/src_01JD9Z6Y3T8W5Q7R2K4M6N8P0E'],
  ] as const)('is the same if it has none: %s %s', (format, url) => {
    expect(hideSecretIn(url, format)).toBe(url)
    expect(isHiddenUrl(url)).toBe(false)
  })

  it('is not too long to be restored', () => {
    const hidden = hideSecretIn(`https://example.com/hook?${'key=a&'.repeat(300)}`, 'standard')
    expect(checkEndpointUrl(hidden, { ownHosts: [], allowLocal: false })).toEqual({ ok: true, value: hidden })
    expect(isHiddenUrl(hidden)).toBe(true)
  })

  it('never throws, and hiding twice changes nothing', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), fc.constantFrom(...FORMATS), (text, format) => {
        const once = hideSecretIn(new URL(text).href, format)
        expect(hideSecretIn(once, format)).toBe(once)
      })
    )
  })
})
