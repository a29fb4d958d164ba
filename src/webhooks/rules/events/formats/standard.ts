import { defineFormat } from './format'

/** The payload itself, byte for byte. https://www.standardwebhooks.com/ */
export const standard = defineFormat({
  name: 'standard',
  label: 'Standard Webhooks',
  isForPrograms: true,
  render: ({ payload, own }) => (own === null ? payload : withText(payload, own)),
})

/** Adds the property `text` to the envelope, behind the others, and leaves every other byte as it is. */
const withText = (payload: string, text: string): string => `${payload.slice(0, -1)},"text":${JSON.stringify(text)}}`
