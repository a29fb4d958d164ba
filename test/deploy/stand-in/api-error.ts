/** An error response of Cloudflare's API. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: number,
    message: string
  ) {
    super(message)
  }
}

export function notFound(message: string): ApiError {
  return new ApiError(404, 10007, message)
}
