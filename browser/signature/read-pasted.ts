import type { Evidence } from './diagnose'

/**
 * Finds the three headers in text that was copied from a log, a browser, a command line or JSON.
 * @returns the evidence; a header that was not found is empty
 */
export function readPasted(secret: string, headers: string, body: string): Evidence {
  const find = (name: string) => {
    const found = new RegExp(`${name}["']?\\s*[:=]\\s*["'[]*([^"'\\]\\r\\n]*)`, 'i').exec(headers)
    return found?.[1]?.trim().replace(/,$/, '') ?? ''
  }
  return {
    secret,
    body,
    id: find('webhook-id'),
    timestamp: find('webhook-timestamp'),
    signature: find('webhook-signature'),
  }
}
