import { RETENTION } from '../../kit/sweep/retention-setting'
import { REGISTRATION } from '../../webhooks/registration/mode'

/** The general settings, by their names. The API, the audit log, exports and restores follow from their rows. */
export const GENERAL_SETTINGS = { registration: REGISTRATION, retention: RETENTION } as const
