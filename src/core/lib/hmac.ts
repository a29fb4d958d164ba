import { type Bytes, toHex } from './bytes'

/** HMAC (RFC 2104). @param hash `SHA-1`, `SHA-256`, `SHA-384` or `SHA-512` */
export async function hmac(hash: string, key: Bytes, data: Bytes): Promise<Bytes> {
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash }, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, data))
}

/** @returns 32 bytes */
export function hmacSha256(key: Bytes, data: Bytes): Promise<Bytes> {
  return hmac('SHA-256', key, data)
}

/** SHA-256 (FIPS 180-4). @returns 32 bytes */
export async function sha256(data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', data))
}

/** SHA-256 (FIPS 180-4). @returns 64 hexadecimal digits */
export async function sha256Hex(data: Bytes): Promise<string> {
  return toHex(await sha256(data))
}
