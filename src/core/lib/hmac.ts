import { type Bytes, toHex } from './bytes'

/** HMAC-SHA256 (RFC 2104). @returns 32 bytes */
export async function hmacSha256(key: Bytes, data: Bytes): Promise<Bytes> {
  const hmac = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', hmac, data))
}

/** SHA-256 (FIPS 180-4). @returns 32 bytes */
export async function sha256(data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', data))
}

/** SHA-256 (FIPS 180-4). @returns 64 hexadecimal digits */
export async function sha256Hex(data: Bytes): Promise<string> {
  return toHex(await sha256(data))
}
