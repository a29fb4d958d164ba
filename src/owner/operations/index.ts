import type { AnyOperation } from '../../kit/operation'
import { createKey, listKeys, revokeKey } from './access/keys'
import { listSessions, revokeAllSessions, revokeSession } from './access/sessions'
import { changeSettings, getSettings } from './access/settings'
import { listSigningKeys, rotateSigningKey } from './access/signing-keys'
import { getStats } from './access/stats'
import { getStorage } from './access/storage'
import { banGuest, listBans, removeBan } from './books/bans'
import { changeBook, createBook, deleteBook, getBook, listBooks, restoreBook } from './books/books'
import { cancelImport, getImport, listImports } from './books/imports'
import { addPicture, changePicture, listPictures, removeButton, removePicture } from './books/pictures'
import {
  changeEndpoint,
  createEndpoint,
  deleteEndpoint,
  duplicateEndpoint,
  getEndpoint,
  listEndpoints,
} from './endpoints/endpoints'
import { disableEndpoint, enableEndpoint, listDeliveriesTo, tryEndpoint } from './endpoints/health'
import { cancelReplay, getReplay, listReplays, startReplayTo } from './endpoints/replays'
import { createPullToken, getEndpointSecret, revokePullToken, rotateEndpointSecret } from './endpoints/secrets'
import { previewMessage, shakeHandsWithEndpoint, testEndpoint } from './endpoints/testing'
import { changeEventType, defineEventType, deleteEventType, getEventType, listEventTypes } from './messages/event-types'
import { getDelivery, getMessage, listMessages, retryDelivery } from './messages/messages'
import { deleteInbound, explainVerification, replayInbound } from './sources/request-acts'
import { compareInbound, getInbound, getInboundBody, getInboundHar, listInbound } from './sources/requests'
import { getSourceSecret, rotateSourceSecret, rotateSourceUrl } from './sources/secrets'
import { changeSource, createSource, deleteSource, getSource, listSources } from './sources/sources'
import { previewTemplate, replaySource, sendSampleToSource } from './sources/testing'

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

export const REPLAYS: readonly AnyOperation[] = [listReplays, getReplay, cancelReplay]

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
