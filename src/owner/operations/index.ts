import type { AnyOperation } from '../../kit/operation'
import { changeEndpoint } from './endpoints/change'
import { createEndpoint } from './endpoints/create'
import { createPullToken } from './endpoints/create-pull-token'
import { deleteEndpoint } from './endpoints/delete'
import { disableEndpoint } from './endpoints/disable'
import { enableEndpoint } from './endpoints/enable'
import { getEndpoint } from './endpoints/get'
import { getEndpointSecret } from './endpoints/get-secret'
import { listEndpoints } from './endpoints/list'
import { listDeliveriesTo } from './endpoints/list-deliveries'
import { previewMessage } from './endpoints/preview'
import { revokePullToken } from './endpoints/revoke-pull-token'
import { rotateEndpointSecret } from './endpoints/rotate-secret'
import { testEndpoint } from './endpoints/send-test'
import { shakeHandsWithEndpoint } from './endpoints/shake-hands'
import { cancelReplay } from './replays/cancel'
import { getReplay } from './replays/get'
import { listReplays } from './replays/list'
import { startReplayTo } from './replays/start'

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
  testEndpoint,
  shakeHandsWithEndpoint,
  listDeliveriesTo,
  startReplayTo,
  createPullToken,
  revokePullToken,
]

export const REPLAYS: readonly AnyOperation[] = [listReplays, getReplay, cancelReplay]
