import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../src/kit/lib/bytes'
import {
  hasSecretBody,
  withoutSecretBody,
  withoutSecretValues,
} from '../../../../src/webhooks/rules/verifying/credentials'
import { findProvider, PROVIDERS } from '../../../../src/webhooks/rules/verifying/providers'
import { type InboundRequest, readContent, textsAt } from '../../../../src/webhooks/rules/verifying/request'
import type { Scheme, SharedSecretScheme } from '../../../../src/webhooks/rules/verifying/scheme'

const FORM = 'application/x-www-form-urlencoded'
const HIDDEN = '<secret>'

function aRequest(text: string, type = 'application/json'): InboundRequest {
  return { method: 'POST', address: '', query: '', headers: [['content-type', type]], body: utf8(text) }
}

const schemesOf = (slug: string): readonly Scheme[] => findProvider(slug)?.schemes ?? []
const shown = (request: InboundRequest, slug: string): string =>
  new TextDecoder().decode(withoutSecretBody(request, schemesOf(slug), HIDDEN).body)

/** Secrets that have to be escaped in JSON, in a form, or in both. */
const secret = fc.string({ unit: 'binary', minLength: 8, maxLength: 40 }).map((text) => `s3cret:${text.toWellFormed()}`)

/** @returns whether a text is anywhere in what can be read of a body */
const isIn = (text: string, request: InboundRequest): boolean =>
  JSON.stringify(readContent(request)).includes(JSON.stringify(text).slice(1, -1))

describe('the secret in a body', () => {
  it('is in the bodies of these providers', () => {
    const slugs = PROVIDERS.filter(({ schemes }) => hasSecretBody(schemes)).map(({ slug }) => slug)
    expect(slugs.toSorted()).toEqual(['ko-fi', 'microsoft-graph'])
  })

  it('is hidden in a form with JSON, and everything else stays', () => {
    fc.assert(
      fc.property(secret, fc.string(), (token, name) => {
        const data = { verification_token: token, from_name: name.toWellFormed(), amount: 3 }
        const body = String(new URLSearchParams({ data: JSON.stringify(data) }))
        const after = aRequest(shown(aRequest(body, FORM), 'ko-fi'), FORM)
        expect(readContent(after)).toEqual({ data: { ...data, verification_token: HIDDEN } })
      })
    )
  })

  it('is hidden in each item of a list, and everything else stays, numbers with all their digits', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ clientState: secret, id: fc.nat() }), { minLength: 1 }), (value) => {
        const text = JSON.stringify({ value, big: 1 }).replace('"big":1', '"big":12345678901234567890')
        const hidden = value.map(({ id }) => ({ clientState: HIDDEN, id }))
        const expected = JSON.stringify({ value: hidden, big: 1 }).replace('"big":1', '"big":12345678901234567890')
        expect(shown(aRequest(text), 'microsoft-graph')).toBe(expected)
      })
    )
  })

  it('is nowhere that the program would compare it, in whatever form the body comes', () => {
    const token = 's3cret-token-1'
    const inner = JSON.stringify({ verification_token: token })
    const bodies = [
      [JSON.stringify({ data: { verification_token: token } }), 'application/json'],
      [JSON.stringify({ data: { verification_token: token } }), FORM],
      [String(new URLSearchParams({ data: inner, more: 'x' })), FORM],
      [`${new URLSearchParams({ data: inner })}&${new URLSearchParams({ data: inner })}`, FORM],
      [String(new URLSearchParams({ payload: `{"data":${inner}}` })), FORM],
      [String(new URLSearchParams({ data: inner.slice(0, -1) })), FORM],
      [`{"data":{"verification_token":"${token}"`, 'application/json'],
      [`{"data":{"verification_token":"x","verification_token":"${token}"}}`, 'application/json'],
      [`{"data":{"verification_token":"\\u0073${token.slice(1)}"}}`, 'application/json'],
      [JSON.stringify({ data: { verification_token: token }, many: Array(30_000).fill(0) }), 'application/json'],
      [`{"data":${inner}}${' '.repeat(1_100_000)}`, 'application/json'],
    ] as const
    const { at } = schemesOf('ko-fi')[0] as SharedSecretScheme
    for (const [text, type] of bodies) {
      const request = aRequest(text, type)
      const after = aRequest(shown(request, 'ko-fi'), type)
      expect(textsAt(after, readContent(after), at).filter((found) => found !== HIDDEN)).toEqual([])
      const values = withoutSecretValues(readContent(request), schemesOf('ko-fi'))
      expect(textsAt(request, values, at)).toEqual([])
      expect([text.slice(0, 60), isIn(token, after)]).toEqual([text.slice(0, 60), false])
    }
  })

  it('does not change the body of any other provider', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PROVIDERS), fc.string(), ({ schemes }, text) => {
        const request = aRequest(text)
        if (!hasSecretBody(schemes)) expect(withoutSecretBody(request, schemes, HIDDEN)).toBe(request)
      })
    )
  })
})
