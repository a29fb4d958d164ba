/**
 * Looks up what a page says after an action.
 * @param done the name of the action, from the URL of the redirect. Anybody can write anything there
 */
export function noticeOf<T extends string>(notices: Record<T, string>, done: string | undefined): string | undefined {
  return done !== undefined && Object.hasOwn(notices, done) ? notices[done as T] : undefined
}
