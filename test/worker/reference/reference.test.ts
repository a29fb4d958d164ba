import { describe, expect, it } from 'vitest'
import { EVENT_TYPES } from '../../../src/webhooks/rules/events/catalogue'
import { World } from '../../support/world'

describe('the API reference', () => {
  it('lists every built-in event type', async () => {
    const response = await new World().request('/api/event-types')
    const { data } = await response.json<{ data: { name: string }[] }>()
    expect(data.map(({ name }) => name)).toEqual(EVENT_TYPES.map(({ name }) => name))
  })
})
