export declare class WebhookError extends Error {
  readonly code: 'missing_header' | 'bad_timestamp' | 'timestamp_out_of_range' | 'no_match' | 'bad_key'
}

export interface ReceivedWebhook {
  /** A `Headers` object, or a plain object with lower-case names. */
  headers: Headers | Record<string, string>
  /** The body exactly as received. */
  body: string
  /** Every secret that is currently valid: `whsec_...`. */
  secrets?: string[]
  /** Every public key that is currently valid: `whpk_...`. */
  publicKeys?: string[]
  /** Seconds since the epoch. */
  now?: number
}

// biome-ignore lint/suspicious/noExplicitAny: the return type of JSON.parse
export declare function verifyWebhook(request: ReceivedWebhook): Promise<any>
export declare function fetchPublicKeys(url: string): Promise<string[]>
