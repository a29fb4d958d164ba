import { postUntilAnswered } from './requests.mjs'

/** Signs the guestbook at the planned time. @returns the comment, and how often the request was sent */
export async function sign(program, { number, atMs, body }, signal) {
  const request = { atMs, path: '/api/comments', key: `guest-${number}`, body: { name: `Guest ${number}`, body } }
  const { body: comment, ...answer } = await postUntilAnswered(program, request, signal)
  return { ...answer, comment }
}
