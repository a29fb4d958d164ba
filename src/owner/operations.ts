import { createKey, listKeys, revokeKey } from '../access/keys/operations'
import { listSessions, revokeAllSessions, revokeSession } from '../access/sessions/operations'
import {
  changeBook,
  createBook,
  deleteBook,
  getBook,
  listBooks,
  removeButton,
  restoreBook,
} from '../guestbook/books/operations'
import { banGuest, listBans, removeBan } from '../guestbook/moderation/ban-operations'
import { changeEntry, deleteEntry, removeReply, replyToEntry } from '../guestbook/moderation/operations'
import { addPicture, changePicture, listPictures, removePicture } from '../guestbook/pictures/operations'
import type { AnyOperation } from '../kit/operation'
import {
  changeEndpoint,
  createEndpoint,
  deleteEndpoint,
  duplicateEndpoint,
  getEndpoint,
  listEndpoints,
  previewMessage,
} from '../webhooks/endpoints/operations'
import {
  disableEndpoint,
  enableEndpoint,
  listDeliveriesTo,
  shakeHandsWithEndpoint,
  testEndpoint,
  tryEndpoint,
} from '../webhooks/endpoints/run-operations'
import { getEndpointSecret, rotateEndpointSecret } from '../webhooks/endpoints/secret-operations'
import {
  changeEventType,
  defineEventType,
  deleteEventType,
  getEventType,
  listEventTypes,
} from '../webhooks/event-types/operations'
import {
  compareInbound,
  deleteInbound,
  explainVerification,
  getInbound,
  getInboundBody,
  getInboundHar,
  listInbound,
  replayInbound,
} from '../webhooks/receive/inspector/operations'
import { getDelivery, getMessage, listMessages, retryDelivery } from '../webhooks/send/messages/operations'
import { createPullToken, revokePullToken } from '../webhooks/send/pull/operations'
import {
  cancelReplay,
  discardDeliveries,
  getReplay,
  listReplays,
  resendDeliveries,
  startReplayTo,
} from '../webhooks/send/resend/operations'
import {
  changeSource,
  createSource,
  deleteSource,
  getSource,
  getSourceSecret,
  listSources,
  previewTemplate,
  replaySource,
  rotateSourceSecret,
  rotateSourceUrl,
  sendSampleToSource,
} from '../webhooks/sources/operations'
import { listSigningKeys, rotateSigningKey } from './dashboard/keys-operations'
import { changeSettings, getSettings } from './dashboard/settings-operations'
import { cancelImport, erase, getImport, listImports } from './moving/operations'
import { getStats } from './stats/operations'
import { getStorage } from './storage/operations'

/* The operations, in the order of the API document. The first route that fits a request gets it. */

export const ENTRIES: readonly AnyOperation[] = [changeEntry, deleteEntry, replyToEntry, removeReply, erase]

export const ENDPOINTS: readonly AnyOperation[] = [
  createEndpoint,
  listEndpoints,
  getEndpointSecret,
  rotateEndpointSecret,
  previewMessage,
  getEndpoint,
  changeEndpoint,
  enableEndpoint,
  disableEndpoint,
  deleteEndpoint,
  duplicateEndpoint,
  testEndpoint,
  tryEndpoint,
  shakeHandsWithEndpoint,
  listDeliveriesTo,
  startReplayTo,
  createPullToken,
  revokePullToken,
]

export const REPLAYS: readonly AnyOperation[] = [
  resendDeliveries,
  discardDeliveries,
  listReplays,
  getReplay,
  cancelReplay,
]

export const BOOKS: readonly AnyOperation[] = [
  listBooks,
  createBook,
  getBook,
  changeBook,
  deleteBook,
  restoreBook,
  listPictures,
  addPicture,
  changePicture,
  removePicture,
  removeButton,
  listBans,
  banGuest,
  removeBan,
]

export const EVENT_TYPE_OPERATIONS: readonly AnyOperation[] = [
  listEventTypes,
  defineEventType,
  getEventType,
  changeEventType,
  deleteEventType,
]

/** API keys, sessions and signing keys. */
export const ACCESS: readonly AnyOperation[] = [
  listSigningKeys,
  rotateSigningKey,
  createKey,
  listKeys,
  revokeKey,
  listSessions,
  revokeSession,
  revokeAllSessions,
]

export const SETTINGS_OPERATIONS: readonly AnyOperation[] = [getSettings, changeSettings, getStorage, getStats]

export const IMPORTS: readonly AnyOperation[] = [listImports, getImport, cancelImport]

export const MESSAGES: readonly AnyOperation[] = [listMessages, getMessage, getDelivery, retryDelivery]

export const SOURCES: readonly AnyOperation[] = [
  createSource,
  listSources,
  getSource,
  changeSource,
  deleteSource,
  getSourceSecret,
  rotateSourceSecret,
  rotateSourceUrl,
  sendSampleToSource,
  replaySource,
  previewTemplate,
]

export const INBOUND: readonly AnyOperation[] = [
  listInbound,
  getInbound,
  getInboundHar,
  compareInbound,
  deleteInbound,
  explainVerification,
  getInboundBody,
  replayInbound,
]

export const OPERATIONS = [
  ENTRIES,
  ENDPOINTS,
  REPLAYS,
  BOOKS,
  EVENT_TYPE_OPERATIONS,
  ACCESS,
  SETTINGS_OPERATIONS,
  IMPORTS,
  MESSAGES,
  SOURCES,
  INBOUND,
].flat()
