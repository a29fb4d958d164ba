import { type EventPayload, ownPart } from '../catalogue'
import { defineFormat } from './format'

/** Starts a build of a static site: Cloudflare Pages, Netlify, Vercel, and GitHub. */
export const buildHook = defineFormat({
  name: 'build-hook',
  label: 'Build hook of a static site',
  urls: [
    /^https:\/\/api\.cloudflare\.com\/client\/v4\/pages\/webhooks\/deploy_hooks\//i,
    /^https:\/\/api\.netlify\.com\/build_hooks\//i,
    /^https:\/\/api\.vercel\.com\/v1\/integrations\/deploy\//i,
    /^https:\/\/api\.github\.com\/repos\/[^/?#]+\/[^/?#]+\/dispatches\/?$/i,
  ],
  service: 'The build service',
  isForPrograms: true,
  hasNoTexts: true,
  hasNoOwnText: true,
  isPaced: true,
  secretPath: 'all',
  render: ({ event }) => toBuildHook(event()),
})

/**
 * GitHub's `repository_dispatch`; others ignore the body. No text of guests: many people can read the logs of builds.
 * Only our own events have a book that can be trusted.
 * https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event
 */
function toBuildHook({ id, type, data }: EventPayload): string {
  const book = ownPart(type)?.about(data).book
  return JSON.stringify({ event_type: 'guesthook', client_payload: { type, ...(book && { book }), message_id: id } })
}
