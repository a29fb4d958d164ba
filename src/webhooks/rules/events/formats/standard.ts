import { defineFormat } from './format'

/** The payload itself, byte for byte. https://www.standardwebhooks.com/ */
export const standard = defineFormat({
  name: 'standard',
  label: 'Standard Webhooks',
  isForPrograms: true,
  render: ({ payload, own }) => (own === null ? payload : withText(payload, own)),
})

/** Adds the property `text` to the envelope, behind the others, and leaves every other byte as it is. */
function withText(payload: string, text: string): string {
  return `${payload.slice(0, -1)},"text":${JSON.stringify(text)}}`
}
