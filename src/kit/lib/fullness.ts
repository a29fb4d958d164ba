/** From this percentage of the limit on, strangers can no longer write. The rest is for the owner and deliveries. */
export const FULL_PERCENT = 95
/** The owner is warned at each of these, in percent of the limit. */
export const WARN_AT = [70, 90, FULL_PERCENT] as const
