import { type Bytes, toHex } from './bytes'

/** HMAC (RFC 2104). @param hash `SHA-1`, `SHA-256`, `SHA-384` or `SHA-512` */
export async function hmac(hash: string, key: Bytes, data: Bytes): Promise<Bytes> {
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash }, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, data))
}

/** @returns 32 bytes */
export const hmacSha256 = (key: Bytes, data: Bytes): Promise<Bytes> => hmac('SHA-256', key, data)

/** SHA-256 (FIPS 180-4). @returns 32 bytes */
export async function sha256(data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', data))
}

/** SHA-256 (FIPS 180-4). @returns 64 hexadecimal digits */
export const sha256Hex = async (data: Bytes): Promise<string> => toHex(await sha256(data))

/** A signature whose length does not fit the key is wrong: for it, Node returns false, but workerd throws. */
export async function verifySignature(
  algorithm: Parameters<SubtleCrypto['verify']>[0],
  key: CryptoKey,
  signature: Bytes,
  data: Bytes
): Promise<boolean> {
  return signature.length === signatureLength(key) && crypto.subtle.verify(algorithm, key, signature, data)
}

/** RFC 8032 section 5.1.6; two integers for P-256; RFC 8017 section 8.2.2 for RSA. */
function signatureLength({ algorithm }: CryptoKey): number {
  return 'modulusLength' in algorithm ? Number(algorithm.modulusLength) / 8 : 64
}
