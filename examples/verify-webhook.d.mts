export declare class WebhookError extends Error {
  readonly code:
    | 'missing_header'
    | 'bad_timestamp'
    | 'timestamp_out_of_range'
    | 'no_match'
    | 'bad_key'
}

export interface ReceivedWebhook {
  /** A `Headers`, or an object with lower-case names. */
  headers: Headers | Record<string, string>
  /** The text exactly as it came. */
  body: string
  /** `whsec_...`, each that is valid now. */
  secrets?: string[]
  /** `whpk_...`, each that is valid now. */
  publicKeys?: string[]
  /** Seconds since the epoch. */
  now?: number
}

// biome-ignore lint/suspicious/noExplicitAny: what JSON.parse gives
export declare function verifyWebhook(request: ReceivedWebhook): Promise<any>
export declare function fetchPublicKeys(url: string): Promise<string[]>
