import type { AnyOperation } from '../../kit/operation'
import { changeSettings } from './access/change-settings'
import { createKey } from './access/create-key'
import { getSettings } from './access/get-settings'
import { getStats } from './access/get-stats'
import { getStorage } from './access/get-storage'
import { listKeys } from './access/list-keys'
import { listSessions } from './access/list-sessions'
import { listSigningKeys } from './access/list-signing-keys'
import { revokeAllSessions } from './access/revoke-all-sessions'
import { revokeKey } from './access/revoke-key'
import { revokeSession } from './access/revoke-session'
import { rotateSigningKey } from './access/rotate-signing-key'
import { addPicture } from './books/add-picture'
import { banGuest } from './books/ban-guest'
import { changeBook } from './books/change'
import { changePicture } from './books/change-picture'
import { createBook } from './books/create'
import { deleteBook } from './books/delete'
import { getBook } from './books/get'
import { listBooks } from './books/list'
import { listBans } from './books/list-bans'
import { listPictures } from './books/list-pictures'
import { removeBan } from './books/remove-ban'
import { removeButton } from './books/remove-button'
import { removePicture } from './books/remove-picture'
import { restoreBook } from './books/restore'
import { cancelReplay } from './deliveries/cancel'
import { getReplay } from './deliveries/get'
import { listReplays } from './deliveries/list'
import { discardDeliveries, resendDeliveries } from './deliveries/select'
import { startReplayTo } from './deliveries/start'
import { changeEndpoint } from './endpoints/change'
import { createEndpoint } from './endpoints/create'
import { deleteEndpoint } from './endpoints/delete'
import { disableEndpoint } from './endpoints/disable'
import { duplicateEndpoint } from './endpoints/duplicate'
import { enableEndpoint } from './endpoints/enable'
import { getEndpoint } from './endpoints/get'
import { getEndpointSecret } from './endpoints/get-secret'
import { listEndpoints } from './endpoints/list'
import { listDeliveriesTo } from './endpoints/list-deliveries'
import { previewMessage } from './endpoints/preview'
import { rotateEndpointSecret } from './endpoints/rotate-secret'
import { testEndpoint } from './endpoints/send-test'
import { shakeHandsWithEndpoint } from './endpoints/shake-hands'
import { tryEndpoint } from './endpoints/try'
import { changeEventType } from './event-types/change'
import { defineEventType } from './event-types/define'
import { deleteEventType } from './event-types/delete'
import { getEventType } from './event-types/get'
import { listEventTypes } from './event-types/list'
import { cancelImport } from './imports/cancel'
import { getImport } from './imports/get'
import { listImports } from './imports/list'
import { compareInbound } from './inbound/compare'
import { deleteInbound } from './inbound/delete'
import { explainVerification } from './inbound/explain'
import { getInbound } from './inbound/get'
import { getInboundBody } from './inbound/get-body'
import { getInboundHar } from './inbound/get-har'
import { listInbound } from './inbound/list'
import { replayInbound } from './inbound/replay'
import { getMessage } from './messages/get'
import { getDelivery } from './messages/get-delivery'
import { listMessages } from './messages/list'
import { retryDelivery } from './messages/retry'
import { createPullToken } from './pull-tokens/create'
import { revokePullToken } from './pull-tokens/revoke'
import { changeSource } from './sources/change'
import { createSource } from './sources/create'
import { deleteSource } from './sources/delete'
import { getSource } from './sources/get'
import { getSourceSecret } from './sources/get-secret'
import { listSources } from './sources/list'
import { previewTemplate } from './sources/preview'
import { replaySource } from './sources/replay'
import { rotateSourceSecret } from './sources/rotate-secret'
import { rotateSourceUrl } from './sources/rotate-url'
import { sendSampleToSource } from './sources/send-sample'

/* The operations, in the order of the API document. The first route that fits a request gets it. */

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

export const EVENT_TYPES: readonly AnyOperation[] = [
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

export const SETTINGS: readonly AnyOperation[] = [getSettings, changeSettings, getStorage, getStats]

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
  ENDPOINTS,
  REPLAYS,
  BOOKS,
  EVENT_TYPES,
  ACCESS,
  SETTINGS,
  IMPORTS,
  MESSAGES,
  SOURCES,
  INBOUND,
].flat()
